"""Which files are to be copied, and where to: folders walked, links left alone, nothing ever overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dronecheck.errors import UsageError
from dronecheck.safe.io import as_meant, meant, plain

__all__ = ["ToScrub", "files_to_scrub", "refuse_places"]

_FILES_AT_MOST = 100_000
_MADE_OF_FILM = frozenset((".lrf", ".lrv", ".thm"))  # small films and pictures that cameras write beside a film


@dataclass(frozen=True, slots=True)
class ToScrub:
    """The files to copy, by path, and those of the same shots that are not among them."""

    files: tuple[Path, ...]
    beside: tuple[Path, ...]


def files_to_scrub(paths: Sequence[Path]) -> ToScrub:
    """Return the files of `paths`, folders walked. Raises UsageError where there is no such path, or very many files.

    A file that is named brings its small film and thumbnail; what else has its name is told.
    """
    files: dict[str, Path] = {}  # by place: one file may be named twice
    named: list[Path] = []
    for path in map(as_meant, paths):
        if not os.path.lexists(path):
            raise UsageError(f"{plain(path)}: no such file{meant(path)}")
        is_folder = path.is_dir() and not path.is_symlink()
        for file in _below(path) if is_folder else [path]:
            files.setdefault(os.path.abspath(file), file)
            if len(files) > _FILES_AT_MOST:
                raise UsageError(f"{plain(path)} holds more than {_FILES_AT_MOST} files; name folders below it")
        if not is_folder:
            named.append(path)
    beside: dict[str, Path] = {}
    for other in (other for path in named for other in _of_same_shot(path)):
        found = files if other.suffix.lower() in _MADE_OF_FILM else beside
        found.setdefault(os.path.abspath(other), other)
    left = [other for place, other in beside.items() if place not in files]
    return ToScrub(tuple(sorted(files.values())), tuple(sorted(left)))


def _below(folder: Path) -> Iterator[Path]:
    """Give the files of a folder and of those below; what cannot be listed is itself given."""
    troubles = list[Path]()
    for here, folders, files in os.walk(folder, onerror=lambda error: troubles.append(Path(error.filename))):
        yield from (Path(here, name) for name in files)
        yield from (Path(here, name) for name in folders if Path(here, name).is_symlink())
    yield from troubles


def _of_same_shot(path: Path) -> list[Path]:
    """Return the other files of a name's stem beside it, and of the whole name: what was written of the same shot."""
    stems = (path.stem.casefold(), path.name.casefold())
    try:
        others = [
            other for other in path.parent.iterdir() if other.stem.casefold() in stems and other.name != path.name
        ]
    except OSError:
        return []
    return [other for other in others if other.is_file()]


def refuse_places(paths: Sequence[Path], files: Sequence[Path], out: Path) -> None:
    """Raise UsageError where copies in `out` would lie among the inputs, or take the name of anything."""
    if out.is_symlink():
        raise UsageError(f"{plain(out)} is a link; name the folder itself")
    if os.path.lexists(out) and not out.is_dir():
        raise UsageError(f"{plain(out)} is a file, not a folder")
    if not out.parent.is_dir():
        raise UsageError(f"cannot make the folder {plain(out)}: there is no folder {plain(out.parent)}")
    place = out.resolve()
    for path in map(as_meant, paths):
        if path.is_dir() and place.is_relative_to(path.resolve()):
            raise UsageError(f"{plain(out)} lies in {plain(path)}; name a folder outside it for the copies")
    names: dict[str, Path] = {}
    for path in files:
        other = names.setdefault(path.name.casefold(), path)
        if other is not path:
            raise UsageError(
                f"{plain(other)} and {plain(path)} would have one name in {plain(out)}; scrub them into two folders"
            )
        if os.path.lexists(out / path.name):
            raise UsageError(
                f"{plain(out / path.name)} is there already, and copies overwrite nothing; name another folder"
            )
