"""Texts planted where a copy could carry them on: within and behind coded pictures, in tables, in names."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from PIL import Image

from dronecheck.media.scrub import scrub
from dronecheck.media.scrub.cleaners.jpeg import clean_jpeg
from dronecheck.media.scrub.cleaners.nal_units import NalCoding, patches_of_sample
from dronecheck.media.scrub.parts import NoCopy
from tests.support.growth import assert_linear
from tests.support.media_maker import box, exif_of, film, full, jpeg, xmp_of

SECRET = b"meet me at 40.117123, 124.390312, ask for Jane Pilot"
SHORT = b"40.1171,124.3903"


@pytest.fixture
def copied(tmp_path):
    def copy(data, name, **options):
        (tmp_path / name).write_bytes(data)
        (one,) = scrub([tmp_path / name], tmp_path / f"out{len(list(tmp_path.iterdir()))}", **options).files
        return (one.copy.read_bytes() if one.copy else None), one

    return copy


def picture(mode="RGB", size=(96, 64), **options):
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 4), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise, "CMYK" if mode == "CMYK" else "RGBA").convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def pixels(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


# ---- JPEG

CODED = [
    {}, {"mode": "L"}, {"mode": "CMYK"}, {"subsampling": 0}, {"subsampling": 2, "quality": 30}, {"quality": 100},
    {"restart_marker_blocks": 3}, {"restart_marker_rows": 1}, {"optimize": True}, {"size": (1, 1)}, {"size": (17, 33)},
]  # fmt: skip


@pytest.mark.parametrize("options", CODED)
@pytest.mark.parametrize("secret", [SECRET, SHORT, b"\x01\x02\x03\x04\x05", b"N"])
def test_what_stands_between_the_codes_and_the_end_mark_goes(copied, options, secret):
    data = picture(**options)
    out, one = copied(data[:-2] + secret + data[-2:], "a.jpg")
    assert one.reason is None
    assert (secret not in out[-len(secret) - 6 :]) and out.endswith(data[-40:])
    np.testing.assert_array_equal(pixels(out), pixels(data))


@pytest.mark.parametrize("options", CODED[:9])
def test_what_stands_behind_a_picture_without_an_end_mark_goes(copied, options):
    data = picture(**options)
    out, one = copied(data[:-2] + SECRET * 40, "a.jpg")
    assert one.reason is None and SECRET[:12] not in out and len(out) <= len(data)
    np.testing.assert_array_equal(pixels(out), pixels(data))


def test_what_stands_before_restart_marks_goes(copied):
    data = picture(restart_marker_blocks=2)
    marks = [at for at in range(len(data)) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    assert len(marks) > 3
    planted = data[: marks[1]] + SHORT + data[marks[1] : marks[3]] + SECRET + data[marks[3] :]
    out, one = copied(planted, "a.jpg")
    assert one.reason is None and SHORT not in out and SECRET not in out
    np.testing.assert_array_equal(pixels(out), pixels(data))


def test_more_restarts_than_there_are_units_go(copied):
    data = picture(restart_marker_blocks=2)
    out, one = copied(data[:-2] + b"\xff\xd3" + SHORT + b"\xff\xd4" + SECRET + data[-2:], "a.jpg")
    assert one.reason is None and SHORT not in out and SECRET not in out
    np.testing.assert_array_equal(pixels(out), pixels(data))


@pytest.mark.parametrize("where", ["behind", "without end"])
def test_a_text_that_cannot_be_told_from_codes_is_refused(copied, where):
    data = picture(progressive=True)
    planted = data[:-2] + SECRET + (data[-2:] if where == "behind" else b"")
    out, one = copied(planted, "a.jpg")
    assert out is None and "text" in one.reason
    assert copied(data, "b.jpg")[1].reason is None


@pytest.mark.parametrize("marker", [0xC0, 0xC4, 0xDB, 0xDA, 0xE0])
def test_a_segment_longer_than_its_tables(marker):
    """Decoders refuse some of these; the copy has the tables alone."""
    data = picture()
    at = data.find(bytes((0xFF, marker)))
    size = struct.unpack_from(">H", data, at + 2)[0]
    longer = data[: at + 2] + struct.pack(">H", size + len(SECRET)) + data[at + 4 : at + 2 + size] + SECRET
    try:
        copy = clean_jpeg(longer + data[at + 2 + size :], b"")
    except NoCopy:
        return
    assert SECRET[8:16] not in b"".join(part for part in copy.parts if isinstance(part, bytes))


def test_films_of_photos_lose_what_stands_behind_the_codes(copied):
    photos = [picture()[:-2] + SHORT + b"\xff\xd9" for _ in range(2)]
    out, one = copied(film([(b"vide", b"jpeg", photos)]), "a.mov")
    assert one.reason is None and SHORT not in out


def test_hostile_pictures_take_linear_time():
    data = picture(size=(64, 64))
    scan = data.find(b"\xff\xda")
    head, coded = data[:scan], data[scan:-2]

    def cleaned(made):
        try:
            clean_jpeg(made, b"")
        except NoCopy:
            return

    for piece in (b"\xff\xd0", b"\xff\x00", b"\xff\xff", b"\x00", b"a" * 20 + b"\0", coded, b"\xff\xfe\x00\x02"):
        assert_linear(cleaned, lambda n, piece=piece: head + coded + piece * (n // len(piece)), 40_000, 320_000)
        assert_linear(cleaned, lambda n, piece=piece: head + piece * (n // len(piece)) + coded, 40_000, 320_000)


# ---- units of H.264 and H.265


def unit(*parts):
    body = b"".join(parts)
    return struct.pack(">I", len(body)) + body


def message(kind, payload):
    return bytes((kind,)) + b"\xff" * (len(payload) // 255) + bytes((len(payload) % 255,)) + payload


def escaped(raw):
    for byte in range(4):
        raw = raw.replace(b"\0\0" + bytes((byte,)), b"\0\0\3" + bytes((byte,)))
    return raw


AVC_SLICE, HEVC_SLICE = b"\x65" + bytes(range(130, 200)), b"\x26\x01" + bytes(range(130, 200))
UUID = bytes(range(100, 116))


def avcc(*tail):
    return box(b"avcC", bytes((1, 100, 0, 30, 0xFF, 0xE1)) + struct.pack(">H", 4) + b"\x67\x64\0\x1e\x01"
               + struct.pack(">H", 3) + b"\x68\xee\x3c", *tail)  # fmt: skip


def coded_film(coding, setup, samples):
    """A film whose description has a decoder's setup."""
    data = film([(b"vide", coding, samples)], moov_first=True)
    entry = box(coding, bytes(6), struct.pack(">H", 1))
    longer = box(coding, bytes(6), struct.pack(">H", 1), bytes(68), struct.pack(">H", 0xFFFF), setup)
    assert data.count(entry) == 1
    grown = len(longer) - len(entry)
    at = data.find(entry)
    out = bytearray(data[:at] + longer + data[at + len(entry) :])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        place = out.find(kind) - 4
        out[place : place + 4] = struct.pack(">I", struct.unpack_from(">I", out, place)[0] + grown)
    table = out.find(b"stco") + 12
    for number in range(len(samples)):
        old = struct.unpack_from(">I", out, table + 4 * number)[0]
        struct.pack_into(">I", out, table + 4 * number, old + grown)
    return bytes(out)


