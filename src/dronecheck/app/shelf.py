"""The folder of one session: files as they come, each in a folder of its own under its own name; gone with the session.

Only its owner may look into it. A lock held while the process lives tells a folder in use from one that a killed
process left behind, which the next start removes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from dronecheck.errors import UsageError
from dronecheck.safe.io import file_name, plain

__all__ = ["FILE_AT_MOST_BYTES", "MOST_FILES", "Shelf", "Shelved", "TooMuch", "own_name", "sweep"]

FILE_AT_MOST_BYTES = 2 << 30
SESSION_AT_MOST_BYTES = 16 << 30
MOST_FILES = 5_000
_PREFIX, _LOCK = "dronecheck-app-", "lock"
_LONGEST_NAME_BYTES, _LONGEST_PATH_CHARS = 255, 1_000
_NEW_S = 60.0  # between a folder and its lock there is a moment
_NOT_IN_NAMES = '<>:"|?*' if os.name == "nt" else ""


class TooMuch(Exception):
    """What is sent does not fit: a status of HTTP (413, 507), and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, slots=True)
class Shelved:
    """One file on the shelf. `name` and `folder` are the user's own words for it; `path` is where it lies.

    `held` are the ranges [begin, end) that are there of a film of which only parts are looked at; None: all of it.
    `need` are those that are waited for.
    """

    id: str
    name: str
    folder: str
    path: Path
    size: int
    kind: str = "unknown"
    title: str = ""
    sha256: str | None = None
    note: str | None = None
    held: tuple[tuple[int, int], ...] | None = None
    need: tuple[tuple[int, int], ...] = ()
    is_own: bool = True  # lies in the session's folder, and goes with it

    def told(self) -> dict[str, object]:
        """Return what the page is told of it: never where it lies."""
        told: dict[str, object] = {
            "id": self.id, "name": plain(self.name), "path": plain(self.folder, _LONGEST_PATH_CHARS),
            "size": self.size, "sha256": self.sha256, "kind": self.kind, "title": self.title, "note": self.note,
        }  # fmt: skip
        if self.held is not None:
            told["need"] = [[begin, end - begin] for begin, end in self.need]
            told["held"] = sum(end - begin for begin, end in self.held)
        return told


