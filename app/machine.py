"""What this machine is, as far as the system tells."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any


def cpu_name() -> str:
    """The processor's name; empty where it can't be told."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def memory_bytes() -> int | None:
    """All memory, free or not; None where the system does not say, such as on Windows."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def gpu_name() -> str | None:
    """The NVIDIA GPU that torch sees; None too where nothing has imported torch, which takes seconds."""
    torch: Any = sys.modules.get("torch")
    try:
        return str(torch.cuda.get_device_name()) if torch and torch.cuda.is_available() else None
    except Exception:  # half imported by a thread that loads the model, or a driver that fails
        return None
