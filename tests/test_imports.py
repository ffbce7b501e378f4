"""Who may import whom; see the layout in README.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(file):
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def offenders(folder, packages, allowed=()):
    return [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not any(file.is_relative_to(ROOT / part) for part in allowed)
        for module in imports(file)
        if module.split(".")[0] in packages
    ]


@pytest.mark.parametrize(
    ("folder", "packages", "allowed"),
    [
        ("indexer", {"app", "streamlit"}, ()),
        ("indexer", {"qdrant_edge", "qdrant_client"}, ("indexer/store",)),
        ("app", {"qdrant_edge", "qdrant_client", "torch", "sentence_transformers"}, ()),
        ("indexer", {"torch", "sentence_transformers", "transformers"}, ("indexer/embedding",)),
        ("app", {"streamlit"}, ("app/views", "app/resources.py")),
    ],
)
def test_each_package_stays_behind_its_door(folder, packages, allowed):
    assert offenders(folder, packages, allowed) == []
