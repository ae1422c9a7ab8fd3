"""Which boxes of a film, or of a HEIC picture, stay in a copy, and which of their bytes (ISO/IEC 14496-12; QuickTime).

All that is not named here is emptied. Times and names within what stays are zeros.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping

from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.icc_profile import clean_profile
from dronecheck.media.scrub.cleaners.nal_units import clean_setup, has_letters
from dronecheck.media.scrub.parts import NoCopy, Taken
from dronecheck.messages import Message

__all__ = [
    "KEPT_IN",
    "KEPT_PROPERTIES",
    "PICTURE_CODINGS",
    "SOUND_CODINGS",
    "Kept",
    "Patches",
    "brands_of",
    "colours_of",
    "handler_of",
    "kept_boxes",
    "kept_bytes",
    "references_of",
    "setup_of",
]  # fmt: skip

Patches = Iterator[tuple[int, Taken | bytes]]
Kept = Mapping[bytes, frozenset[bytes]]  # the kinds that stay, by that of the box around them; b"" at the top
KEPT_IN: Kept = {
    b"": frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mdat")),
    b"moov": frozenset((b"mvhd", b"mvex", b"trak")),
    b"mvex": frozenset((b"mehd", b"trex")),
    b"trak": frozenset((b"tkhd", b"edts", b"mdia", b"tapt")),
    b"tapt": frozenset((b"clef", b"prof", b"enof")),
    b"edts": frozenset((b"elst",)),
    b"mdia": frozenset((b"mdhd", b"hdlr", b"minf")),
    b"minf": frozenset((b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl")),
    b"dinf": frozenset((b"dref",)),
    b"stbl": frozenset(
        (b"stsd", b"stts", b"ctts", b"stss", b"stps", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"cslg")
    ),
    b"moof": frozenset((b"mfhd", b"traf")),
    b"traf": frozenset((b"tfhd", b"tfdt", b"trun")),
}
KEPT_PROPERTIES = frozenset(
    (b"hvcC", b"lhvC", b"av1C", b"vvcC", b"ispe", b"pixi", b"colr", b"irot", b"imir", b"clap", b"pasp", b"auxC",
     b"clli", b"mdcv", b"a1op", b"a1lx", b"lsel", b"rloc")
)  # fmt: skip
_SEVERAL = frozenset((b"mdat", b"moof", b"trak", b"trex", b"traf", b"trun", b"styp", *KEPT_PROPERTIES))
_LONGEST = {
    b"ftyp": 136, b"styp": 136, b"mehd": 12, b"trex": 24, b"clef": 12, b"prof": 12, b"enof": 12, b"vmhd": 12,
    b"smhd": 8, b"cslg": 44, b"mfhd": 8, b"tfhd": 40, b"tfdt": 12,
}  # fmt: skip
_TABLES = {b"stts": (8, 8), b"ctts": (8, 8), b"stss": (8, 4), b"stps": (8, 4), b"stsc": (8, 12), b"stco": (8, 4),
           b"co64": (8, 8)}  # fmt: skip
_HEADS = {  # by version: length, and the bytes that are zeros: times first, what is reserved, what editors looked at
    (b"mvhd", 0): (100, ((4, 12), (26, 36), (72, 96))), (b"mvhd", 1): (112, ((4, 20), (38, 48), (84, 108))),
    (b"tkhd", 0): (84, ((4, 12), (16, 20), (24, 32), (38, 40))),
    (b"tkhd", 1): (96, ((4, 20), (24, 28), (36, 44), (50, 52))),
    (b"mdhd", 0): (24, ((4, 12), (20, 22))), (b"mdhd", 1): (36, ((4, 20), (32, 34))),
}  # fmt: skip
_MATRICES = {(b"mvhd", 0): 36, (b"mvhd", 1): 48, (b"tkhd", 0): 40, (b"tkhd", 1): 52}
_FARTHEST = 0x2000_0000  # 8,192 in 16.16: letters are more
_PICTURE_SETUPS = frozenset(
    (b"avcC", b"hvcC", b"lhvC", b"vvcC", b"vpcC", b"av1C", b"dvcC", b"dvvC", b"esds", b"d263", b"glbl", b"colr",
     b"pasp", b"clap", b"fiel", b"gama", b"btrt", b"mdcv", b"clli", b"SmDm", b"CoLL", b"chrm", b"jpgC", b"bitr")
)  # fmt: skip
_SOUND_SETUPS = frozenset(
    (b"esds", b"wave", b"dOps", b"alac", b"chan", b"chnl", b"btrt", b"dac3", b"dec3", b"dac4", b"dfLa", b"damr",
     b"pcmC", b"srat", b"frma", b"enda", b"mp4a", b"\0\0\0\0")
)  # fmt: skip
PICTURE_CODINGS = frozenset(
    (b"avc1", b"avc2", b"avc3", b"avc4", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"dva1", b"dvav", b"vvc1", b"vvi1",
     b"av01", b"vp08", b"vp09", b"mp4v", b"s263", b"h263", b"H264", b"mp1v", b"mp2v", b"apcn", b"apch", b"apcs",
     b"apco", b"ap4h", b"ap4x", b"aprn", b"aprh", b"CFHD", b"AVdn", b"jpeg", b"mjpa", b"mjpb", b"raw ", b"2vuy",
     b"yuv2", b"v210", b"SVQ1", b"SVQ3", b"cvid", b"rle ", b"DIVX", b"XVID")
)  # fmt: skip
SOUND_CODINGS = frozenset(
    (b"mp4a", b"sowt", b"twos", b"raw ", b"lpcm", b"ipcm", b"fpcm", b"in24", b"in32", b"fl32", b"fl64", b"alaw",
     b"ulaw", b"ima4", b"alac", b"ac-3", b"ec-3", b"ac-4", b"Opus", b"fLaC", b"samr", b"sawb", b"sawp", b"QDM2",
     b"QDMC", b".mp3", b"NONE", b"dtsc", b"dtsh", b"mha1", b"mhm1")
)  # fmt: skip
_BRAND = re.compile(rb"[A-Za-z0-9 ]{4}")
_SETUP_BYTES = 1 << 16
_SETUP_AT_MOST = {
    b"pasp": 8, b"clap": 32, b"fiel": 2, b"gama": 4, b"btrt": 12, b"mdcv": 24, b"clli": 4, b"SmDm": 28, b"CoLL": 8,
    b"bitr": 8, b"dvcC": 24, b"dvvC": 24, b"dac3": 3, b"dac4": 64, b"dec3": 16, b"pcmC": 6, b"srat": 8, b"frma": 4,
    b"enda": 2, b"ispe": 12, b"irot": 1, b"imir": 1, b"a1op": 1, b"lsel": 2, b"rloc": 12, b"dfLa": 42, b"alac": 40,
    b"vpcC": 12, b"jpgC": 8,
}  # fmt: skip
_VERSIONED_SOUND = {0: 36, 1: 52, 2: 72}  # bytes of a QuickTime sound description
_PICTURE_BYTES = 86


def _head_of(data: Bytes, box: Box, kind: bytes = b"") -> tuple[int, bytes]:
    """Return the place and the bytes of a box's size and kind; of another kind, if one is given."""
    wide = unsigned(data, box.start, 4) == 1
    return box.start, bytes(data[box.start : box.start + 4]) + (kind or box.kind) + (
        bytes(data[box.start + 8 : box.start + 16]) if wide else b""
    )  # fmt: skip