SEI = {
    "a user's": message(5, UUID + SHORT), "a long one": message(5, UUID + SECRET * 9), "registered": message(4, SHORT),
    "after a kept one": message(6, b"\x84") + message(5, UUID + SHORT),
    "before a kept one": message(5, UUID + SHORT) + message(6, b"\x84"),
    "a kept one that is too long": message(6, SECRET), "of no known kind": message(200, SHORT),
    "with zeros": message(5, UUID + b"\0\0\0\1" + SHORT + b"\0\0\3"), "one of 254": message(5, (SECRET * 9)[:254]),
    "one of 255": message(5, (SECRET * 9)[:255]), "one of 256": message(5, (SECRET * 9)[:256]),
    "257 beside a kept one": message(6, b"\x84") + message(5, (SECRET * 9)[:255]),
}  # fmt: skip


@pytest.mark.parametrize("name", SEI)
@pytest.mark.parametrize("coding", [b"avc1", b"hvc1"])
def test_messages_among_pictures_are_overwritten(copied, coding, name):
    is_hevc = coding == b"hvc1"
    head, piece = (b"\x4e\x01", HEVC_SLICE) if is_hevc else (b"\x06", AVC_SLICE)
    sei = unit(head + escaped(SEI[name]) + b"\x80")
    setup = box(b"hvcC", b"\1" + bytes(20) + b"\x0f\0") if is_hevc else avcc()
    samples = [sei + unit(piece), unit(piece) + sei]
    data = coded_film(coding, setup, samples)
    out, one = copied(data, "a.mp4")
    assert one.reason is None and len(out) == len(data)
    assert SHORT not in out and SECRET[:16] not in out and UUID not in out
    assert out.count(piece) == 2
    assert any("SEI" in notice for notice in one.notices)
    assert ("kept" not in name or "too long" in name) or out.count(b"\x06\x01\x84") == 2


