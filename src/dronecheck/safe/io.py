"""Every byte in and out: bounded reading with hashes, atomic writing, and text made safe for a terminal."""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.messages import Message

__all__ = [
    "MAP_ABOVE_BYTES",
    "Input",
    "as_meant",
    "file_name",
    "hash_file",
    "make_folder",
    "meant",
    "open_input",
    "plain",
    "refuse_overwriting",
    "write_atomic",
    "written_anew",
    "written_whole",
]

MAP_ABOVE_BYTES = 64 << 20  # smaller files are read whole; a mapped file truncated underneath kills the process
HEAD_BYTES = 64 << 10
_PRIVATE_PREFIX = b"dronecheck/hide-home/file\0"
_LONGEST_NAME = 150  # bytes; file systems take 255, and suffixes follow

_KINDS = (
    (stat.S_ISDIR, "a directory", "name the log files in it"),
    (stat.S_ISCHR, "a device", "name a log file"),
    (stat.S_ISBLK, "a block device", "make an image of it first and name the log file inside"),
    (stat.S_ISFIFO, "a pipe", "save it to a file first"),
    (stat.S_ISSOCK, "a socket", "name a log file"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """A file opened read-only, hashed. `data` holds the whole content (bytes, or a read-only map when large).

    `keys` is where its user keeps what decrypts it, a file or a folder; None where nothing was said.
    """

    path: Path
    data: bytes | mmap.mmap
    sha256: str
    keys: Path | None = None

    @property
    def name(self) -> str:
        """Return the file's name without its folder (a hint for readers; the content decides)."""
        return self.path.name

    @property
    def size_bytes(self) -> int:
        """Return the length of the content (bytes)."""
        return len(self.data)

    @property
    def private_digest(self) -> str:
        """Return a digest of the content that no output shows, hex: SHA-256 with a prefix of its own."""
        digest = hashlib.sha256(_PRIVATE_PREFIX)
        digest.update(self.data)
        return digest.hexdigest()

    @property
    def head(self) -> bytes:
        """Return the first 64 KiB, for sniffing."""
        return bytes(self.data[:HEAD_BYTES])


def open_input(path: Path, keys: Path | None = None) -> Input:
    """Open, read (or map) and hash a regular file; never follows anything but the path given.

    `keys` is kept for whoever decrypts it.

    Raises UsageError when there is no such file or it may not be read, UnreadableInput when it is no regular
    file or empty.
    """
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer that never comes.
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise UsageError(f"{plain(path)}: no such file{meant(path)}") from None
    except IsADirectoryError:
        raise UnreadableInput("not_a_file", f"a directory; {_KINDS[0][2]}") from None
    except PermissionError:
        # Windows answers so for a directory, too.
        if path.is_dir():
            raise UnreadableInput("not_a_file", f"a directory; {_KINDS[0][2]}") from None
        raise UsageError(f"{plain(path)}: no permission to read it") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{plain(path)}: cannot be opened ({plain(error)})") from None
    status = os.fstat(fd)
    for is_kind, what, advice in _KINDS:
        if is_kind(status.st_mode):
            os.close(fd)
            raise UnreadableInput("not_a_file", f"{what}; {advice}")
    with os.fdopen(fd, "rb") as handle:
        if status.st_size == 0:
            raise UnreadableInput("empty", "an empty file (0 bytes); nothing was recorded or the copy failed")
        if status.st_size > MAP_ABOVE_BYTES:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()  # in pieces: a film's map would fill the memory
            return Input(path, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ), sha256, keys)
        data = handle.read()
    return Input(path, data, hashlib.sha256(data).hexdigest(), keys)


def as_meant(path: Path) -> Path:
    """Return the file that a name means: where there is none of that name, one without quotes, or of an address."""
    name = str(path)
    if os.path.lexists(path):
        return path
    if _is_quoted(name):
        other = Path(name[1:-1])
    elif name.startswith("file:/"):  # as a browser shows it; Path has made one slash of several
        from urllib.request import url2pathname  # 40 ms

        other = Path(url2pathname("/" + name.removeprefix("file:").lstrip("/")))
    else:
        return path
    return other if other.exists() else path


def _is_quoted(name: str) -> bool:
    return len(name) > 2 and (name[0], name[-1]) in (("'", "'"), ('"', '"'), ("\u2018", "\u2019"), ("\u201c", "\u201d"))


def meant(path: str | Path) -> str:
    """Return what to do about a name that is an address, or that a file manager put in quotes; "" for others."""
    name = str(path)
    if name.startswith(("file:/", "file:\\")):
        return "; a path is wanted, no address: leave out file:// (and write %20 as a space)"
    if _is_quoted(name):
        return "; the quotes are taken for a part of the name: leave them out"
    return ""


def hash_file(path: Path) -> str:
    """Return the SHA-256 of the file as it is on disk now, hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def refuse_overwriting(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raise UsageError when an output is one of the inputs, by whatever name or link: evidence is never written to."""
    kept = list(inputs)
    for output in outputs:
        for path in kept:
            try:
                same = output.samefile(path)
            except OSError:
                continue  # one of them does not exist: nothing to destroy
            if same:
                raise UsageError(f"{plain(output)} is the input {plain(path)}; name another file to write")


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises UsageError when the place cannot be written."""
    with written_whole(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` to write to; left without an error it is synced and takes the name.

    A device or a pipe is written to and not replaced. Raises UsageError when the place cannot be written; then, and
    after any other error, nothing is left.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with _poured_into(path) as temporary:
            yield temporary
        return
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {plain(path)}: there is no folder {plain(path.parent)}")
    try:
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        os.close(fd)
    except OSError as error:
        raise UsageError(f"cannot write {plain(path)}: {plain(error.strerror or error)}") from None
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"cannot write {plain(path)}: {plain(error.strerror or error)}") from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def written_anew(path: Path, *, replaces: bool = False) -> Iterator[Path]:
    """Give a temporary file beside `path` that its owner alone may read; left without an error it takes the name.

    A name that is there already, also as a link, is replaced only by who says so: UsageError. After any error nothing
    is left.
    """
    taken = f"{plain(path)} is there already and is not overwritten"
    try:
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")  # mode 0600, O_EXCL
        os.close(fd)
    except OSError as error:
        raise UsageError(f"cannot write {plain(path)}: {plain(error.strerror or error)}") from None
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        if replaces:
            os.replace(temporary, path)
            return
        try:
            os.link(temporary, path)  # fails where there is the name, as a rename would not
        except FileExistsError:
            raise UsageError(taken) from None
        except OSError:  # a memory card knows no links: the name is taken first
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                os.replace(temporary, path)
            except OSError:
                path.unlink()
                raise
    except FileExistsError:
        raise UsageError(taken) from None
    except OSError as error:
        raise UsageError(f"cannot write {plain(path)}: {plain(error.strerror or error)}") from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _poured_into(path: Path) -> Iterator[Path]:
    """Give a temporary file elsewhere, whose bytes then go into what is no regular file."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / "content"
        temporary.touch()
        yield temporary
        try:
            with temporary.open("rb") as content, path.open("wb") as handle:
                shutil.copyfileobj(content, handle)
        except OSError as error:
            raise UsageError(f"cannot write {plain(path)}: {plain(error.strerror or error)}") from None


def make_folder(path: Path) -> None:
    """Make a folder for output, the last level only: a mistyped path builds no tree. Raises UsageError."""
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{plain(path)} is a file, not a folder") from None
    except OSError as error:
        raise UsageError(f"cannot make the folder {plain(path)}: {plain(error.strerror or error)}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def file_name(text: str) -> str:
    """Return a name for an output file or folder made of an input's: no separator, no leading dot, at most 150 bytes.

    Letters and digits of every script stay, and so do spaces and `-_.()`; `...ulg` has the stem `..`, and a folder of
    that name would be the one above.
    """
    kept = "".join(char if char.isalnum() or char in " -_.()" else "_" for char in text)
    short = kept.encode("utf-8", "ignore")[:_LONGEST_NAME].decode("utf-8", "ignore").strip(" ")
    return short if short.strip(".") and not short.startswith((".", "-")) else f"_{short.lstrip('.-')}"


@overload
def plain(text: Message, limit: int = 300) -> Message: ...
@overload
def plain(text: object, limit: int = 300) -> str: ...
def plain(text: object, limit: int = 300) -> str:
    """Return text from a file made safe to print: control, bidirectional and unpaired characters become escapes."""
    shown = text if isinstance(text, Message) else str(text)  # a message keeps its parts
    if len(shown) <= limit and shown.isascii() and shown.isprintable():
        return shown
    out = []
    for char in shown[: limit + 1]:
        code = ord(char)
        hostile = (
            code < 32 or 127 <= code < 160 or 0xD800 <= code < 0xE000
            or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in (0x200E, 0x200F, 0x2028, 0x2029)
        )  # fmt: skip
        out.append(f"\\x{code:02x}" if hostile and code < 256 else f"\\u{code:04x}" if hostile else char)
    result = "".join(out[:limit])
    result += "…" if len(out) > limit else ""
    if isinstance(shown, Message):
        return shown if result == shown else Message(result)
    return result