def kept_boxes(
    data: Bytes, walk: BoxWalk, kept: Kept, stays: Callable[[Box], bool], content: Callable[[Box], Patches]
) -> Patches:
    """Give heads and contents of the boxes that stay, and heads of free space for those that go.

    A box stays if its kind is `kept` in the box around it, for the first time, and it `stays`. `mdat` and `idat` have
    no content here: what stays of them is found by its samples.
    """
    kinds = {"": b""}  # of the parents that stay, by path
    ends = {"": (0, len(data))}  # where the last child of each ends, and where it ends itself
    seen: set[tuple[str, bytes]] = set()
    for box in walk.boxes:
        within = box.path.rpartition("/")[0]
        if within not in kinds:
            continue
        ends[within] = (box.end, ends[within][1])
        is_first = box.kind in _SEVERAL or (within, box.kind) not in seen
        seen.add((within, box.kind))
        if box.kind not in kept[kinds[within]] or not is_first or not stays(box):
            yield _head_of(data, box, b"free")
            continue
        yield _head_of(data, box)
        if box.kind in kept:
            kinds[box.path], ends[box.path] = box.kind, (box.body, box.end)
        elif box.kind not in (b"mdat", b"idat"):
            yield from content(box)
    for last, end in ends.values():
        if 8 <= end - last < 1 << 32:  # junk behind the last box
            yield last, (end - last).to_bytes(4, "big") + b"free"


