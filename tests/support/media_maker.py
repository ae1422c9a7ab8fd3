"""Photos and films made byte by byte from the standards, for the tests: nothing here comes from the readers."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Sequence

__all__ = [
    "app", "box", "djmd_clip", "djmd_frame", "exif_of", "film", "full", "gpmf", "heic", "jpeg", "png", "proto", "tiff",
    "xmp_of",
]  # fmt: skip

EPOCH_1904_S = 2_082_844_800


# ---- TIFF and EXIF

Value = tuple[int, int, object]  # tag, type, value


def _packed(order: str, kind: int, value: object) -> tuple[int, bytes]:
    if kind == 2:
        text = value if isinstance(value, bytes) else str(value).encode() + b"\0"
        return len(text), text
    if kind == 7:
        return len(bytes(value)), bytes(value)
    values = value if isinstance(value, (list, tuple)) else [value]
    if kind in (5, 10):
        letter = "II" if kind == 5 else "ii"
        pairs = [one if isinstance(one, tuple) else (round(one * 10**7), 10**7) for one in values]
        return len(pairs), b"".join(struct.pack(order + letter, *pair) for pair in pairs)
    letter = {1: "B", 3: "H", 4: "I", 9: "i", 11: "f", 12: "d", 13: "I"}[kind]
    return len(values), struct.pack(f"{order}{len(values)}{letter}", *values)


def tiff(
    ifd0: Sequence[Value], exif: Sequence[Value] = (), gps: Sequence[Value] = (), order: str = "<", tail: bytes = b""
) -> bytes:
    """A TIFF structure of one directory with its EXIF and GPS directories."""
    groups = [list(ifd0), list(exif), list(gps)]
    pointers = [(0x8769, 1), (0x8825, 2)]
    for tag, group in pointers:
        if groups[group]:
            groups[0].append((tag, 4, 0))
    starts, at = [], 8
    for group in groups:
        starts.append(at)
        at += 2 + 12 * len(group) + 4 if group else 0
    heap_at, heap, out = at, b"", b""
    for group in groups:
        if not group:
            continue
        out += struct.pack(order + "H", len(group))
        for tag, kind, value in sorted(group, key=lambda one: one[0]):
            value = starts[dict(pointers)[tag]] if tag in dict(pointers) else value
            count, raw = _packed(order, kind, value)
            if len(raw) > 4:
                place = struct.pack(order + "I", heap_at + len(heap))
                heap += raw + b"\0" * (len(raw) % 2)
            else:
                place = raw.ljust(4, b"\0")
            out += struct.pack(order + "HHI", tag, kind, count) + place
        out += struct.pack(order + "I", 0)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + out + heap + tail


def dms(degrees: float) -> list[tuple[int, int]]:
    """Degrees, minutes and seconds to 1e-7 s."""
    whole = abs(degrees)
    d, m = int(whole), int(whole % 1 * 60)
    return [(d, 1), (m, 1), (round((whole - d - m / 60) * 3600 * 10**6), 10**6)]


def exif_of(
    lat_deg: float | None = None, lon_deg: float | None = None, *, order: str = "<", altitude: tuple | None = None,
    gps: Sequence[Value] = (), exif: Sequence[Value] = (), ifd0: Sequence[Value] = (), refs: bool = True,
) -> bytes:  # fmt: skip
    """An EXIF structure of a position and more."""
    place: list[Value] = list(gps)
    if lat_deg is not None and lon_deg is not None:
        place += [(2, 5, dms(lat_deg)), (4, 5, dms(lon_deg))]
        if refs:
            place += [(1, 2, "S" if lat_deg < 0 else "N"), (3, 2, "W" if lon_deg < 0 else "E")]
    if altitude is not None:
        place += [(5, 1, altitude[0]), (6, 5, [altitude[1]])]
    return tiff(ifd0 or [(0x10F, 2, "Maker"), (0x110, 2, "Model")], exif, place, order)


def xmp_of(properties: dict[str, str], *, as_elements: bool = False, namespaces: str = "") -> bytes:
    """An XMP packet of `drone-dji` and other properties."""
    known = (
        'xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Camera="http://pix4d.com/camera/1.0/" '
        'xmlns:drone-skydio="https://www.skydio.com/drone-skydio/1.0/" ' + namespaces
    )
    attributes = "" if as_elements else " ".join(f'{name}="{value}"' for name, value in properties.items())
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in properties.items()) if as_elements else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {known} {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


# ---- JPEG, PNG


def app(number: int, body: bytes) -> bytes:
    """One application segment."""
    return bytes((0xFF, 0xE0 + number)) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes, exif: bytes = b"", xmp: bytes = b"", size: tuple[int, int] = (8, 6)) -> bytes:
    """A picture that other tools can decode, with these segments put in behind its first mark."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(out, "JPEG")
    more = (app(1, b"Exif\0\0" + exif) if exif else b"") + (
        app(1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) if xmp else b""
    )
    return out.getvalue()[:2] + more + b"".join(segments) + out.getvalue()[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, size: tuple[int, int] = (1, 1)) -> bytes:
    """A picture with these chunks behind its content."""
    head = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * size[0]) * size[1])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + b"".join(chunks) + chunk(b"IEND", b"")