def test_units_that_decoders_pass_over_are_overwritten(copied):
    idle = [unit(bytes((kind,)) + SHORT) for kind in (0, 9, 12, 16, 24, 31)]
    data = coded_film(b"avc1", avcc(), [b"".join(idle) + unit(AVC_SLICE)])
    out, one = copied(data, "a.mp4")
    assert one.reason is None and SHORT not in out and AVC_SLICE in out


def test_a_clean_film_is_not_touched():
    samples = unit(b"\x09\x10") + unit(b"\x06" + message(6, b"\x84") + b"\x80") + unit(AVC_SLICE)
    found = patches_of_sample(samples, 0, len(samples), NalCoding(False, 4))
    assert list(found) == []


def test_a_text_in_a_decoders_setup_goes_or_is_refused(copied):
    for setup in (
        avcc(SHORT),
        avcc(b"\xfd\xf8\xf8\0" + SECRET),
        avcc() + box(b"pasp", struct.pack(">II", 1, 1) + SHORT),
    ):
        out, _ = copied(coded_film(b"avc1", setup, [unit(AVC_SLICE)]), "a.mp4")
        assert out is None or (SHORT not in out and SECRET not in out)
    hvcc = b"\1" + bytes(20) + b"\x0f\1" + b"\x27\0\1" + struct.pack(">H", 21) + b"\x4e\x01\x05\x10" + SHORT + b"\x80"
    out, one = copied(coded_film(b"hvc1", box(b"hvcC", hvcc), [unit(HEVC_SLICE)]), "a.mp4")
    assert one.reason is None and SHORT not in out


@pytest.mark.parametrize("coding", [b"avc1", b"mp4v", b"av01", b"vp09"])
def test_a_text_in_a_picture_that_cannot_be_taken_out_is_refused(copied, coding):
    out, one = copied(film([(b"vide", coding, [bytes(range(128, 250)) + SECRET + bytes(range(128, 250))])]), "a.mp4")
    assert out is None and "text" in one.reason
    out, one = copied(film([(b"vide", b"avc1", [bytes(90)]), (b"soun", b"mp4a", [b"\xff\xf1" + SECRET])]), "b.mp4")
    assert out is None


FFMPEG = shutil.which("ffmpeg")


@pytest.mark.slow
@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    "coder", [("libx264",), ("libx264", "-bf", "3", "-g", "5"), ("libx265", "-tag:v", "hvc1"), ("libx265",)]
)
def test_coders_leave_no_message_and_pictures_stay(copied, tmp_path, coder):
    made = tmp_path / "made.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=size=96x64:rate=10:duration=1.2")
    if subprocess.run([FFMPEG, "-v", "error", *source, "-c:v", *coder, str(made)], check=False, timeout=120).returncode:
        pytest.skip("this ffmpeg has no such coder")
    data = made.read_bytes()
    assert b"x26" in data
    out, one = copied(data, "a.mp4")
    assert one.reason is None and len(out) == len(data)
    assert b"x264 - core" not in out and b"x265 (build" not in out
    words = [[FFMPEG, "-v", "error", "-i", str(path), "-f", "framemd5", "-"] for path in (made, one.copy)]
    frames = [subprocess.run(each, capture_output=True, check=True, timeout=120).stdout for each in words]
    assert frames[0] == frames[1] and frames[0].count(b"\n") > 12


# ---- HEIC


def real_heic():
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    image = pillow_heif.from_pillow(Image.fromarray(np.random.default_rng(5).integers(0, 256, (64, 96, 3), np.uint8)))
    image.save(
        out, exif=b"Exif\0\0" + exif_of(40.117123, 124.390312), xmp=xmp_of({"drone-dji:GpsLatitude": "40.117123"})
    )
    return out.getvalue()


def grown(data, kind, tail):
    """The file with bytes behind the content of a box of `meta`; what stands behind it is not where it was."""
    at = data.find(kind) - 4
    size = struct.unpack_from(">I", data, at)[0]
    out = bytearray(data[: at + size] + tail + data[at + size :])
    around = {
        b"ispe": (b"iprp", b"ipco"),
        b"pixi": (b"iprp", b"ipco"),
        b"hvcC": (b"iprp", b"ipco"),
        b"ipma": (b"iprp",),
    }
    for name in (kind, b"meta", *around.get(kind, ())):
        place = data.find(name) - 4
        struct.pack_into(">I", out, place, struct.unpack_from(">I", out, place)[0] + len(tail))
    return moved(bytes(out), len(tail))