def kept_bytes(data: Bytes, box: Box, handler: str, *, keep_time: bool) -> Patches:
    """Give the bytes of a box's content that stay, with their places; `handler` is its track's. Raises NoCopy."""
    kind = box.kind
    if kind in (b"mvhd", b"tkhd", b"mdhd"):
        yield box.body, _movie_head(data, box, keep_time=keep_time and kind == b"mvhd")
    elif kind in (b"ftyp", b"styp"):
        yield box.body, brands_of(data, box)
    elif kind in _LONGEST:
        yield box.body, bytes(data[box.body : min(box.end, box.body + _LONGEST[kind])])
    elif kind == b"hdlr":
        yield box.body + 4, handler_of(data, box)
    elif kind == b"dref":
        yield from references_of(data, box)
    elif kind == b"stsd":
        yield from _descriptions(data, box, handler)
    else:
        yield from _table(data, box)


def _movie_head(data: Bytes, box: Box, *, keep_time: bool) -> bytes:
    version = unsigned(data, box.body, 1)
    if (box.kind, version) not in _HEADS:
        raise NoCopy(Message("a part of it is of a version that is not known here"))
    length, blanked = _HEADS[box.kind, version]
    head = bytearray(data[box.body : min(box.end, box.body + length)])
    for start, end in blanked[1:] if keep_time else blanked:
        head[start:end] = bytes(len(head[start:end]))
    if box.kind != b"mdhd":
        matrix = _MATRICES[box.kind, version]
        rows = struct.unpack(">9i", bytes(head[matrix : matrix + 36]).ljust(36, b"\0"))
        if any(abs(value) >= _FARTHEST for value in rows[:8]) or rows[8] not in (0, 1 << 30):
            raise NoCopy(Message("it is damaged: the picture is placed where no screen is"))
    return bytes(head)


def brands_of(data: Bytes, box: Box) -> bytes:
    """Return the kinds of file that one says to be, four letters each, without what is none."""
    body = bytes(data[box.body : min(box.end, box.body + _LONGEST[b"ftyp"])])
    words = [body[at : at + 4] for at in range(0, len(body) - 3, 4)]
    kept = [word if number == 1 or _BRAND.fullmatch(word) else bytes(4) for number, word in enumerate(words)]
    if len(kept) > 1 and any(32 <= byte < 127 for byte in kept[1]):
        kept[1] = bytes(4)  # the version is a number
    return b"".join(kept)


def handler_of(data: Bytes, box: Box) -> bytes:
    """Return what the track is, without the maker and the name."""
    component = bytes(data[box.body + 4 : box.body + 8])
    kind = bytes(data[box.body + 8 : min(box.end, box.body + 12)])
    return (component if component in (b"mhlr", b"dhlr") else bytes(4)) + kind


def references_of(data: Bytes, box: Box) -> Patches:
    """Give the references to the file itself; Macs write a folder and a disk into them."""
    yield box.body, bytes(data[box.body : min(box.end, box.body + 8)])
    for entry in walk_boxes(data, box.body + 8, box.end).boxes:
        if "/" in entry.path:
            continue
        if not unsigned(data, entry.body, 4) & 1:
            raise NoCopy(Message("its picture or sound lies in another file"))
        yield _head_of(data, entry)
        yield entry.body, bytes((0, 0, 0, 1))


