"""What both command lines need of the terminal."""

from __future__ import annotations

import io
import sys


def use_utf8() -> None:
    """Print UTF-8 whatever the locale: cp936 has no way to write a rare character, and would fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