def moved(data, shift):
    """The file with the places of its items moved (iloc of version 0 or 1, without a base, places of four bytes)."""
    at, out = data.find(b"iloc") + 4, bytearray(data)
    version, sizes, count = (
        data[at],
        struct.unpack_from(">H", data, at + 4)[0],
        struct.unpack_from(">H", data, at + 6)[0],
    )
    assert version < 2 and sizes in (0x4400, 0x4440, 0x0440 | 0x4000)
    place, base = at + 8, (sizes >> 4 & 15)
    for _ in range(count):
        place += 4 + 2 * (version == 1) + base
        extents = struct.unpack_from(">H", data, place)[0]
        for number in range(extents):
            where = place + 2 + 8 * number
            struct.pack_into(">I", out, where, struct.unpack_from(">I", data, where)[0] + shift)
        place += 2 + 8 * extents
    return bytes(out)


@pytest.mark.parametrize("kind", [b"iloc", b"ipma", b"pitm", b"ispe", b"pixi", b"hvcC", b"hdlr", b"iref"])
def test_what_stands_behind_the_tables_of_a_heic_goes(copied, kind):
    data = real_heic()
    if data.find(kind) < 0:
        pytest.skip("no such box in it")
    out, one = copied(grown(data, kind, SHORT), "a.heic")
    assert SHORT not in (out or b"") and (out is not None or kind in (b"hvcC",)), one.reason


def test_a_heic_shows_the_same(copied):
    pillow_heif = pytest.importorskip("pillow_heif")
    data = real_heic()
    out, one = copied(data, "a.heic")
    assert one.reason is None and b"x265" not in out and b"40.117" not in out
    before, after = (np.asarray(pillow_heif.open_heif(io.BytesIO(raw))) for raw in (data, out))
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("kind", "at"),
    [(b"mvhd", 26), (b"mvhd", 36), (b"mvhd", 48), (b"mvhd", 72), (b"tkhd", 16), (b"tkhd", 24), (b"tkhd", 40),
     (b"tkhd", 60), (b"ftyp", 8), (b"ftyp", 4), (b"avc1", 4), (b"avc1", 14), (b"avc1", 46)],
)  # fmt: skip
def test_a_text_in_the_numbers_of_a_head_goes_or_is_refused(copied, kind, at):
    data = coded_film(b"avc1", avcc(), [unit(AVC_SLICE)])
    place = data.find(kind) + 4 + at
    planted = data[:place] + SHORT[: 8 if kind == b"ftyp" else 16] + data[place + (8 if kind == b"ftyp" else 16) :]
    out, _ = copied(planted, "a.mp4")
    assert out is None or SHORT[:8] not in out


# ---- sizes that are not true, and names


@pytest.mark.parametrize("kind", [b"free", b"uuid", b"abcd", b"mdat", b"udta"])
def test_a_box_that_claims_more_than_the_file_holds(copied, kind):
    data = film([(b"vide", b"avc1", [bytes(range(128, 228))])]) + struct.pack(">I", 1 << 24) + kind + SECRET
    out, _ = copied(data, "a.mp4")
    assert out is None or SECRET not in out
    wide = film([(b"vide", b"avc1", [bytes(range(128, 228))])]) + struct.pack(">I4sQ", 1, kind, 1 << 40) + SECRET
    out, _ = copied(wide, "b.mp4")
    assert out is None or SECRET not in out


def test_a_box_that_claims_more_within_the_index(copied):
    data = film([(b"vide", b"avc1", [bytes(range(128, 228))])], udta=struct.pack(">I", 1 << 20) + b"abcd" + SECRET)
    out, _ = copied(data, "a.mp4")
    assert out is None or SECRET not in out


@pytest.mark.parametrize(
    "name",
    ["DJI_40.1171_124.3903.jpg", "40.117123,124.390312.jpg", "photo 1581F4XYZ0001234.jpg", "1581f4xyz0001234_a.jpg"],
)
def test_a_name_with_a_place_or_a_serial_is_told(copied, name):
    data = jpeg(exif=exif_of(40.117123, 124.390312, exif=[(0xA431, 2, "1581F4XYZ0001234")]))
    _, one = copied(data, name)
    assert one.reason is None and any("its name holds a place or a serial" in notice for notice in one.notices)
    _, one = copied(data, "DJI_0001.jpg")
    assert not any("its name" in notice for notice in one.notices)


def test_meta_of_full_form(copied):
    data = film([(b"vide", b"avc1", [bytes(range(128, 228))])], meta=full(b"meta", box(b"loci", SECRET)))
    out, _ = copied(data, "a.mp4")
    assert out is None or SECRET not in out