def _descriptions(data: Bytes, box: Box, handler: str) -> Patches:
    yield box.body, bytes(data[box.body : min(box.end, box.body + 8)])
    is_iso = unsigned(data, box.body, 1) == 1
    for entry in walk_boxes(data, box.body + 8, box.end).boxes:
        if "/" in entry.path:
            continue
        if entry.kind not in (PICTURE_CODINGS if handler == "vide" else SOUND_CODINGS):
            text = Message("it has a part of a kind that is not known here ({kind})", kind=entry.kind.decode("latin-1"))
            raise NoCopy(text)
        version = 0 if is_iso else unsigned(data, entry.start + 16, 2)
        fixed = _PICTURE_BYTES if handler == "vide" else _VERSIONED_SOUND.get(version, 36)
        kept = _PICTURE_SETUPS if handler == "vide" else _SOUND_SETUPS
        yield entry.start, _description(data, entry, fixed, has_name=handler == "vide")
        if entry.start + fixed < entry.end:
            yield from _setups(data, entry.start + fixed, entry.end, kept)


def _description(data: Bytes, entry: Box, fixed: int, *, has_name: bool) -> bytes:
    """Return a sample description without the maker's letters and the coder's name."""
    head = bytearray(data[entry.start : min(entry.end, entry.start + fixed)])
    blanked = ((8, 14), (18, 32), (44, 48), (50, 82)) if has_name else ((8, 14), (18, 24))
    if has_name and head[84:86] == b"\0\0":
        raise NoCopy(Message("its pictures have a table of colours, which cannot be copied yet"))
    for start, end in blanked:
        head[start:end] = bytes(len(head[start:end]))
    return bytes(head)


def _setups(data: Bytes, start: int, end: int, kept: frozenset[bytes]) -> Patches:
    """Give what sets a decoder up; the walk gives parents before children."""
    for box in walk_boxes(data, start, end).boxes:
        inner = "/" in box.path
        if inner and not box.path.startswith("wave/"):
            continue
        if box.kind not in kept:
            yield _head_of(data, box, b"free")
            continue
        yield _head_of(data, box)
        if box.kind == b"colr":
            yield box.body, colours_of(bytes(data[box.body : box.end]))
        elif box.kind in (b"damr", b"d263"):
            yield box.body + 4, bytes(data[box.body + 4 : box.end])  # the maker stands first
        elif box.kind != b"wave":
            yield box.body, setup_of(data, box)


def setup_of(data: Bytes, box: Box) -> bytes:
    """Return what sets a decoder up: as much of it as is known to do so. Raises NoCopy for a text in it."""
    body = bytes(data[box.body : min(box.end, box.body + _SETUP_AT_MOST.get(box.kind, _SETUP_BYTES))])
    if box.kind in (b"avcC", b"hvcC"):
        found = clean_setup(data, box.kind, box.body, box.end)
        if found is None:
            raise NoCopy(Message("a part of it is of a version that is not known here"))
        body = found[1]
    if has_letters(body, 0, len(body)) or len(body) >= _SETUP_BYTES:
        raise NoCopy(Message("a text stands in its coded picture or sound that cannot be taken out"))
    return body


def colours_of(body: bytes) -> bytes:
    """Return what says how colours are coded: a profile without all that is not colour."""
    if body[:4] in (b"prof", b"rICC"):
        return body[:4] + (clean_profile(body[4:]) or b"")
    return body[:11]


def _table(data: Bytes, box: Box) -> Patches:
    """Give a table of numbers about samples: as many rows as it counts, and nothing that stands behind them."""
    kind = box.kind
    header, row = _TABLES.get(kind, (12, 4))
    if kind == b"elst":
        header, row = 8, 20 if unsigned(data, box.body, 1) == 1 else 12
    elif kind == b"stz2":
        header, row = 12, 2
    elif kind == b"stsz" and unsigned(data, box.body + 4, 4):
        row = 0
    elif kind == b"trun":
        flags = unsigned(data, box.body + 1, 3)
        header = 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
        row = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    elif kind == b"sdtp":
        header, row = box.size, 0
    count = unsigned(data, box.body + (4 if kind == b"trun" else header - 4), 4)
    yield box.body, Taken(box.body, min(box.end, box.body + header + count * row))
