"""Make sure that the browser tests have their browser: Debian's chromium, and a Chinese font.

Run by `make test`. Installs them where apt-get may be used, else says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-noto-cjk")


def main() -> int:
    if shutil.which("chromium"):
        return 0
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"installing {' and '.join(PACKAGES)} for the browser tests")
        subprocess.run(["apt-get", "update", "-q"], check=True)
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        return 0
    print(
        "the browser tests need chromium on the PATH; install it first, on Debian or Ubuntu with\n"
        f"    sudo {' '.join(install)}\n"
        'or leave them out: .venv/bin/python -m pytest -m "not browser"',
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
