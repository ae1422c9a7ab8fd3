"""What is written into a file by the standards' rules is read back: positions, heights, angles, times, everywhere."""

from __future__ import annotations

import io
import math
import struct
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.media import read
from dronecheck.media.model import MediaKind, PositionStatus
from tests.support.media_maker import (
    box,
    djmd_clip,
    djmd_frame,
    exif_of,
    film,
    gpmf,
    heic,
    jpeg,
    png,
    proto,
    tiff,
    xmp_of,
)
from tests.support.scale import examples

LATS = st.floats(-89.9, 89.9).filter(lambda x: abs(x) > 1e-4)
LONS = st.floats(-179.9, 179.9).filter(lambda x: abs(x) > 1e-4)
some = settings(max_examples=examples(40))


def place(item):
    return item.position.lat_deg, item.position.lon_deg


@some
@given(LATS, LONS, st.sampled_from("<>"))
def test_exif_in_every_still(lat, lon, order):
    exif = exif_of(lat, lon, order=order)
    webp = b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2)
    files = {
        MediaKind.JPEG: jpeg(exif=exif), MediaKind.TIFF: exif, MediaKind.HEIC: heic(exif),
        MediaKind.PNG: png(_chunk(b"eXIf", exif)),
        MediaKind.WEBP: b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp,
    }  # fmt: skip
    for kind, data in files.items():
        item = read(data, "x")
        assert item.kind is kind
        assert place(item) == pytest.approx((lat, lon), abs=1e-8), kind
        assert item.position.source.endswith("GPS/GPSLatitude")
    assert place(read(heic(exif, in_idat=True), "x")) == pytest.approx((lat, lon), abs=1e-8)


def _chunk(kind, body):
    from tests.support.media_maker import chunk

    return chunk(kind, body)


@some
@given(LATS, LONS)
def test_pillow_writes_and_we_read(lat, lon):
    """An EXIF block of another writer."""
    image = pytest.importorskip("PIL.Image")
    tags = image.Exif()
    tags[0x010F] = "Other"
    gps = tags.get_ifd(0x8825)
    gps[1], gps[3] = "S" if lat < 0 else "N", "W" if lon < 0 else "E"
    for tag, value in ((2, abs(lat)), (4, abs(lon))):
        minutes = int(value % 1 * 60)
        gps[tag] = (float(int(value)), float(minutes), (value - int(value) - minutes / 60) * 3600)
    out = io.BytesIO()
    image.new("RGB", (4, 4)).save(out, "JPEG", exif=tags)
    item = read(out.getvalue(), "x.jpg")
    assert item.maker == "Other"
    assert place(item) == pytest.approx((lat, lon), abs=1e-6)


@some
@given(LATS, LONS)
def test_pillow_reads_what_we_write_for_it(lat, lon):
    """The tests' own writer is right, too: another reader gets the same."""
    image = pytest.importorskip("PIL.Image")
    gps = image.open(io.BytesIO(jpeg(exif=exif_of(lat, lon)))).getexif().get_ifd(0x8825)
    told = [float(sum(float(part) / 60**n for n, part in enumerate(gps[tag]))) for tag in (2, 4)]
    assert told == pytest.approx([abs(lat), abs(lon)], abs=1e-8)


@some
@given(LATS, LONS, st.booleans(), st.floats(-180, 180), st.floats(-120, 30), st.floats(-50, 500))
def test_xmp_as_attributes_and_elements(lat, lon, as_elements, yaw, pitch, height):
    xmp = xmp_of({
        "drone-dji:GpsLatitude": f"{lat:+.9f}", "drone-dji:GpsLongtitude": f"{lon:+.9f}",
        "drone-dji:GimbalYawDegree": f"{yaw:+.2f}", "drone-dji:GimbalPitchDegree": f"{pitch or 1:+.2f}",
        "drone-dji:GimbalRollDegree": "+0.00", "drone-dji:RelativeAltitude": f"{height:+.2f}",
    }, as_elements=as_elements)  # fmt: skip
    item = read(jpeg(xmp=xmp), "x.jpg")
    assert place(item) == pytest.approx((lat, lon), abs=1e-8)
    assert item.height.home_m == pytest.approx(height, abs=0.006)
    if float(f"{yaw:.2f}") or float(f"{pitch or 1:.2f}"):
        assert (item.pose.yaw_deg, item.pose.pitch_deg) == pytest.approx((yaw, pitch or 1), abs=0.006)


