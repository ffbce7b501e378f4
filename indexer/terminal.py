"""What both command lines share: settings from options, errors as a line, exit statuses."""

from __future__ import annotations

import argparse
import io
import sys

from indexer.errors import XunzhangError
from indexer.settings import load_settings

# Options that are settings, by their names on the command line.
_SETTINGS = {
    "index": "index_dir",
    "url": "url",
    "collection": "collection",
    "model": "model",
    "dim": "dim",
    "device": "device",
    "user_dict": "user_dict",
    "password": "document_password",
    "ocr": "ocr",
    "rerank_model": "rerank_model",
    "rerank_candidates": "rerank_candidates",
    "per_document": "hits_per_document",
}


# What kind of error ended a command of this process: a program that runs one within itself, such as the
# UI's background process, tells it in a reader's own words.
ended_by: list[str] = []


def run(options: argparse.Namespace) -> int:
    """Run `options.run(options, settings)`.

    Returns:
        The exit status: the command's own; 1 for an error, which is told in a line; 130 for Ctrl-C.
    """
    _use_utf8()
    given = {setting: getattr(options, option, None) for option, setting in _SETTINGS.items()}
    try:
        return int(options.run(options, load_settings(**given)))
    except (XunzhangError, OSError) as error:
        ended_by.append(type(error).__name__)
        print(f"error: {_told(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _told(error: Exception) -> str:
    """Python's own message on a file is made for programmers: [Errno 2] …"""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}; is the path right, and are you allowed to use it?"
    return str(error)


def _use_utf8() -> None:
    """Print UTF-8 whatever the locale: cp936 has no way to write a rare character, and would fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
