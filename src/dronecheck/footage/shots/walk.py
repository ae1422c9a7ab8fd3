"""Which files are footage, and which of them are one shot: a photo with its raw file, a film with its subtitles.

| files of one name in one folder | the main file |
|---|---|
| JPG, HEIC, PNG beside DNG, GPR, TIFF | the picture |
| MP4, MOV beside LRF, LRV, THM, SRT | the film |
| all pictures of a folder below PANORAMA | the first |
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dronecheck.errors import UsageError
from dronecheck.media.model import MediaKind
from dronecheck.media.reader import kind_of
from dronecheck.safe.io import as_meant, plain

__all__ = ["ShotFiles", "Walked", "shots_in"]

MOST_FILES = 100_000
_PANORAMA = "panorama"
_MAIN_FIRST = (
    ".jpg", ".jpeg", ".heic", ".heif", ".avif", ".png", ".webp", ".mp4", ".mov", ".360", ".osv", ".insv",
    ".dng", ".gpr", ".tif", ".tiff", ".lrf", ".lrv", ".thm", ".srt",
)  # fmt: skip
_BESIDE = (".srt", ".xmp", ".trinf", ".scr", ".thm", ".lrf", ".lrv")  # of no use without their main file, but subtitles


@dataclass(frozen=True, slots=True)
class ShotFiles:
    """One photo, film or panorama: its main file, and what lies beside it; `label` is its path below what was named."""

    path: Path
    label: str
    siblings: tuple[Path, ...] = ()

    @property
    def is_panorama(self) -> bool:
        """Tell whether its files are pictures of their own, taken one after the other."""
        return _is_of_panorama(self.path)


@dataclass(frozen=True, slots=True)
class Walked:
    """The shots of all that was named, in the order of their paths, and how many other files lay beside them."""

    shots: tuple[ShotFiles, ...]
    others: int


def shots_in(paths: Sequence[Path]) -> Walked:
    """Return the shots of files and folders; folders are walked. Raises UsageError where there is no such file."""
    labels, rest = dict[Path, str](), list[Path]()
    for path in map(as_meant, paths):
        if not path.is_dir():
            if not path.exists():
                raise UsageError(f"{plain(path)}: no such file")
            labels.setdefault(path, path.name)
            continue
        for file in _below(path):
            if _is_footage(file):
                labels.setdefault(file, file.relative_to(path).as_posix())
            else:
                rest.append(file)
            if len(labels) > MOST_FILES:
                raise UsageError(f"{plain(path)} holds more than {MOST_FILES} photos and films; name folders below it")
    shots = tuple(_grouped(labels))
    beside = {path for shot in shots for path in shot.siblings}
    return Walked(shots, sum(path not in beside for path in rest))


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those below, by name; links to folders are not followed."""
    for here, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(here, name) for name in sorted(files))


def _is_footage(path: Path) -> bool:
    """Tell whether a file is footage, by its name or its first bytes: one of such a name that is none is told, too.

    But not what a Mac writes beside each file on a card: its names begin with a dot.
    """
    if path.name.startswith("._"):
        return False
    if path.suffix.lower() in _MAIN_FIRST:
        return True
    try:
        with path.open("rb") as file:
            return kind_of(file.read(64)) is not MediaKind.UNKNOWN
    except OSError:
        return False


def _grouped(labels: Mapping[Path, str]) -> Iterator[ShotFiles]:
    """Yield the shots of files, each in the place of the first of its files."""
    groups: dict[tuple[str, str], list[Path]] = {}
    for path in labels:
        groups.setdefault(_key(path), []).append(path)
    for files in groups.values():
        main, *others = sorted(files, key=_rank)
        yield ShotFiles(main, labels[main], tuple(sorted({*others, *_sidecars(main)} - {main})))


def _key(path: Path) -> tuple[str, str]:
    """Return what the files of one shot share."""
    if _is_of_panorama(path):
        return str(path.parent.parent), path.parent.name
    return str(path.parent), path.stem.casefold()


def _is_of_panorama(path: Path) -> bool:
    return path.parent.parent.name.casefold() == _PANORAMA


def _rank(path: Path) -> tuple[int, str]:
    suffix = path.suffix.lower()
    return (_MAIN_FIRST.index(suffix) if suffix in _MAIN_FIRST else len(_MAIN_FIRST)), path.name


def _sidecars(main: Path) -> list[Path]:
    """Return what lies beside a file that was named, and speaks of it under its name."""
    found = list[Path]()
    for suffix in _BESIDE:
        for name in (main.stem + suffix, main.stem + suffix.upper(), main.name + suffix):
            beside = main.with_name(name)
            if beside.is_file() and not any(other.samefile(beside) for other in found):
                found.append(beside)
    return found
