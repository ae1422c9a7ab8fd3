"""`dronecheck app --shortcut`: dronecheck in the desktop's menu, where the files of a log can be opened with it."""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path

from dronecheck.errors import UsageError
from dronecheck.safe.io import plain, write_atomic

__all__ = ["add_shortcut"]


def add_shortcut() -> list[Path]:
    """Write the entry of the menu and its icon into the user's own folder; what was written. Raises UsageError.

    By freedesktop.org's Desktop Entry Specification 1.5; the command is named by its whole path, for a menu does not
    search where `uv tool install` and `pipx` put it.
    """
    if not sys.platform.startswith("linux"):
        raise UsageError("app --shortcut: on Linux only; elsewhere pin the program, or make a link to `dronecheck app`")
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = home / "applications" / "dronecheck.desktop"
    icon = home / "icons" / "hicolor" / "scalable" / "apps" / "dronecheck.svg"
    folder = files("dronecheck") / "cli" / "page"
    lines = (folder / "dronecheck.desktop").read_text("utf-8")
    for path, text in ((icon, (folder / "dronecheck.svg").read_text("utf-8")), (entry, _of_this_program(lines))):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"app --shortcut: {plain(path.parent)}: {error.strerror}") from None
        write_atomic(path, text.encode())
    return [entry, icon]


def _of_this_program(entry: str) -> str:
    """Return the entry with the command that this program was started by."""
    program = Path(sys.argv[0]).absolute()
    command = [str(program)] if program.name != "__main__.py" else [sys.executable, "-m", "dronecheck"]
    return entry.replace("Exec=dronecheck ", f"Exec={' '.join(map(_quoted, command))} ")


def _quoted(word: str) -> str:
    """Quote an argument of Exec: the specification's reserved characters are escaped, and the key's own backslash."""
    for character in '\\"`$':
        word = word.replace(character, "\\" + character)
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'
