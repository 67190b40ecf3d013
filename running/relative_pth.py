"""Make the paths in the .pth files of editable packages relative to their directory.

Python before 3.13 reads these files in the encoding of the locale, and does not start if it cannot: with LC_ALL=C, an
absolute path must not contain characters outside ASCII.

Usage: python running/relative_pth.py SITE_PACKAGES
"""

import os
import sys
from pathlib import Path


def main(site_packages: Path) -> None:
    """Rewrite the lines that are absolute paths of existing directories."""
    for file in site_packages.glob("*.pth"):
        lines = [os.fsdecode(line) for line in file.read_bytes().splitlines()]
        relative = [os.path.relpath(line, site_packages) if Path(line).is_absolute() else line for line in lines]
        if relative != lines:
            file.write_bytes(b"".join(os.fsencode(line) + b"\n" for line in relative))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
