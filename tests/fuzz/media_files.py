"""Small photos and films of every kind, made and real: what damage and fuzzing begin from."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.support.media_maker import (
    app,
    box,
    chunk,
    djmd_clip,
    djmd_frame,
    exif_of,
    film,
    gpmf,
    heic,
    jpeg,
    png,
    xmp_of,
)

__all__ = ["EXIF", "MADE", "frames", "media_seeds"]

REAL = Path(__file__).resolve().parents[3] / "shared" / "media"
LARGEST_SEED_BYTES = 65_536


def frames(count=6):
    clip = djmd_clip("dvtm_Air3s.proto")
    return [(b"" if n else clip) + djmd_frame(0.5, 0.3 + n * 1e-8, home_mm=1000.0) for n in range(count)]


def payload():
    stream = (
        gpmf("GPSF", "L", [3]) + gpmf("SCAL", "l", [10_000_000]) + gpmf("GPS5", "l", [400_000_000, 80_000_000, 1, 0, 0])
    )
    return gpmf("DEVC", "", gpmf("STRM", "", stream))


EXIF = exif_of(40.1, 8.2, altitude=(0, 100.0), exif=[(0x9003, 2, "2020:01:02 03:04:05")])
XMP = xmp_of({"drone-dji:GpsLatitude": "+40.1", "drone-dji:GpsLongitude": "+8.2", "drone-dji:GimbalYawDegree": "+1.0"})
MADE = {
    "jpeg": jpeg(exif=EXIF, xmp=XMP) + jpeg(exif=EXIF),
    "tiff": EXIF,
    "heic": heic(EXIF, XMP),
    "png": png(chunk(b"eXIf", EXIF), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 500))),
    "djmd": film([(b"meta", b"djmd", frames())], udta=box(b"\xa9xyz", b"\0\x12\x15\xc7+28.6479+017.1887/")),
    "gpmd": film([(b"meta", b"gpmd", [payload()] * 3)], moov_first=True),
    "no moov": film([(b"meta", b"djmd", frames())], with_moov=False),
}


def media_seeds() -> Iterator[bytes]:
    """The made files, the small ones of real ones where they are, and further forms of XMP and trailers."""
    yield from MADE.values()
    yield jpeg(app(6, b"GoPro\0" + payload()), xmp=xmp_of({"Camera:Yaw": "1", "Camera:Pitch": "2"}, as_elements=True))
    yield jpeg(app(13, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x5a\0\x03abc")) + MADE["gpmd"]
    yield film([(b"meta", b"camm", [struct.pack("<HHddd", 0, 5, 1.0, 2.0, 3.0)])], per_chunk=2, wide=True)
    yield film([(b"meta", b"mett", [b"P1" + bytes(62)])], udta=box(b"loci", bytes(32)))
    yield from (path.read_bytes() for path in sorted(REAL.rglob("*"))
                if path.is_file() and path.stat().st_size <= LARGEST_SEED_BYTES)  # fmt: skip
