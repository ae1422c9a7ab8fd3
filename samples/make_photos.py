"""Writes photos of the founding flight into photos/: five pictures whose truth is that of the simulated flight.

    python samples/make_photos.py [--out DIR]

Same bytes on every run. Imports nothing of dronecheck, and no library that encodes pictures: each is a mosaic of 8 by 8
pixels (sky, bank, river, far bank), a baseline JPEG of direct-current values alone. The metadata are those of a DJI
Mini 3 Pro: EXIF with a place and a clock without a zone, XMP with gimbal and heights, a preview that keeps tags of its
own.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from _dji_csv import Row, record_rows
from _flights import founding
from _sensors import Errors, Receiver, observe

HERE = Path(__file__).parent
LOCAL_AHEAD = timedelta(hours=8)
SERIAL = "SIMULATED0000042"
Entries = Sequence[tuple[int, str, object]]  # tag, kind of value, value


@dataclass(frozen=True)
class Photo:
    """One picture: when it was taken (seconds of the recording), and how the gimbal stood."""

    name: str
    at_s: float
    pitch_deg: float
    yaw_deg: float
    has_metadata: bool = True


PHOTOS = (
    Photo("DJI_0001.JPG", 35.0, -20.0, 150.0),  # over the Chinese bank, across the river
    Photo("DJI_0002.JPG", 150.0, -30.0, 150.0),  # over Sinuiju
    Photo("DJI_0003.JPG", 230.0, -90.0, 150.0),  # over Sinuiju, straight down
    Photo("DJI_0004.JPG", 470.0, -30.0, 330.0),  # back over the Chinese bank, looking home
    Photo("from_messenger.jpg", 230.0, -90.0, 150.0, has_metadata=False),  # the third, as a messenger sends it
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write the sample photos.")
    parser.add_argument("--out", type=Path, default=HERE / "photos")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    flight = founding()
    fixes = observe(flight.truth, Errors.draw(flight.truth, 102), Receiver(0.2, 0.04, 8, first_s=8.0))
    rows = record_rows(flight.truth, fixes, flight.start, flight.filming_s)
    for photo in PHOTOS:
        row = min(rows, key=lambda one: abs(one.elapsed_s - photo.at_s))
        (out / photo.name).write_bytes(photo_bytes(photo, row))


def photo_bytes(photo: Photo, row: Row) -> bytes:
    """The whole file."""
    picture = jpeg(scene(photo, 60, 45))
    if not photo.has_metadata:
        return picture
    preview = jpeg(scene(photo, 20, 15), app1(b"Exif\0\0" + tiff(_device())))
    head = app1(b"Exif\0\0" + tiff(_device(), _exif(row), _gps(row), preview))
    head += app1(b"http://ns.adobe.com/xap/1.0/\0" + xmp(photo, row).encode())
    return picture[:2] + head + picture[2:]


# ---- the picture


def scene(photo: Photo, wide: int, high: int) -> np.ndarray:
    """A mosaic (high, wide) of luminance and colours: sky above the horizon, banks, and the river across."""
    rows = np.linspace(0.5, -0.5, high)[:, np.newaxis] * 60.0 + photo.pitch_deg  # degrees above the horizon
    columns = np.linspace(-1.0, 1.0, wide)[np.newaxis, :]
    shape = (high, wide)
    picture = np.zeros((3, *shape))
    sky, river = rows > -1.0, np.abs(rows + 14.0 + 5.0 * np.sin(2.5 * columns + photo.yaw_deg)) < 5.0
    blocks = (np.sin(37.0 * columns + rows) * np.sin(11.0 * rows)) > 0.55
    colours = (
        (~sky, (95, 120, 124)), (sky, (205, 140, 120)), (river & ~sky, (130, 140, 116)),
        (blocks & ~sky & ~river, (150, 126, 134)),
    )  # fmt: skip
    for where, values in colours:
        for plane, value in zip(picture, values, strict=True):
            plane[np.broadcast_to(where, shape)] = value
    return picture


def jpeg(planes: np.ndarray, extra: bytes = b"") -> bytes:
    """A baseline JPEG (ITU T.81) of one value a block of 8 by 8 pixels, three components without subsampling."""
    _, high, wide = planes.shape
    quantum = 8  # a step of one level of the mean, as 8 x mean is the transform's first value
    table = bytes([quantum]) + bytes([1] * 63)
    lengths = bytes([0, 0, 0, 12] + [0] * 12)  # twelve codes of four bits: sizes 0 to 11 of a difference
    out = b"\xff\xd8" + extra
    out += b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + table
    out += b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 8 * high, 8 * wide, 3)
    out += b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    out += b"\xff\xc4" + struct.pack(">H", 3 + 16 + 12) + b"\0" + lengths + bytes(range(12))
    out += b"\xff\xc4" + struct.pack(">H", 3 + 16 + 1) + b"\x10" + bytes([1] + [0] * 15) + b"\0"  # end of block: "0"
    out += b"\xff\xda" + struct.pack(">HB", 12, 3) + b"".join(bytes((n, 0)) for n in (1, 2, 3)) + b"\0\x3f\0"
    bits, before = [], [0, 0, 0]
    for line in range(high):
        for column in range(wide):
            for number in range(3):
                level = round(float(planes[number, line, column])) - 128
                difference, before[number] = level - before[number], level
                size = abs(difference).bit_length()
                value = difference if difference >= 0 else difference + (1 << size) - 1
                bits.append(f"{size:04b}" + (f"{value:0{size}b}" if size else "") + "0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return out + data.replace(b"\xff", b"\xff\0") + b"\xff\xd9"


# ---- the metadata


def app1(body: bytes) -> bytes:
    """A segment of application data."""
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _device() -> list[tuple[int, str, object]]:
    return [(0x010F, "s", "DJI"), (0x0110, "s", "FC3582"), (0x0131, "s", "v01.00.0000")]


def _exif(row: Row) -> list[tuple[int, str, object]]:
    local = (row.time + LOCAL_AHEAD).strftime("%Y:%m:%d %H:%M:%S")
    return [(0x9003, "s", local), (0x9004, "s", local), (0xA405, "H", 24), (0xA431, "s", SERIAL)]


def _gps(row: Row) -> list[tuple[int, str, object]]:
    return [
        (1, "s", "N" if row.lat_deg >= 0 else "S"), (2, "R", _dms(row.lat_deg)),
        (3, "s", "E" if row.lon_deg >= 0 else "W"), (4, "R", _dms(row.lon_deg)),
    ]  # fmt: skip


def _dms(degrees: float) -> list[tuple[int, int]]:
    seconds = round(abs(degrees) * 3600 * 10_000)
    return [(seconds // 36_000_000, 1), (seconds // 600_000 % 60, 1), (seconds % 600_000, 10_000)]


def tiff(first: Entries, exif: Entries = (), gps: Entries = (), preview: bytes = b"") -> bytes:
    """TIFF 6.0, little-endian: IFD0 with EXIF and GPS directories, and IFD1 with the preview."""
    groups = [list(first), list(exif), list(gps), []]
    groups[0] += [(tag, "I", 0) for tag, group in ((0x8769, exif), (0x8825, gps)) if group]
    if preview:
        groups[3] = [(0x0103, "H", 6), (0x0201, "I", 0), (0x0202, "I", len(preview))]
    sizes = [2 + 12 * len(group) + 4 if group else 0 for group in groups]
    starts = [8 + sum(sizes[:number]) for number in range(4)]
    heap_at, heap, out = 8 + sum(sizes), b"", b""
    for number, group in enumerate(groups):
        entries = b""
        for tag, kind, value in sorted(group):
            if number == 0 and tag in (0x8769, 0x8825):
                value = starts[1 if tag == 0x8769 else 2]
            count, raw = _value(kind, value)
            if tag == 0x0201:
                raw = struct.pack("<I", heap_at + len(heap))
                heap += preview
            elif len(raw) > 4:
                place = struct.pack("<I", heap_at + len(heap))
                heap += raw + b"\0" * (len(raw) % 2)
                raw = place
            entries += struct.pack("<HHI", tag, {"s": 2, "H": 3, "I": 4, "R": 5}[kind], count) + raw.ljust(4, b"\0")
        if group:
            following = starts[3] if number == 0 and preview else 0
            out += struct.pack("<H", len(group)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8) + out + heap


def _value(kind: str, value: object) -> tuple[int, bytes]:
    if kind == "s":
        text = str(value).encode() + b"\0"
        return len(text), text
    if kind == "R":
        return len(value), b"".join(struct.pack("<II", *pair) for pair in value)
    return 1, struct.pack(f"<{kind}", value)


def xmp(photo: Photo, row: Row) -> str:
    """The packet as DJI writes it: attributes of one description."""
    told = {
        "drone-dji:GpsStatus": "Normal", "drone-dji:AltitudeType": "GpsFusionAlt",
        "drone-dji:GpsLatitude": f"{row.lat_deg:+.7f}", "drone-dji:GpsLongitude": f"{row.lon_deg:+.7f}",
        "drone-dji:AbsoluteAltitude": f"{row.amsl_m + 31:+.2f}", "drone-dji:RelativeAltitude": f"{row.height_m:+.2f}",
        "drone-dji:GimbalYawDegree": f"{(photo.yaw_deg + 180) % 360 - 180:+.2f}",
        "drone-dji:GimbalPitchDegree": f"{photo.pitch_deg:+.2f}", "drone-dji:GimbalRollDegree": "+0.00",
        "drone-dji:FlightYawDegree": f"{(photo.yaw_deg + 180) % 360 - 180:+.2f}", "drone-dji:DroneSerialNumber": SERIAL,
    }  # fmt: skip
    attributes = "\n".join(f'   {name}="{value}"' for name, value in told.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"\n'
        f'{attributes}/>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )


if __name__ == "__main__":
    main()
