"""What holds for all tests: their order, and that none leaves another program behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

# Minutes each: they come first, so that no process is left alone with one of them at the end.
_LONGEST = ("test_quality.py", "browser/test_search.py", "browser/test_library.py", "browser/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(item.config.rootpath / "tests").as_posix()
        return next((n for n, part in enumerate(_LONGEST) if path.startswith(part)), len(_LONGEST))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """Streamlit's AppTest leaves its script as `__main__`, which processes that a test starts would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