@some
@given(LATS, LONS)
def test_xmp_in_degrees_and_minutes(lat, lon):
    def written(value, letters):
        minutes = abs(value) % 1 * 60
        return f"{int(abs(value))},{minutes:.8f}{letters[value < 0]}"

    xmp = xmp_of({"exif:GPSLatitude": written(lat, "NS"), "exif:GPSLongitude": written(lon, "EW")})
    uuid = box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC"), xmp)
    if "60.0" in written(lat, "NS") + written(lon, "EW"):
        return  # rounded up to a whole degree
    assert place(read(jpeg(xmp=xmp), "x")) == pytest.approx((lat, lon), abs=1e-8)
    assert place(read(film(behind=uuid), "x")) == pytest.approx((lat, lon), abs=1e-8)


@some
@given(LATS, LONS, st.booleans(), st.booleans())
def test_iso_6709(lat, lon, has_head, has_slash):
    text = f"{lat:+08.4f}{lon:+09.4f}" + ("/" if has_slash else "")
    raw = text.encode()
    udta = box(b"\xa9xyz", (struct.pack(">HH", len(raw), 0x15C7) if has_head else b"") + raw)
    item = read(film(udta=udta), "x.mp4")
    assert place(item) == pytest.approx((lat, lon), abs=0.51e-4)
    assert item.position.h_sigma_m >= 11.1 / math.sqrt(12)  # four decimals


@some
@given(LATS, LONS, st.sampled_from(["rad", "deg", "mavic4"]), st.booleans(), st.booleans(), st.integers(1, 4))
def test_djmd(lat, lon, form, wide, moov_first, per_chunk):
    if form == "mavic4" and abs(lat) < math.pi / 2 and abs(lon) < math.pi:
        lat += 10
    protocol = "dvtm_Mavic4.proto" if form == "mavic4" else "dvtm_Air3s.proto"
    unit, scale = {"rad": (0, math.pi / 180), "deg": (1, 1.0), "mavic4": (None, 1.0)}[form]
    samples = [
        (djmd_clip(protocol) if not n else b"")
        + djmd_frame(lat * scale, (lon + n * 1e-5) * scale, unit=unit, home_mm=1000.0 * n, gimbal=(-300, 0, -1700))
        for n in range(7)
    ]
    data = film([(b"meta", b"djmd", samples)], wide=wide, moov_first=moov_first, per_chunk=per_chunk)
    item = read(data, "x.mp4")
    assert place(item) == pytest.approx((lat, lon), abs=1e-9)
    assert np.all(item.film.is_usable) and item.film.home_m.tolist() == list(range(7))
    assert item.film.lon_deg == pytest.approx(lon + np.arange(7) * 1e-5, abs=1e-9)
    assert item.film.time_s == pytest.approx(np.arange(7) / 10)
    assert (item.pose.pitch_deg, item.pose.yaw_deg) == (-30.0, -170.0)
    offset, length = int(item.film.offset[3]), int(item.film.length[3])
    assert data[offset : offset + length] == samples[3]


@some
@given(LATS, LONS, st.integers(0, 3), st.integers(50, 900))
def test_gpmf(lat, lon, fix, dop):
    rows = [[round(lat * 1e7) + n, round(lon * 1e7), 1500 + n, 0, 0] for n in range(4)]
    stream = b"".join((
        gpmf("GPSF", "L", [fix]), gpmf("GPSU", "U", b"240506070809.000", structure=16), gpmf("GPSP", "S", [dop]),
        gpmf("GPSA", "c", b"MSLV"), gpmf("SCAL", "l", [10_000_000], [10_000_000], [1000], [1000], [100]),
        gpmf("GPS5", "l", *rows),
    ))  # fmt: skip
    payload = gpmf("DEVC", "", gpmf("DVNM", "c", b"Camera"), gpmf("STRM", "", stream))
    item = read(film([(b"meta", b"gpmd", [payload, payload])], delta=1000), "x.mp4")
    assert place(item) == pytest.approx((lat, lon), abs=1e-7)
    is_good = fix >= 2 and dop <= 500
    assert item.position.status is (PositionStatus.USABLE if is_good else PositionStatus.INVALID)
    if is_good:
        assert item.height.amsl_m == 1.5
        assert item.time.utc_ns == int(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC).timestamp()) * 10**9


