"""Where the keys of an encrypted record may lie: where the user says, beside the record, in the user's data folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from dronecheck.errors import UsageError
from dronecheck.readers.dji_txt.keys.keychain import Keychains, parse_keychains
from dronecheck.safe.data_files import library_folder
from dronecheck.safe.io import Input, plain

__all__ = ["FOLDER", "SUFFIX", "key_files", "read_keys", "saved_keys"]

SUFFIX = ".keychains.json"  # behind the record's name without its own ending
FOLDER = "dji-keychains"  # in the user's data folder: files named by the SHA-256 of the record
_MOST_BYTES = 4 << 20


def saved_keys(source: Input) -> Iterator[tuple[str, str, Keychains]]:
    """Yield the keys that may be a record's, the likeliest first: the file's name, its SHA-256, what it holds.

    Raises UsageError for a file that holds no keys, or cannot be read.
    """
    beside = source.path.stem + SUFFIX
    given = source.keys
    if given is not None and not given.is_dir():
        yield read_keys(given)
    folder = library_folder() / FOLDER
    places = [source.path.parent / beside, folder / f"{source.sha256}.json"]
    for path in [given / beside, *places] if given is not None and given.is_dir() else places:
        if _is_file(path):
            yield read_keys(path)


def key_files(place: Path) -> list[Path]:
    """Return the files of keys that a file or a folder means. Raises UsageError where there is neither."""
    if not place.is_dir():
        return [place]
    try:
        return sorted(path for path in place.iterdir() if path.name.endswith(SUFFIX) and _is_file(path))
    except OSError as error:
        raise UsageError(f"--dji-keychain {plain(place)}: {plain(error.strerror or error)}") from None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def read_keys(path: Path) -> tuple[str, str, Keychains]:
    """Return a file's name, its SHA-256 and the keys in it. Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{plain(path)}: {plain(error.strerror or error)}") from None
    return plain(path.name), sha256(data).hexdigest(), parse_keychains(data, path.name)
