"""The files below folders, of globs and by name, as a scan finds them: everything, whatever it is called."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from dronecheck.audit.ledger import Found
from dronecheck.errors import UsageError
from dronecheck.safe.io import meant, plain

__all__ = ["find"]


def find(places: list[str], leave_out: Path) -> Iterator[Found]:
    """Yield every file of the places, one at a time; nothing below `leave_out` (the audit's own folder).

    A folder is walked, links to folders in it are not followed. What cannot be looked at, and what is no regular file,
    comes with its `trouble`. Raises UsageError for a place that is not there.
    """
    own = leave_out.resolve()
    for place in places:
        for name in _expanded(place):
            path = Path(os.path.abspath(name))  # no resolve: the user's own path, links and all
            if path.is_dir():
                yield from _walk(os.fsencode(path), os.fsencode(path), own)
            else:
                yield from _file(os.fsencode(path), os.fsencode(path.parent))


def _expanded(place: str) -> list[str]:
    if os.path.lexists(place):
        return [place]
    found = sorted(glob.glob(place, recursive=True, include_hidden=True)) if glob.has_magic(place) else []
    if not found:
        what = "nothing matches it" if glob.has_magic(place) else "no such file or folder"
        raise UsageError(f"{plain(place)}: {what}{meant(place)}")
    return found


def _walk(folder: bytes, top: bytes, own: Path) -> Iterator[Found]:
    """Walk depth first with a list of its own: folders may lie deeper than the stack of calls."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield _found(here, top, 0, 0, f"the folder cannot be listed ({plain(error.strerror or error)})")
            continue
        folders = []
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                if Path(os.fsdecode(entry.path)).resolve() != own:
                    folders.append(entry.path)
            elif not (entry.is_symlink() and entry.is_dir()):
                yield from _file(entry.path, top)
        waiting += reversed(folders)


def _file(path: bytes, top: bytes) -> Iterator[Found]:
    try:
        status = os.stat(path)
    except OSError as error:
        yield _found(path, top, 0, 0, plain(error.strerror or error))
        return
    if stat.S_ISREG(status.st_mode):
        yield _found(path, top, status.st_size, status.st_mtime_ns, "")
    else:
        yield _found(path, top, 0, status.st_mtime_ns, "no regular file, but a pipe, a socket or a device")


def _found(path: bytes, top: bytes, size: int, mtime_ns: int, trouble: str) -> Found:
    name = os.path.relpath(path, top).replace(os.sep.encode(), b"/")
    return Found(path, plain(os.fsdecode(top), 4000), plain(os.fsdecode(name), 4000), size, mtime_ns, trouble)