class Shelf:
    """The files of a session, by id. Raises UsageError where no folder can be made."""

    def __init__(self, within: Path | None = None) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))  # mode 0700
        except OSError as error:
            raise UsageError(f"no folder for this session can be made: {plain(error.strerror or error)}") from None
        self._lock_file = _locked(self.folder / _LOCK)
        self._files: dict[str, Shelved] = {}
        self._promised = 0  # bytes of uploads that are still coming
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Shelved]:
        with self._lock:
            return iter(list(self._files.values()))

    def get(self, id_: str) -> Shelved:
        """Return a file. Raises KeyError."""
        with self._lock:
            return self._files[id_]

    def take(self, name: str, folder: str, size: int, pieces: Iterable[bytes]) -> Shelved:
        """Write a file as it comes; one that is cut leaves nothing. Raises TooMuch, and what `pieces` raises."""
        with self._room(size):
            path = self._place(name)
            digest = hashlib.sha256()
            try:
                with _created(path) as file:
                    for piece in pieces:
                        digest.update(piece)
                        file.write(piece)
                return self._kept(Shelved("", name, folder, path, size, sha256=digest.hexdigest()))
            except BaseException as error:
                shutil.rmtree(path.parent, ignore_errors=True)
                if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                    raise TooMuch(507, f"it cannot be kept here: {plain(error.strerror or error)}") from None
                raise

    def begin_film(self, name: str, folder: str, size: int) -> Shelved:
        """Make a place for the parts of a film: a file as long as the film, with nothing in it. Raises TooMuch."""
        with self._room(0):
            path = self._place(name)
            try:
                with _created(path) as file:
                    file.truncate(size)
            except OSError as error:
                shutil.rmtree(path.parent, ignore_errors=True)
                raise TooMuch(507, f"it cannot be kept here: {plain(error.strerror or error)}") from None
            return self._kept(Shelved("", name, folder, path, size, kind="film", held=()))

    def fill(self, id_: str, pieces: Iterable[bytes]) -> Shelved:
        """Write the ranges of a film that are waited for, one after the other. Raises KeyError, TooMuch."""
        film = self.get(id_)
        coming = iter(pieces)
        rest = b""
        with film.path.open("r+b") as file:
            for begin, end in film.need:
                file.seek(begin)
                left = end - begin
                while left:
                    rest = rest or next(coming, b"")
                    if not rest:
                        raise TooMuch(400, "fewer bytes than the ranges that were asked for")
                    file.write(rest[:left])
                    left, rest = left - len(rest[:left]), rest[left:]
        return self.change(id_, held=_joined((*(film.held or ()), *film.need)), need=())

    def adopt(self, path: Path, folder: str) -> Shelved:
        """Put a file of this machine that the command line named on the shelf: it stays where it is."""
        return self._kept(Shelved("", path.name, folder, path.absolute(), path.stat().st_size, is_own=False))

    def change(self, id_: str, **changes: object) -> Shelved:
        """Note more about a file. Raises KeyError."""
        with self._lock:
            self._files[id_] = replace(self._files[id_], **changes)  # type: ignore[arg-type]
            return self._files[id_]

    def drop(self, id_: str) -> None:
        """Take a file off the shelf, and away if it is the session's own. Raises KeyError."""
        with self._lock:
            gone = self._files.pop(id_)
        if gone.is_own:
            shutil.rmtree(gone.path.parent, ignore_errors=True)

    def work_folder(self, name: str) -> Path:
        """Make a folder for something that is put together of files."""
        folder = self.folder / name / secrets.token_hex(6)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def close(self) -> None:
        """Remove the session's folder with all that is in it."""
        for _ in range(3):  # a worker that was just killed may have had a file open (Windows)
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break
            self._lock_file.close()
            time.sleep(0.1)
        self._lock_file.close()

    def _kept(self, made: Shelved) -> Shelved:
        made = replace(made, id=made.path.parent.name if made.is_own else secrets.token_hex(8))
        with self._lock:
            self._files[made.id] = made
        return made

    def _place(self, name: str) -> Path:
        folder = self.folder / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return folder / own_name(name)

    @contextmanager
    def _room(self, size: int) -> Iterator[None]:
        """Keep room for a file that is coming. Raises TooMuch."""
        with self._lock:
            held = sum(file.size for file in self._files.values() if file.is_own and file.held is None)
            if len(self._files) >= MOST_FILES:
                raise TooMuch(413, f"{MOST_FILES:,} files are the most that one session takes; dronecheck audit does")
            if size > FILE_AT_MOST_BYTES:
                raise TooMuch(413, f"larger than {FILE_AT_MOST_BYTES >> 30} GB; use dronecheck check in a terminal")
            if held + self._promised + size > SESSION_AT_MOST_BYTES:
                raise TooMuch(413, f"more than {SESSION_AT_MOST_BYTES >> 30} GB in one session; remove some files")
            if shutil.disk_usage(self.folder).free < 2 * (size + self._promised):
                raise TooMuch(507, "there is not enough free space on the disk of this computer's temporary folder")
            self._promised += size
        try:
            yield
        finally:
            with self._lock:
                self._promised -= size


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return ranges in their order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def own_name(name: str) -> str:
    """Return the name that a file is kept under: its own where that is the name of a file and nothing else."""
    is_plain = (
        name.strip(". ") != ""
        and not any(char in "/\\\0" or char in _NOT_IN_NAMES or ord(char) < 32 for char in name)
        and len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME_BYTES
        and name.encode("utf-8", "replace").decode() == name
    )
    return name if is_plain else file_name(name)


def sweep(within: Path | None = None) -> int:
    """Remove folders of sessions whose process is no more, and return how many there were."""
    removed = 0
    for folder in (within or Path(tempfile.gettempdir())).glob(_PREFIX + "*"):
        with suppress(OSError):
            status = folder.lstat()
            if not folder.is_dir() or folder.is_symlink() or (os.name == "posix" and status.st_uid != os.getuid()):
                continue
            lock = folder / _LOCK
            if not lock.exists():
                if time.time() - status.st_mtime < _NEW_S:
                    continue
            else:
                _locked(lock, make=False).close()
            shutil.rmtree(folder, ignore_errors=True)
            removed += not folder.exists()
    return removed


def _locked(path: Path, *, make: bool = True) -> IO[bytes]:
    """Open a file and hold its lock as long as it is open. Raises OSError where another process holds it."""
    file = open(path, "xb" if make else "r+b")  # noqa: SIM115
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that was not there, for its owner alone."""
    fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(fd, "wb") as file:
        yield file