# ---- ISO base media


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """One box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def heic(exif: bytes = b"", xmp: bytes = b"", in_idat: bool = False, size: tuple[int, int] = (40, 30)) -> bytes:
    """A HEIC file without a picture: its metadata items lie behind `meta`, or within it."""
    items = [(1, b"hvc1", b"", b"")]
    if exif:
        items.append((2, b"Exif", b"", struct.pack(">I", 0) + exif))
    if xmp:
        items.append((3, b"mime", b"application/rdf+xml\0", xmp))
    infos = [full(b"infe", struct.pack(">HH", n, 0), kind + b"\0" + text, version=2) for n, kind, text, _ in items]
    iinf = full(b"iinf", struct.pack(">H", len(infos)), *infos)
    ispe = full(b"ispe", struct.pack(">II", *size))
    ipma = full(b"ipma", struct.pack(">IHBB", 1, 1, 1, 0x81))
    iprp = box(b"iprp", box(b"ipco", ispe), ipma)
    pitm = full(b"pitm", struct.pack(">H", 1))
    hdlr = full(b"hdlr", b"\0\0\0\0pict" + bytes(13))
    content = b"".join(raw for *_, raw in items)
    ftyp = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(base: int) -> bytes:
        rows, at = b"", base
        for number, _, _, raw in items:
            rows += struct.pack(">HHHHII", number, int(in_idat), 0, 1, at, len(raw))
            at += len(raw)
        iloc = full(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)), rows, version=1)
        return full(b"meta", hdlr, pitm, iinf, iloc, iprp, *([box(b"idat", content)] if in_idat else []))

    if in_idat:
        return ftyp + meta(0)
    return ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", content)


def _sample_table(
    coding: bytes, sizes: Sequence[int], offsets: Sequence[int], delta: int, per_chunk: int, wide: bool
) -> bytes:
    stsd = full(b"stsd", struct.pack(">I", 1), box(coding, bytes(6), struct.pack(">H", 1)))
    stts = full(b"stts", struct.pack(">III", 1, len(sizes), delta))
    chunks = offsets[::per_chunk]
    runs = [(1, per_chunk, 1)]
    if len(sizes) % per_chunk:
        runs.append((len(chunks), len(sizes) % per_chunk, 1))
    stsc = full(b"stsc", struct.pack(">I", len(runs)), *(struct.pack(">III", *run) for run in runs))
    stsz = full(b"stsz", struct.pack(">II", 0, len(sizes)), *(struct.pack(">I", size) for size in sizes))
    letter = "Q" if wide else "I"
    places = struct.pack(f">I{len(chunks)}{letter}", len(chunks), *chunks)
    return box(b"stbl", stsd, stts, stsc, stsz, full(b"co64" if wide else b"stco", places))


def film(
    tracks: Iterable[tuple[bytes, bytes, Sequence[bytes]]] = (), *, udta: bytes = b"", meta: bytes = b"",
    created_s: int = 0, timescale: int = 1000, delta: int = 100, per_chunk: int = 1, wide: bool = False,
    moov_first: bool = False, with_moov: bool = True, behind: bytes = b"",
) -> bytes:  # fmt: skip
    """A film of timed tracks (handler, coding, samples); `created_s` counts from 1970."""
    tracks = list(tracks)
    ftyp = box(b"ftyp", b"isom\0\0\2\0isommp41")
    head = 16 if wide else 8
    content = b"".join(b"".join(samples) for _, _, samples in tracks)

    def moov(start: int) -> bytes:
        created = created_s + EPOCH_1904_S if created_s else 0
        count = max((len(samples) for _, _, samples in tracks), default=0)
        mvhd = full(b"mvhd", struct.pack(">IIII", created, created, timescale, count * delta), bytes(80))
        traks, at = [], start
        for number, (handler, coding, samples) in enumerate(tracks, 1):
            offsets = []
            for sample in samples:
                offsets.append(at)
                at += len(sample)
            tkhd = full(b"tkhd", struct.pack(">IIII", created, created, number, 0), bytes(68))
            mdhd = full(b"mdhd", struct.pack(">IIIIHH", created, created, timescale, len(samples) * delta, 0, 0))
            hdlr = full(b"hdlr", bytes(4) + handler + bytes(12) + b"Made\0")
            stbl = _sample_table(coding, [len(s) for s in samples], offsets, delta, per_chunk, wide)
            traks.append(box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", stbl))))
        return box(b"moov", mvhd, *traks, *([box(b"udta", udta)] if udta else []), meta)

    mdat = struct.pack(">I4sQ", 1, b"mdat", len(content) + 16) + content if wide else box(b"mdat", content)
    if not with_moov:
        return ftyp + mdat + behind
    if moov_first:
        return ftyp + moov(len(ftyp) + len(moov(0)) + head) + mdat + behind
    return ftyp + mdat + moov(len(ftyp) + head) + behind


# ---- protobuf, djmd, GPMF


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes((value & 127 | 128,))
        value >>= 7
    return out + bytes((value,))


def proto(fields: dict[int, object]) -> bytes:
    """A message: ints as varints (zeros left out, as proto3 does), floats as doubles, texts, and messages."""
    out = b""
    for number, value in fields.items():
        if isinstance(value, dict):
            value = proto(value)
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, tuple):
            out += _varint(number << 3 | 5) + struct.pack("<f", value[0])
        elif isinstance(value, float):
            out += _varint(number << 3 | 1) + struct.pack("<d", value)
        elif isinstance(value, bytes):
            out += _varint(number << 3 | 2) + _varint(len(value)) + value
        elif value:
            out += _varint(number << 3) + _varint(int(value))
    return out


def djmd_clip(protocol: str, serial: str = "SERIAL00001", product: str = "Made") -> bytes:
    """The fields of the clip."""
    return proto({1: {1: {1: protocol, 5: serial, 10: product}}})


def djmd_frame(
    lat: float, lon: float, *, unit: int | None = None, status: int = 0, altitude_mm: int = 0,
    altitude_type: int = 0, home_mm: float | None = None, gimbal: tuple[int, int, int] | None = (-300, 0, 900),
    stamp: str = "", gps_in: tuple[int, int] = (3, 4),
) -> bytes:  # fmt: skip
    """One frame as most protocols lay it out; angles in tenths of a degree (pitch, roll, yaw)."""
    place: dict[int, object] = {} if unit is None else {1: unit}
    place |= {2: lat, 3: lon}
    gps: dict[int, object] = {1: place, 2: altitude_mm, 3: status, 4: altitude_type}
    if stamp:
        gps[6] = {1: stamp}
    body: dict[int, object] = {3: {3: 15}, gps_in[1]: gps}
    if home_mm is not None:
        body[gps_in[1] + 1] = {1: (home_mm,), 2: 1}
    frame: dict[int, object] = {gps_in[0]: body}
    if gimbal is not None:
        frame[gps_in[0] + 1] = {3: {1: gimbal[0], 2: gimbal[1], 3: gimbal[2]}}
    return proto({3: frame})


def gpmf(key: str, kind: str, *rows: Sequence[float] | bytes, structure: int = 0) -> bytes:
    """One item of GPMF: numbers of one letter's type, texts, or items within it (kind "")."""
    letters = {"b": "b", "B": "B", "s": "h", "S": "H", "l": "i", "L": "I", "f": "f", "J": "Q", "d": "d"}
    if kind in letters:
        raw = b"".join(struct.pack(f">{len(row)}{letters[kind]}", *row) for row in rows)
        size, count = struct.calcsize(letters[kind]) * len(rows[0]), len(rows)
    else:
        raw = b"".join(bytes(row) for row in rows)
        size, count = (structure or 1), len(raw) // (structure or 1)
    head = key.encode() + (kind.encode() or b"\0") + struct.pack(">BH", size, count)
    return head + raw + bytes(-len(raw) % 4)
