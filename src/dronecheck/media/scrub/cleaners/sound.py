"""Where sound of one size a sample lies, chunk by chunk (QuickTime File Format, Sound Media).

Uncompressed sound is tabled as samples of one byte in old films, whatever they take: the description says it.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.containers.boxes import BoxWalk
from dronecheck.containers.samples import TrackHead, chunk_runs
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.parts import NoCopy
from dronecheck.messages import Message

__all__ = ["even_sound"]

_PLAIN = frozenset((b"raw ", b"twos", b"sowt", b"NONE", b"lpcm", b"ipcm", b"fpcm"))
_BYTES_OF = {b"in24": 3, b"in32": 4, b"fl32": 4, b"fl64": 8, b"alaw": 1, b"ulaw": 1}
_IMA4 = (34, 64)  # bytes a channel, samples


def even_sound(data: Bytes, walk: BoxWalk, head: TrackHead) -> tuple[Ints, bool] | None:
    """Return the spans of a track's chunks, shape (n, 2), and whether some of them are cut.

    None for samples of several sizes, and for films in fragments: there each sample tells where it is. Raises
    NoCopy where chunks would lie over each other: then it cannot be told what is sound.
    """
    table = {box.kind: box for box in walk.boxes if box.path.startswith(f"{head.box.path}/mdia/minf/stbl/")}
    tabled = unsigned(data, table[b"stsz"].body + 4, 4) if b"stsz" in table else 0
    if not tabled or b"stsd" not in table or any(walk.of(b"moof")):
        return None
    starts, counts = chunk_runs(data, walk, head)
    is_iso = unsigned(data, table[b"stsd"].body, 1) == 1
    size, samples = _size_of(data, table[b"stsd"].body + 8, is_iso=is_iso)
    length = np.maximum(counts * min(tabled, len(data)), -(-counts * min(size, len(data)) // samples))
    spans = np.stack([starts, np.minimum(starts + length, len(data))], axis=1)
    spans = spans[np.argsort(starts, kind="stable")]
    spans = spans[spans[:, 1] > spans[:, 0]]
    if (spans[:-1, 1] > spans[1:, 0]).any():
        raise NoCopy(Message("its tables say that picture or sound lie over data that would have to go"))
    return spans, bool((starts + length > len(data)).any())


def _size_of(data: Bytes, entry: int, *, is_iso: bool) -> tuple[int, int]:
    """Return how many bytes so many samples of all channels take; (0, 1) where the table of sizes holds."""
    coding = bytes(data[entry + 4 : entry + 8])
    version = 0 if is_iso else unsigned(data, entry + 16, 2)
    channels, bits = unsigned(data, entry + 24, 2), unsigned(data, entry + 26, 2)
    if coding not in _PLAIN and coding not in _BYTES_OF and coding != b"ima4":
        return 0, 1
    if version == 2:
        return unsigned(data, entry + 64, 4), max(unsigned(data, entry + 68, 4), 1)
    if version == 1 and unsigned(data, entry + 36, 4):
        return unsigned(data, entry + 44, 4), unsigned(data, entry + 36, 4)
    if coding == b"ima4":
        return _IMA4[0] * channels, _IMA4[1]
    return channels * _BYTES_OF.get(coding, -(-bits // 8)), 1
