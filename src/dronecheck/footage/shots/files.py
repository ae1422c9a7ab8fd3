"""The files of a shot read: each says what it says by itself, and none that cannot be read stops another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import ClockSource, Flight
from dronecheck.footage.shots.contradictions import contradictions
from dronecheck.footage.shots.walk import ShotFiles
from dronecheck.issues import Code, Issue, Severity
from dronecheck.media import read
from dronecheck.media.model import CaptureTime, FilmTrack, MediaItem, MediaKind
from dronecheck.messages import Message
from dronecheck.readers import read_input
from dronecheck.readers.film.texts import film_of_subtitles, with_film, with_texts
from dronecheck.safe.io import Input, open_input, plain
from dronecheck.timebase import ns_of, utc_of

__all__ = ["ShotRead", "read_shot"]

Opener = Callable[[Path], Input]

_CLOCK_SIGMA_S = 2.0  # of a camera's clock whose zone is known
_SAYS_PLACES = "axis_order"  # subtitles with places of which nobody can tell which figure is which
_MAY_SAY_NOTHING = (".srt", ".xmp", ".trinf", ".scr", ".thm")  # beside a film or picture: words, settings, thumbnails


@dataclass(frozen=True, eq=False)
class ShotRead:
    """What the files of a shot say. `item` is None where the main file could not be read, and `failure` says why.

    `issues` are of the files together: where they contradict each other, and which could not be read. `apart_m` is how
    far their places are apart at worst. A file whose place is not sure to be the film's is `doubted`, by its name;
    `unread` are pictures and films beside the main one that nobody can judge.
    """

    files: ShotFiles
    item: MediaItem | None
    siblings: tuple[MediaItem, ...] = ()
    failure: tuple[str, str] | None = None  # code, message
    issues: tuple[Issue, ...] = ()
    apart_m: float = 0.0
    doubted: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[MediaItem, ...]:
        """Return all files that could be read, the main one first."""
        return (*([self.item] if self.item is not None else []), *self.siblings)


def read_shot(files: ShotFiles, ahead_h: float | None = None, opened: Opener = open_input) -> ShotRead:
    """Read the files of a shot; none that cannot be read stops another.

    `ahead_h` is how far its clock is ahead of UTC, hours, where the user knows it; `opened` opens a file.
    """
    item, failure = _read_or_why(files.path, ahead_h, opened)
    siblings, unread, issues = list[MediaItem](), list[str](), list[Issue]()
    for path in files.siblings:
        sibling, why = _read_or_why(path, ahead_h, opened)
        if sibling is not None:
            siblings.append(sibling)
        elif why is not None and (path.suffix.lower() not in _MAY_SAY_NOTHING or why[0] == _SAYS_PLACES):
            text = Message("{name} could not be read: {why}", name=plain(path.name, 100), why=why[1])
            issues.append(Issue(Code.BAD_RECORD, Severity.DAMAGE, text))
            unread += [] if why[0] == _SAYS_PLACES else [path.name]
    if item is None:
        return _without_main(files, failure, siblings, issues, unread)
    found = contradictions(item, [] if files.is_panorama else siblings)
    if item.film is None and item.kind is MediaKind.MP4:
        item = _with_film_beside(item, siblings)
    return ShotRead(
        files, item, tuple(siblings), None, (*found.issues, *issues), found.apart_m, found.doubted, tuple(unread)
    )


def _without_main(
    files: ShotFiles, failure: tuple[str, str] | None, siblings: list[MediaItem], issues: list[Issue], unread: list[str]
) -> ShotRead:
    """Return a shot whose main file cannot be read: what lies beside it and says a place speaks for it, if any does."""
    placed = [one for one in siblings if one.position is not None]
    if not placed or failure is None:
        return ShotRead(files, None, tuple(siblings), failure, tuple(issues), unread=tuple(unread))
    first, lost = placed[0], files.path.name
    path = next(path for path in files.siblings if path.name == first.name)
    label = PurePosixPath(files.label).with_name(first.name).as_posix()
    beside = tuple(other for other in (files.path, *files.siblings) if other != path)
    text = Message("{name} could not be read: {why}", name=plain(lost, 100), why=plain(failure[1]))
    rest = [one for one in siblings if one is not first]
    found = contradictions(first, [] if files.is_panorama else rest)
    return ShotRead(
        ShotFiles(path, label, beside), first, tuple(rest), None,
        (*found.issues, Issue(Code.BAD_RECORD, Severity.DAMAGE, text), *issues), found.apart_m, found.doubted,
        (lost, *unread),
    )  # fmt: skip


def _read_or_why(path: Path, ahead_h: float | None, opened: Opener) -> tuple[MediaItem | None, tuple[str, str] | None]:
    """Return what a file says, or code and words of why it cannot be read."""
    try:
        return _in_zone(_read(opened(path)), ahead_h), None
    except UnreadableInput as error:
        return None, (error.code, error.message)
    except UsageError as error:
        return None, ("cannot_be_opened", plain(error))


def _with_film_beside(item: MediaItem, siblings: list[MediaItem]) -> MediaItem:
    """Return a film that says no place of its own with the way that its subtitles tell."""
    beside = next((s.film for s in siblings if s.kind is MediaKind.SUBTITLES and s.film is not None), None)
    return with_film(item, beside) if beside is not None else item


def _in_zone(item: MediaItem, ahead_h: float | None) -> MediaItem:
    """Return an item whose clock's digits are read in a zone that the user knows; what states UTC keeps it."""
    time = item.time
    if ahead_h is None or time is None or time.utc_ns is not None or not time.local:
        return item
    try:
        utc = datetime.fromisoformat(time.local).replace(tzinfo=UTC) - timedelta(hours=ahead_h)
    except ValueError:
        return item
    offset_s = round(3600 * ahead_h)
    return replace(item, time=replace(time, utc_ns=ns_of(utc), offset_s=offset_s, sigma_s=_CLOCK_SIGMA_S))


def _read(source: Input) -> MediaItem:
    path = source.path
    if path.suffix.lower() != ".srt":
        return with_texts(source, read(source))
    flight = read_input(source)
    film = film_of_subtitles(flight, bytes(source.data))
    item = MediaItem(
        path.name, source.size_bytes, source.sha256, MediaKind.SUBTITLES, model=flight.vehicle.model or None,
        time=_camera_clock(flight, film), issues=flight.issues,
    )  # fmt: skip
    return with_film(item, film) if film is not None else item


def _camera_clock(flight: Flight, film: FilmTrack | None) -> CaptureTime | None:
    """Return what the camera's clock showed when the film began, by its subtitles; None without such a clock."""
    if film is None or flight.clock.source is not ClockSource.VEHICLE:
        return None
    begin_ns = int(flight.track.time_ns[0]) - round(float(film.time_s[0]) * 1e9)
    return CaptureTime(None, utc_of(begin_ns).replace(tzinfo=None).isoformat(), None, None, film.source)
