"""What a double click starts: the page to drop files on, with the files that were dragged onto the program's icon.

With a command (`dronecheck check ...`) it is the command line.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command that was typed, or the page."""
    multiprocessing.freeze_support()  # a worker process is this program once more
    _give_back_libraries()
    from dronecheck.__main__ import main as command_line

    if all(Path(word).exists() for word in sys.argv[1:]):
        sys.argv.insert(1, "app")
    command_line()


def _give_back_libraries() -> None:
    """Let a browser that is opened find the system's libraries, not ours, where PyInstaller has it look."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    elif getattr(sys, "frozen", False):
        os.environ.pop("LD_LIBRARY_PATH", None)


if __name__ == "__main__":
    main()
