"""Films in place: picture and sound stay byte for byte where they are, all else becomes zeros (ISO/IEC 14496-12).

The copy has the size of the film, so that every table that finds a sample stays right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.samples import FilmSamples, TrackHead, read_samples, track_heads
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.film_boxes import KEPT_IN, Patches, kept_boxes, kept_bytes
from dronecheck.media.scrub.cleaners.jpeg import is_bare_jpeg
from dronecheck.media.scrub.cleaners.spans import merged, without
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, Taken, laid_over_zeros
from dronecheck.messages import Message

__all__ = ["clean_film"]

_TRACKS_AT_MOST = 64
_INDEX_AT_MOST_BYTES = 64 << 20
_LONGEST_FILM_S = 10 * 365 * 86_400.0  # live streams count the time of their fragments from 1970
_STILL_CODINGS = frozenset(("jpeg", "mjpa", "mjpb", "png ", "tiff", "gif ", "JPEG"))
_STILL_MARKS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")

Patch = tuple[int, Taken | bytes]


@dataclass(frozen=True, slots=True)
class _Tracks:
    """What stays and what goes, by the path of each track's box."""

    kept: dict[str, TrackHead]
    samples: dict[str, FilmSamples]

    @property
    def numbers(self) -> frozenset[int]:
        """Return the numbers of the tracks that stay."""
        return frozenset(head.number for head in self.kept.values())

    def handler_at(self, path: str) -> str | None:
        """Return what the track is that a box belongs to, None if it goes, "" for boxes of no track."""
        if not path.startswith("moov/trak["):
            return ""
        head = self.kept.get(path[: path.index("]") + 1])
        return head.handler if head else None


def clean_film(data: Bytes, *, keep_time: bool) -> CleanCopy:
    """Return the copy of a film; with `keep_time` the head of the film tells its times. Raises NoCopy."""
    walk = walk_boxes(data)
    _refuse_damage(data, walk)
    notices: list[Message] = []
    tracks = _tracks_of(data, walk, notices)
    patches = _samples_that_stay(data, walk, tracks, notices)
    patches += _boxes_that_stay(data, walk, tracks, keep_time=keep_time)
    return CleanCopy(laid_over_zeros(patches, len(data)), tuple(notices))


def _refuse_damage(data: Bytes, walk: BoxWalk) -> None:
    index = [box for box in walk.boxes if box.path in ("moov", "moov[1]")]
    if not index:
        raise NoCopy(Message("its index (moov) is not there: the recording was not finished, or the file is cut"))
    if len(index) > 1:
        raise NoCopy(Message("it has more than one index"))
    if index[0].size > _INDEX_AT_MOST_BYTES:
        raise NoCopy(Message("its index is larger than any camera writes"))
    if walk.is_too_deep or walk.is_too_many:
        raise NoCopy(Message("nested or repeated beyond what any camera writes"))
    if any(box.path.startswith(("moov", "moof")) for box in walk.cut):
        raise NoCopy(Message("it is damaged: a part claims more bytes than there are"))


def _tracks_of(data: Bytes, walk: BoxWalk, notices: list[Message]) -> _Tracks:
    """Choose the tracks of picture and sound; still pictures beside a film are covers with metadata of their own."""
    heads = track_heads(data, walk)
    if len(heads) > _TRACKS_AT_MOST:
        raise NoCopy(Message("nested or repeated beyond what any camera writes"))
    samples = {head.box.path: read_samples(data, walk, head) for head in heads}
    films = [head for head in heads if head.handler == "vide" and not _is_still(data, head, samples)]
    stills = [head for head in heads if head.handler == "vide" and head not in films]
    kept = films or stills
    if not films and not all(_is_bare(data, samples[head.box.path]) for head in stills):
        raise NoCopy(Message("its pictures are photos that may hold metadata of their own"))
    kept = [*kept, *(head for head in heads if head.handler == "soun")]
    if any(bool(np.any(samples[head.box.path].time_s > _LONGEST_FILM_S)) for head in kept):
        raise NoCopy(Message("its parts count their time from a year: each tells when it was taken"))
    if any(head.handler == "soun" for head in kept):
        notices.append(Message("its sound stays: voices can be heard"))
    if not kept:
        notices.append(Message("it has neither picture nor sound: its copy is empty"))
    if any(samples[head.box.path].is_cut for head in kept):
        notices.append(Message("it is cut: the copy has what is left of picture and sound"))
    return _Tracks({head.box.path: head for head in kept}, samples)


def _is_still(data: Bytes, head: TrackHead, samples: dict[str, FilmSamples]) -> bool:
    found = samples[head.box.path]
    first = bytes(data[int(found.offset[0]) : int(found.offset[0]) + 4]) if len(found) else b""
    return head.coding in _STILL_CODINGS or first.startswith(_STILL_MARKS)


def _is_bare(data: Bytes, samples: FilmSamples) -> bool:
    places = zip(samples.offset.tolist(), samples.length.tolist(), strict=True)
    return all(is_bare_jpeg(data, at, at + length) for at, length in places)


def _samples_that_stay(data: Bytes, walk: BoxWalk, tracks: _Tracks, notices: list[Message]) -> list[Patch]:
    """Return the spans that samples of picture and sound cover. Raises NoCopy where what must go lies in them."""
    spans = _covered([tracks.samples[path] for path in tracks.kept])
    gone = _covered([samples for path, samples in tracks.samples.items() if path not in tracks.kept])
    apart = without(spans, gone)
    rooms = [(box.body, box.end) for box in walk.boxes if box.kind == b"mdat" and "/" not in box.path]
    starts, ends = (np.array([room[side] for room in rooms], np.int64) for side in (0, 1))
    at = np.searchsorted(starts, apart[:, 0], side="right") - 1
    is_in = (at >= 0) & (apart[:, 1] <= ends[at]) if len(rooms) else np.zeros(len(apart), np.bool_)
    if not is_in.all() or len(apart) != len(spans) or np.any(apart != spans):
        if not any(tracks.samples[path].is_cut for path in tracks.kept):
            raise NoCopy(Message("its tables say that picture or sound lie over data that would have to go"))
        notices.append(Message("what its tables do not clearly call picture or sound was emptied"))
    return [(start, Taken(start, end)) for start, end in apart[is_in].tolist()]


def _covered(several: Sequence[FilmSamples]) -> Ints:
    """Return the spans that samples cover, shape (n, 2)."""
    spans = [np.stack([one.offset, one.offset + one.length], axis=1) for one in several]
    return merged(np.concatenate([np.zeros((0, 2), np.int64), *spans]))


def _boxes_that_stay(data: Bytes, walk: BoxWalk, tracks: _Tracks, *, keep_time: bool) -> list[Patch]:
    numbers = {box.path.rpartition("/")[0]: unsigned(data, box.body + 4, 4) for box in walk.of(b"tfhd")}

    def stays(box: Box) -> bool:
        is_of_track = tracks.handler_at(box.path) is not None
        return is_of_track and (box.kind != b"traf" or numbers.get(box.path) in tracks.numbers)

    def content(box: Box) -> Patches:
        return kept_bytes(data, box, tracks.handler_at(box.path) or "", keep_time=keep_time)

    return list(kept_boxes(data, walk, KEPT_IN, stays, content))
