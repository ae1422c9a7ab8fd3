"""What readers of footage write into, and what makes sense of it reads from: fields with their places, and issues."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from dronecheck.containers.source import Bytes
from dronecheck.issues import Code, Issue, Severity
from dronecheck.media.model import FilmTrack, MediaField
from dronecheck.messages import Message

__all__ = ["FieldsByName", "Harvest"]

FIELDS_AT_MOST = 100_000
TEXT_AT_MOST_CHARS = 1 << 16
PATH_AT_MOST_CHARS = 500
_ASIDE = ("preview", "trailer")  # pictures within the picture: told, never deciding


class Harvest:
    """Everything that one file says. Paths of pictures within it begin with, or contain, `preview[n]`."""

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self.fields: list[MediaField] = []
        self.films: list[FilmTrack] = []  # camera tracks, the best first
        self.width_px: int | None = None
        self.height_px: int | None = None
        self.duration_s: float | None = None
        self.is_truncated = False
        self.previews = 0
        self.worst_dop = 0.0  # of the positions of a film that are used
        self._issues: dict[tuple[Code, str], Issue] = {}

    def add(self, path: str, value: object, offset: int, length: int) -> None:
        """Take a value as it is written, at [offset, offset + length)."""
        if len(self.fields) >= FIELDS_AT_MOST:
            self.note(
                Code.LIMIT_REACHED, Severity.WARNING,
                Message("more than {count} fields; the rest was not read", count=FIELDS_AT_MOST), offset,
            )  # fmt: skip
            return
        if isinstance(value, str):
            value = value[:TEXT_AT_MOST_CHARS]
        self.fields.append(MediaField(path[:PATH_AT_MOST_CHARS], value, offset, length))

    def note(self, code: Code, severity: Severity, message: Message, offset: int | None = None) -> None:
        """Note an issue; one that is there already is counted, and keeps its first place."""
        known = self._issues.get((code, message))
        self._issues[code, message] = (
            replace(known, count=known.count + 1) if known else Issue(code, severity, message, offset)
        )

    def cut_at(self, offset: int) -> None:
        """Note that the file ends inside something."""
        self.is_truncated = True
        self.note(Code.TRUNCATED, Severity.DAMAGE, Message("the file ends inside a part that it began"), offset)

    def broken_at(self, offset: int) -> None:
        """Note bytes that cannot be what they are said to be."""
        self.note(Code.BAD_RECORD, Severity.DAMAGE, Message("entries that cannot be right, not used"), offset)

    def capped_at(self, offset: int) -> None:
        """Note that something is nested or repeated beyond what any camera writes."""
        text = Message("nested or repeated beyond what any camera writes; not read any further")
        self.note(Code.LIMIT_REACHED, Severity.WARNING, text, offset)

    def absorb(self, inner: Harvest, place: int) -> None:
        """Take what was read from bytes that were unpacked or joined; `place` is where they stand in the file."""
        for one in inner.fields:
            self.add(one.path, one.value, place, 0)
        for issue in inner.issues:
            self.note(issue.code, issue.severity, issue.message, place)

    def preview_path(self, prefix: str) -> str | None:
        """Return the path for the next picture within this one, None when there are too many of them."""
        if self.previews >= 64 or prefix.count("preview[") >= 3:
            return None
        self.previews += 1
        name = f"preview[{self.previews - 1}]"
        return f"{prefix}/{name}" if prefix else name

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return what was noted, in the order of the first of each."""
        return tuple(self._issues.values())


class FieldsByName:
    """The fields of a file by name. Names are the end of a path, in any case: `GPS/GPSLatitude`."""

    def __init__(self, fields: list[MediaField]) -> None:
        self._by_name: dict[str, list[MediaField]] = defaultdict(list)
        self._by_local: dict[str, list[MediaField]] = defaultdict(list)
        self._by_path: dict[str, list[MediaField]] = defaultdict(list)
        for one in fields:
            name = one.path.rpartition("/")[2].lower()
            self._by_name[name].append(one)
            self._by_local[name.rpartition(":")[2]].append(one)
            self._by_path[one.path.lower()].append(one)

    def every(self, *names: str, aside: bool = False) -> Iterator[MediaField]:
        """Give the fields of these names, in the order of the names; of pictures within the picture if `aside`."""
        for name in names:
            end = name.lower()
            for one in self._by_name.get(end.rpartition("/")[2], ()):
                path = re.sub(r"\[\d+\]", "", one.path.lower())  # a second directory counts as the first
                if (path == end or path.endswith(f"/{end}")) and aside == _is_aside(one):
                    yield one

    def every_local(self, *names: str) -> Iterator[MediaField]:
        """Give the fields of these names whatever their prefix (`exif:GPSStatus`), not of pictures within."""
        for name in names:
            yield from (one for one in self._by_local.get(name.lower(), ()) if not _is_aside(one))

    def first(self, *names: str) -> MediaField | None:
        """Return the first field of these names with a value that is not empty."""
        return next((one for one in self.every(*names) if one.value not in (None, "", b"", ())), None)

    def text(self, *names: str) -> str | None:
        """Return the first of these as text, stripped; None without one."""
        found = self.first(*names)
        return str(found.value).strip() or None if found is not None else None

    def beside(self, one: MediaField, name: str) -> MediaField | None:
        """Return the field of that name in the same group as another, the first of several."""
        return next(iter(self.all_beside(one, name)), None)

    def all_beside(self, one: MediaField, name: str) -> list[MediaField]:
        """Return the fields of that name in the same group as another: a tag may stand there twice."""
        return self._by_path.get(f"{one.path.rpartition('/')[0]}/{name}".lstrip("/").lower(), [])


def _is_aside(one: MediaField) -> bool:
    path = one.path.lower()
    return any(f"{part}[" in path or path.startswith(part) for part in _ASIDE)