@some
@given(LATS, LONS)
def test_camm_mett_and_insta360(lat, lon):
    camm = [struct.pack("<HHddd", 0, 5, lat, lon, 30.0)] * 2
    assert place(read(film([(b"meta", b"camm", camm)]), "x")) == pytest.approx((lat, lon), abs=1e-12)
    steps = 1 << 22
    body = struct.pack(">iiii", 0, round(lat * steps), round(lon * steps), 50 * 256 << 8 | 12)
    mett = [b"P3" + struct.pack(">H", 15) + body + bytes(60)]
    assert place(read(film([(b"meta", b"mett", mett)]), "x")) == pytest.approx((lat, lon), abs=1 / steps)
    location = {1: lat, 2: lon, 3: 150.5, 7: 120.25, 4: 12}
    vmeta = proto({1: {2: location, 13: 33.0}, 2: {10: 1_700_000_000_000_000, 11: 50}})
    item = read(film([(b"meta", b"mett", [vmeta] * 2)]), "x")
    assert place(item) == pytest.approx((lat, lon), abs=1e-12)
    assert (item.height.home_m, item.height.amsl_m, item.height.hae_m) == (33.0, 120.25, 150.5)
    assert item.time.utc_ns == 1_700_000_000 * 10**9
    fix = struct.pack("<QHcdcdcddd", 1_700_000_000, 250, b"A", abs(lat), b"NS"[lat < 0 :][:1], abs(lon),
                      b"EW"[lon < 0 :][:1], 0.0, 0.0, 5.0)  # fmt: skip
    info = bytes((0x0A, 3)) + b"SN1"
    trailer = info + struct.pack("<HI", 0x101, len(info))
    trailer = fix + struct.pack("<HI", 0x700, len(fix)) + trailer
    tail = trailer[-6:] + bytes(32) + struct.pack("<I", len(trailer) - 6 + 78) + bytes(4)
    data = film(behind=trailer[:-6] + tail + b"8db42d694ccc418790edff439fe026bf")
    item = read(data, "x.insv")
    assert place(item) == pytest.approx((lat, lon), abs=1e-12)
    assert item.serials == ("SN1",)
    assert item.time.utc_ns == 1_700_000_000_250 * 10**6


@some
@given(st.integers(1_270_000_000, 1_950_000_000), st.integers(-48, 56), st.integers(-119, 119))
def test_a_zone_is_found_between_the_clocks(utc_s, quarters, slip_s):
    """Local clock and satellites differ by a zone and up to two minutes."""
    utc, local = (datetime.fromtimestamp(one, UTC) for one in (utc_s, utc_s + quarters * 900 + slip_s))
    exif = exif_of(
        50.0, 8.0, exif=[(0x9003, 2, local.strftime("%Y:%m:%d %H:%M:%S"))],
        gps=[(7, 5, [(utc.hour, 1), (utc.minute, 1), (utc.second, 1)]), (29, 2, utc.strftime("%Y:%m:%d"))],
    )  # fmt: skip
    time = read(jpeg(exif=exif), "x.jpg").time
    assert time.utc_ns == utc_s * 10**9
    assert (time.offset_s, time.local) == (quarters * 900, local.strftime("%Y-%m-%dT%H:%M:%S"))
    assert time.sigma_s < 10


@pytest.mark.parametrize(("order", "kind"), [("<", 13), (">", 4)])
def test_directories_by_type_and_order(order, kind):
    data = tiff([(0x10F, 2, "Maker")], [(0x9003, 2, "2020:01:02 03:04:05")], order=order)
    at = data.find(struct.pack(order + "HH", 0x8769, 4))
    data = data[: at + 2] + struct.pack(order + "H", kind) + data[at + 4 :]
    assert read(data, "x.tif").time.local == "2020-01-02T03:04:05"
