"""Films in place: picture and sound stay byte for byte where they are, all else becomes zeros (ISO/IEC 14496-12).

The copy has the size of the film, so that every table that finds a sample stays right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.samples import SAMPLES_AT_MOST, FilmSamples, TrackHead, read_samples, track_heads
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.film_boxes import KEPT_IN, Patches, kept_boxes, kept_bytes
from dronecheck.media.scrub.cleaners.film_pictures import STILL_CODINGS, beside_the_picture
from dronecheck.media.scrub.cleaners.jpeg import other_than_picture
from dronecheck.media.scrub.cleaners.sound import even_sound
from dronecheck.media.scrub.cleaners.spans import merged, without
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, Taken, laid_over_zeros
from dronecheck.messages import Message

__all__ = ["clean_film"]

_TRACKS_AT_MOST = 64
_INDEX_AT_MOST_BYTES = 64 << 20
_LONGEST_FILM_S = 10 * 365 * 86_400.0  # live streams count the time of their fragments from 1970
_STILL_MARKS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")

_NONE: Ints = np.zeros((0, 2), np.int64)

Patch = tuple[int, Taken | bytes]


@dataclass(frozen=True, slots=True)
class _Tracks:
    """What stays and what goes, by the path of each track's box."""

    kept: dict[str, TrackHead]
    spans: Ints  # of picture and sound, (n, 2)
    over: tuple[tuple[int, bytes], ...]  # what is written over parts of the picture that show nothing
    gone: Ints  # of the samples of all other tracks, (n, 2)
    is_cut: bool  # the tables of what stays claim more than the file holds

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
    samples = [read_samples(data, walk, head) for head in heads]
    are_still = [_is_still(data, head, one) for head, one in zip(heads, samples, strict=True)]
    has_film = any(head.handler == "vide" and not is_still for head, is_still in zip(heads, are_still, strict=True))
    kept: dict[str, TrackHead] = {}
    spans, gone, over, is_cut = [_NONE], [_NONE], list[tuple[int, bytes]](), False
    for head, one, is_still in zip(heads, samples, are_still, strict=True):
        if head.handler not in ("vide", "soun") or (is_still and has_film):
            gone.append(_covered(one))
            continue
        kept[head.box.path] = head
        held, is_shorter = _held(data, walk, head, one)
        spans.append(without(held, _within_stills(data, one)) if is_still else held)
        is_cut |= is_shorter
        over += beside_the_picture(data, walk, head, one, held)
    if any(head.handler == "soun" for head in kept.values()):
        notices.append(Message("its sound stays: voices can be heard"))
    if not kept:
        notices.append(Message("it has neither picture nor sound: its copy is empty"))
    if is_cut:
        notices.append(Message("it is cut: the copy has what is left of picture and sound"))
    return _Tracks(kept, merged(np.concatenate(spans)), tuple(over), merged(np.concatenate(gone)), is_cut)


def _held(data: Bytes, walk: BoxWalk, head: TrackHead, samples: FilmSamples) -> tuple[Ints, bool]:
    """Return the spans of a track that stays, shape (n, 2), and whether it is cut. Raises NoCopy."""
    if np.any(samples.time_s > _LONGEST_FILM_S):
        raise NoCopy(Message("its parts count their time from a year: each tells when it was taken"))
    even = even_sound(data, walk, head) if head.handler == "soun" else None
    if even is not None:
        return even
    if len(samples) >= SAMPLES_AT_MOST:
        raise NoCopy(Message("nested or repeated beyond what any camera writes"))
    return _covered(samples), samples.is_cut


def _is_still(data: Bytes, head: TrackHead, samples: FilmSamples) -> bool:
    """Tell whether a track of pictures is one of photos."""
    first = bytes(data[int(samples.offset[0]) : int(samples.offset[0]) + 4]) if len(samples) else b""
    return head.handler == "vide" and (head.coding in STILL_CODINGS or first.startswith(_STILL_MARKS))


def _within_stills(data: Bytes, samples: FilmSamples) -> Ints:
    """Return what does not decode photos that are a film's pictures, shape (n, 2). Raises NoCopy for other photos."""
    spans: list[tuple[int, int]] = []
    for at, length in zip(samples.offset.tolist(), samples.length.tolist(), strict=True):
        if bytes(data[at : at + 3]) != b"\xff\xd8\xff":
            raise NoCopy(Message("its pictures are photos that may hold metadata of their own"))
        spans += other_than_picture(data, at, at + length)
    return merged(spans)


def _samples_that_stay(data: Bytes, walk: BoxWalk, tracks: _Tracks, notices: list[Message]) -> list[Patch]:
    """Return the spans that samples of picture and sound cover. Raises NoCopy where what must go lies in them."""
    spans, apart = tracks.spans, without(tracks.spans, tracks.gone)
    rooms = [(box.body, box.end) for box in walk.boxes if box.kind == b"mdat" and "/" not in box.path]
    starts, ends = (np.array([room[side] for room in rooms], np.int64) for side in (0, 1))
    at = np.searchsorted(starts, apart[:, 0], side="right") - 1
    is_in = (at >= 0) & (apart[:, 1] <= ends[at]) if len(rooms) else np.zeros(len(apart), np.bool_)
    if not is_in.all() or len(apart) != len(spans) or np.any(apart != spans):
        if not tracks.is_cut:
            raise NoCopy(Message("its tables say that picture or sound lie over data that would have to go"))
        notices.append(Message("what its tables do not clearly call picture or sound was emptied"))
    kept = apart[is_in]
    over = [(at, patch) for at, patch in tracks.over if _lies_in(kept, at, at + len(patch))]
    if over:
        text = Message("what its coder wrote beside the picture (SEI) is overwritten; the picture is the same")
        notices.append(text)
    left = without(kept, merged([(at, at + len(patch)) for at, patch in over]))
    return [*((start, Taken(start, end)) for start, end in left.tolist()), *over]


def _lies_in(spans: Ints, start: int, end: int) -> bool:
    number = int(np.searchsorted(spans[:, 0], start, side="right")) - 1
    return number >= 0 and end <= int(spans[number, 1])


def _covered(samples: FilmSamples) -> Ints:
    return merged(np.stack([samples.offset, samples.offset + samples.length], axis=1))


def _boxes_that_stay(data: Bytes, walk: BoxWalk, tracks: _Tracks, *, keep_time: bool) -> list[Patch]:
    numbers = {box.path.rpartition("/")[0]: unsigned(data, box.body + 4, 4) for box in walk.of(b"tfhd")}

    def stays(box: Box) -> bool:
        is_of_track = tracks.handler_at(box.path) is not None
        return is_of_track and (box.kind != b"traf" or numbers.get(box.path) in tracks.numbers)

    def content(box: Box) -> Patches:
        return kept_bytes(data, box, tracks.handler_at(box.path) or "", keep_time=keep_time)

    return list(kept_boxes(data, walk, KEPT_IN, stays, content))
