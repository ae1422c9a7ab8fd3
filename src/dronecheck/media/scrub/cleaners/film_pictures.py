"""What the coded pictures and sounds of a film hold beside them: overwritten where it can be found, else refused."""

from __future__ import annotations

from dronecheck.arrays import Ints
from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.samples import FilmSamples, TrackHead
from dronecheck.containers.source import Bytes
from dronecheck.media.scrub.cleaners.film_boxes import PICTURE_CODINGS, SOUND_CODINGS
from dronecheck.media.scrub.cleaners.nal_units import NalCoding, clean_setup, has_letters, patches_of_sample
from dronecheck.media.scrub.parts import NoCopy
from dronecheck.messages import Message

__all__ = ["STILL_CODINGS", "beside_the_picture"]

STILL_CODINGS = frozenset(("jpeg", "mjpa", "mjpb", "png ", "tiff", "gif ", "JPEG"))  # each a photo of its own
_SETUPS = (b"avcC", b"hvcC")
_PICTURE_ENTRY_BYTES = 86
_OF_UNITS = frozenset(("avc1", "avc2", "avc3", "avc4", "hvc1", "hev1", "dvh1", "dvhe", "dva1", "dvav", "H264"))
# Without compression, or nearly so: letters are colours and loudness there.
_PLAIN = frozenset(
    ("raw ", "2vuy", "yuv2", "v210", "rle ", "twos", "sowt", "lpcm", "ipcm", "fpcm", "in24", "in32", "fl32", "fl64",
     "alaw", "ulaw", "ima4", "alac", "fLaC", "NONE", "QDM2", "QDMC")
)  # fmt: skip


def beside_the_picture(
    data: Bytes, walk: BoxWalk, head: TrackHead, samples: FilmSamples, held: Ints
) -> list[tuple[int, bytes]]:
    """Return what is to be written over messages among a track's pictures, with its places.

    Raises NoCopy where a text stands in them that cannot be taken out.
    """
    found: list[tuple[int, bytes]] = []
    coding = _coding(data, walk, head) if head.coding in _OF_UNITS else None
    if coding is not None:
        for at, length in zip(samples.offset.tolist(), samples.length.tolist(), strict=True):
            found += patches_of_sample(data, at, at + length, coding) or ()
    is_known = head.coding.encode("latin-1") in PICTURE_CODINGS | SOUND_CODINGS  # of others there will be no copy
    if is_known and head.coding not in _PLAIN | STILL_CODINGS:
        gone = sorted((at, at + len(patch)) for at, patch in found)
        if any(has_letters(data, start, end, gone) for start, end in held.tolist()):
            raise NoCopy(Message("a text stands in its coded picture or sound that cannot be taken out"))
    return found


def _coding(data: Bytes, walk: BoxWalk, head: TrackHead) -> NalCoding | None:
    """Return how the samples of a track are made of units, by the setup in its description; None without one."""
    path = f"{head.box.path}/mdia/minf/stbl/stsd"
    for stsd in (box for box in walk.boxes if box.path == path):
        for entry in walk_boxes(data, stsd.body + 8, stsd.end).boxes:
            if "/" not in entry.path:
                setups = walk_boxes(data, entry.start + _PICTURE_ENTRY_BYTES, entry.end).boxes
                return next((known for box in setups if (known := _of_setup(data, box)) is not None), None)
    return None


def _of_setup(data: Bytes, box: Box) -> NalCoding | None:
    found = clean_setup(data, box.kind, box.body, box.end) if box.kind in _SETUPS else None
    return found[0] if found is not None else None
