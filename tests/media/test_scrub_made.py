"""Clean copies of photos and films that a writer of the tests made: what stays, what goes, what is refused."""

from __future__ import annotations

import base64
import io
import math
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dronecheck.media import read
from dronecheck.media.scrub import run as scrub_run
from dronecheck.media.scrub import scrub
from dronecheck.media.scrub.cleaners.icc_profile import clean_profile
from dronecheck.media.scrub.cleaners.spans import merged, without
from dronecheck.media.scrub.parts import CleanCopy, Taken
from dronecheck.media.scrub.proof import copy_proof, scan
from tests.support.media_maker import (
    app,
    box,
    chunk,
    djmd_clip,
    djmd_frame,
    exif_of,
    film,
    full,
    gpmf,
    heic,
    jpeg,
    png,
    proto,
    xmp_of,
)
from tests.support.scale import examples

LAT, LON, SERIAL = 40.123456789, -124.398765432, "1581F4XYZ0001234"
SECRETS = [b"40.123", b"124.39", SERIAL.encode(), b"2024:05:06", b"2024-05-06", b"Jane Pilot"]
PICTURES = [bytes((n, 200, 3)) * 40 for n in range(6)]
SOUNDS = [bytes((n, 77)) * 30 for n in range(6)]
XYZ = b"\0\x14\x15\xc7" + b"+40.1234-124.3987/  "
UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
some = settings(max_examples=examples(60), deadline=None)


@pytest.fixture
def copied(tmp_path_factory):
    """Copies bytes by a name; the copy's bytes, None and the reason where there is none."""

    def copy(data, name, **options):
        folder = tmp_path_factory.mktemp("scrub")
        (folder / name).write_bytes(data)
        (one,) = scrub([folder / name], folder / "out", **options).files
        assert (folder / name).read_bytes() == data
        left = list((folder / "out").iterdir()) if (folder / "out").is_dir() else []
        assert left == ([one.copy] if one.copy else [])
        return (one.copy.read_bytes() if one.copy else None), one

    return copy


def telling_film(lat=LAT, lon=LON, **options):
    """Picture, sound, camera track, maker's data, subtitles, texts, XMP, cover: in one film."""
    frame = djmd_frame(math.radians(lat), math.radians(lon), stamp="2024-05-06 07-08-09")
    camera = [djmd_clip("dvtm_Air3s.proto", SERIAL) + frame, *([frame] * 5)]
    text = f"[latitude: {lat:.6f}] [longitude: {lon:.6f}]".encode()
    tracks = [
        (b"vide", b"avc1", PICTURES), (b"meta", b"djmd", camera), (b"soun", b"mp4a", SOUNDS),
        (b"meta", b"dbgi", [SERIAL.encode() + struct.pack("<d", lat)] * 2),
        (b"sbtl", b"tx3g", [struct.pack(">H", len(text)) + text] * 3),
        (b"vide", b"jpeg", [jpeg(exif=exif_of(lat, lon))]),
    ]  # fmt: skip
    udta = box(b"\xa9xyz", f"\0\x12\x15\xc7{lat:+08.4f}{lon:+09.4f}/".encode("latin-1")) + box(b"auth", b"Jane Pilot")
    uuid = box(b"uuid", UUID, xmp_of({"drone-dji:GpsLatitude": f"{lat:.7f}", "xmp:CreateDate": "2024-05-06T07:08:09"}))
    behind = options.pop("behind", b"")
    return film(tracks, udta=udta, created_s=1_714_978_089, behind=uuid + behind, **options)


def in_samples(data, samples):
    """Where samples of the tests lie, by their own bytes."""
    return [(at, at + len(one)) for one in samples if (at := data.find(one)) >= 0]


# ---- films


@some
@given(
    st.floats(-89, 89).filter(lambda v: abs(v) > 0.01), st.floats(-179, 179).filter(lambda v: abs(v) > 0.01),
    st.booleans(), st.booleans(), st.integers(1, 3), st.binary(max_size=40),
)  # fmt: skip
def test_a_film_keeps_picture_and_sound_in_place_and_nothing_else(
    tmp_path_factory, lat, lon, wide, moov_first, per_chunk, junk
):
    data = telling_film(lat, lon, wide=wide, moov_first=moov_first, per_chunk=per_chunk, behind=junk)
    folder = tmp_path_factory.mktemp("film")
    (folder / "a.mp4").write_bytes(data)
    (one,) = scrub([folder / "a.mp4"], folder / "out").files
    assert one.copy is not None, one.reason
    out = one.copy.read_bytes()
    assert len(out) == len(data)
    places = in_samples(data, PICTURES + SOUNDS)
    assert len(places) == 12
    assert all(out[start:end] == data[start:end] for start, end in places)
    mdat = data.find(b"mdat") + (12 if wide else 4)
    kept = np.zeros(len(data), np.bool_)
    for start, end in places:
        kept[start:end] = True
    content = sum(len(part) for part in (*PICTURES, *SOUNDS))
    rest = np.frombuffer(out, np.uint8)[~kept]
    assert content == int(kept.sum())
    assert int(np.count_nonzero(rest)) < 1_100  # heads of boxes and the tables of two tracks
    assert not any(out[mdat : places[0][0]])
    for degrees in (lat, lon):
        for value in (degrees, math.radians(degrees)):
            assert struct.pack("<d", value) not in out
            assert struct.pack(">d", value) not in out
        assert f"{abs(degrees):.4f}".encode() not in out
    for secret in (SERIAL.encode(), b"Jane", b"2024", b"djmd", b"dbgi", b"xyz", struct.pack(">I", 3_797_822_889)):
        assert secret not in out


def test_times_stay_in_the_head_of_a_film_alone_when_asked_for(copied):
    data = telling_film()
    out, one = copied(data, "a.mp4", keep_time=True)
    stamp = struct.pack(">I", 1_714_978_089 + 2_082_844_800)
    assert one.reason is None
    assert out.count(stamp) == 2  # created, modified
    assert out.find(stamp) == data.find(b"mvhd") + 8
    assert data.count(stamp) > 2
    assert read(out, "a.mp4").position is None


def fragmented(begin=0):
    """A film of two tracks in fragments, and its pictures; the fragments begin at a number of ticks."""
    camera = [proto({3: {3: {4: {1: {2: math.radians(LAT), 3: math.radians(LON)}}}}}) + SERIAL.encode()] * 2
    data = film([(b"vide", b"avc1", []), (b"meta", b"djmd", [])], moov_first=True)
    moov_at = data.find(b"moov") - 4
    trex = b"".join(full(b"trex", struct.pack(">IIIII", n, 1, 100, 0, 0)) for n in (1, 2))
    size = struct.unpack_from(">I", data, moov_at)[0]
    mvex = box(b"mvex", trex)
    data = (
        data[:moov_at] + struct.pack(">I", size + len(mvex)) + data[moov_at + 4 : moov_at + size] + mvex
        + data[moov_at + size :]
    )  # fmt: skip
    pictures = PICTURES[:4]
    for pair, other in ((pictures[:2], camera[0]), (pictures[2:], camera[1])):

        def moof(shift, pair=pair, other=other):
            def traf(number, samples, at):
                tfhd = full(b"tfhd", struct.pack(">I", number), flags=0x20000)
                tfdt = full(b"tfdt", struct.pack(">Q", begin), version=1)
                sizes = b"".join(struct.pack(">I", len(one)) for one in samples)
                trun = full(b"trun", struct.pack(">Ii", len(samples), at), sizes, flags=0x201)
                return box(b"traf", tfhd, tfdt, trun)

            mfhd = full(b"mfhd", struct.pack(">I", 1))
            return box(b"moof", mfhd, traf(1, pair, shift), traf(2, [other], shift + sum(map(len, pair))))

        data += moof(len(moof(0)) + 8) + box(b"mdat", *pair, other)
    return data, pictures


def test_a_film_in_fragments(copied):
    """The camera's fragments go, with what they hold."""
    data, pictures = fragmented()
    out, one = copied(data, "a.mp4")
    assert one.reason is None
    assert len(out) == len(data)
    places = in_samples(data, pictures)
    assert len(places) == 4
    assert all(out[start:end] == data[start:end] for start, end in places)
    assert SERIAL.encode() not in out
    assert struct.pack("<d", math.radians(LAT)) not in out
    assert out.count(b"traf") == 2  # of four


def test_fragments_that_tell_the_time_of_day_are_refused(copied):
    out, one = copied(fragmented(1_714_978_089_000)[0], "a.mp4")
    assert (out, "when it was taken" in one.reason) == (None, True)


def with_sound_over(samples_of):
    """A film whose sound's table points at what another track holds."""
    data = telling_film()
    sound, other = data.find(SOUNDS[0]), data.find(samples_of)
    return data.replace(struct.pack(">I", sound), struct.pack(">I", other), 1)


def test_a_table_that_points_at_what_must_go_is_refused(copied):
    out, one = copied(with_sound_over(SERIAL.encode()), "a.mp4")
    assert out is None
    assert "would have to go" in one.reason


def test_a_serial_within_the_picture_is_found(copied):
    sei = b"\0\0\0\x40\x06\x05\x30" + SERIAL.encode() + bytes(60)
    frame = djmd_frame(math.radians(LAT), math.radians(LON))
    data = film([(b"vide", b"avc1", [sei]), (b"meta", b"djmd", [djmd_clip("dvtm_Air3s.proto", SERIAL) + frame])])
    out, one = copied(data, "a.mp4")
    assert out is None
    assert "serial" in one.reason


@pytest.mark.parametrize("coding", [b"djmd", b"encv"])
def test_a_picture_track_of_an_unknown_coding_is_refused(copied, coding):
    out, one = copied(film([(b"vide", coding, [SERIAL.encode() * 3])]), "a.mp4")
    assert out is None
    assert coding.decode() in one.reason


def test_a_film_of_photos_keeps_what_decodes_them(copied):
    photos = [jpeg(comment, exif=exif_of(LAT, LON)) + SERIAL.encode() for comment in (b"", b"\xff\xfe\0\x0cJane Pilot")]
    data = film([(b"vide", b"jpeg", photos)])
    out, one = copied(data, "a.mov")
    assert one.reason is None
    for photo in photos:
        at = data.find(photo)
        before, after = (Image.open(io.BytesIO(film_[at : at + len(photo)])) for film_ in (data, out))
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))
        assert not after.getexif()
        assert not after.info.get("comment", b"").strip(b"\0")
    assert SERIAL.encode() not in out
    assert b"Jane" not in out
    for photos in ([b"\x89PNG\r\n\x1a\n" + SERIAL.encode()], [jpeg()[:300]]):
        assert copied(film([(b"vide", b"jpeg", photos)]), "a.mov")[0] is None


# ---- JPEG


def segments(data):
    """The markers of a picture in order, by a walk of the test's own; the scan and what stands behind it."""
    at, found = 2, []
    while data[at + 1] != 0xDA:
        found.append((data[at + 1], data[at + 4 : at + 2 + struct.unpack_from(">H", data, at + 2)[0]]))
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return found, data[at:]


@some
@given(
    st.lists(st.tuples(st.integers(0, 15), st.binary(min_size=1, max_size=60)), max_size=6), st.integers(1, 8),
    st.binary(max_size=50), st.floats(-89, 89).filter(lambda v: abs(v) > 0.01),
)  # fmt: skip
def test_a_picture_keeps_what_decodes_it(tmp_path_factory, more, orientation, behind, lat):
    exif = exif_of(lat, LON, ifd0=[(0x112, 3, orientation), (0x13B, 2, "Jane Pilot")],
                   exif=[(0x9003, 2, "2024:05:06 07:08:09"), (0xA431, 2, SERIAL)])  # fmt: skip
    comment = b"\xff\xfe" + struct.pack(">H", 12) + b"Jane Pilot"
    xmp = xmp_of({"drone-dji:GpsLatitude": f"{lat:.6f}", "drone-dji:DroneSerialNumber": SERIAL})
    extra = [app(number, b"x:" + body) for number, body in more]
    data = jpeg(*extra, comment, exif=exif, xmp=xmp) + behind + jpeg(exif=exif)
    folder = tmp_path_factory.mktemp("jpeg")
    (folder / "a.jpg").write_bytes(data)
    (one,) = scrub([folder / "a.jpg"], folder / "out").files
    assert one.copy is not None, one.reason
    out = one.copy.read_bytes()
    kept, scanned = segments(out)
    before, from_scan = segments(data)
    allowed = {0xC0, 0xC4, 0xDB, 0xDD, 0xE0} | ({0xE1} if orientation != 1 else set())
    assert {marker for marker, _ in kept} <= allowed
    picture = {0xC0, 0xC4, 0xDB, 0xDD}
    assert [one for one in kept if one[0] in picture] == [one for one in before if one[0] in picture]
    assert from_scan.startswith(scanned)
    assert scanned.endswith(b"\xff\xd9")
    assert scanned.count(b"\xff\xd9") == 1
    with Image.open(io.BytesIO(out)) as after, Image.open(io.BytesIO(data)) as first:
        np.testing.assert_array_equal(np.asarray(after), np.asarray(first))
        assert dict(after.getexif()) == ({0x112: orientation} if orientation != 1 else {})
    assert [secret for secret in [*SECRETS[2:], f"{abs(lat):.3f}".encode()] if secret in out] == []


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("RGB", "JPEG", {"progressive": True, "quality": 70}), ("RGB", "JPEG", {"restart_marker_blocks": 2}),
        ("CMYK", "JPEG", {}), ("L", "JPEG", {"optimize": True}), ("RGB", "JPEG", {"keep_rgb": True}),
        ("RGB", "JPEG", {"subsampling": 2}), ("P", "PNG", {"transparency": 3}), ("1", "PNG", {}), ("LA", "PNG", {}),
        ("RGBA", "PNG", {}), ("I;16", "PNG", {}), ("RGB", "PNG", {"transparency": (1, 2, 3)}),
    ],
)  # fmt: skip
def test_pictures_of_every_coding_look_the_same(copied, mode, kind, options):
    """Adobe's segment says how four colours are coded, restart marks stand within the scan, palettes beside it."""
    noise = np.random.default_rng(7).integers(0, 256, (48, 64, 4), np.uint8)
    if mode == "I;16":
        picture = Image.fromarray(noise.view(np.uint16)[..., 0].copy())
    else:
        picture = Image.fromarray(noise, "CMYK" if mode == "CMYK" else "RGBA").convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, exif=b"Exif\0\0" + exif_of(LAT, LON), **options)
    data, one = copied(out.getvalue(), "a.bin")
    assert one.reason is None
    assert SERIAL.encode() not in data
    with Image.open(io.BytesIO(out.getvalue())) as before, Image.open(io.BytesIO(data)) as after:
        assert before.mode == after.mode
        assert before.getexif().get_ifd(0x8825)
        assert not after.getexif()
        np.testing.assert_array_equal(np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA")))


def test_a_colour_profile_keeps_its_colours_alone(copied):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clean = clean_profile(profile)
    assert len(clean) == len(profile)
    assert not any(clean[24:36])
    assert b"desc" not in clean
    pixels = Image.fromarray(np.random.default_rng(5).integers(0, 256, (40, 40, 3), np.uint8))
    to_lab = [
        np.asarray(
            ImageCms.profileToProfile(
                pixels, ImageCms.ImageCmsProfile(io.BytesIO(one)), ImageCms.createProfile("LAB"), outputMode="LAB"
            )
        )
        for one in (profile, clean)
    ]
    np.testing.assert_array_equal(*to_lab)
    out = io.BytesIO()
    pixels.save(out, "JPEG", icc_profile=profile)
    data, _ = copied(out.getvalue(), "a.jpg")
    assert Image.open(io.BytesIO(data)).info["icc_profile"] == clean


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (jpeg()[:200], "more bytes than there are"), (b"\xff\xd8\xff\xd9" + bytes(40), "no whole picture"),
        (b"\xff\xd8\xff\xe1\xff\xff" + bytes(40), "more bytes than there are"),
        (png()[:40], "no whole picture"), (png(chunk(b"ABCD", b"x")), "not known here"),
        (png().replace(chunk(b"IDAT", b"")[8:], b"\0\0\0\0", 1)[:-20], "no whole picture"),
        (film([(b"vide", b"avc1", PICTURES)], with_moov=False), "moov"), (heic(exif_of(1.5, 2.5)), "no whole picture"),
        (b"RIFF\x04\0\0\0WEBP" + bytes(30), "webp"), (gpmf("DEVC", "", gpmf("DVNM", "c", b"Hero")), "log"),
    ],
)  # fmt: skip
def test_what_gets_no_copy(copied, data, why):
    out, one = copied(data, "a.bin")
    assert out is None
    assert why in one.reason


# ---- PNG


def test_a_png_keeps_what_decodes_it(copied):
    text = zlib.compress(SERIAL.encode() * 50)
    data = png(
        chunk(b"tEXt", b"Author\0Jane Pilot"), chunk(b"zTXt", b"Serial\0\0" + text), chunk(b"eXIf", exif_of(LAT, LON)),
        chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 7, 8, 9)), size=(3, 2),
    ) + SERIAL.encode()  # fmt: skip
    out, one = copied(data, "a.png")
    assert one.reason is None
    at, kinds = 8, []
    while at < len(out):
        length, kind = struct.unpack_from(">I4s", out, at)
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    with Image.open(io.BytesIO(out)) as after, Image.open(io.BytesIO(data)) as first:
        np.testing.assert_array_equal(np.asarray(after), np.asarray(first))


def test_a_wrong_check_value_is_refused(copied):
    data = bytearray(png())
    data[-16] ^= 1  # of the picture's chunk
    out, one = copied(bytes(data), "a.png")
    assert (out, "check value" in one.reason) == (None, True)


# ---- the proof itself: what a faulty copy still holds is found


def leaks():
    """A coordinate and more in every encoding that the proof names, with whether it is found within a picture, too."""
    d, m = 40, 7
    s = (LAT - d - m / 60) * 3600
    rad = math.radians(LAT)
    yield "degrees", b"at 40.123 north", True
    yield "degrees cut", b"124.398;", True
    yield "UTF-16", "40.123".encode("utf-16-le"), True
    yield "UTF-16 BE", "40.123".encode("utf-16-be"), True
    yield "ISO 6709", b"+40.1234-124.3987/", True
    yield "ISO 6709 in minutes", b"+4007.407-12423.926/", True
    yield "DMS", f"40 deg 7' {s:.2f}\"".encode(), True
    yield "XMP minutes", b"40,7.41N", True
    for order in "<>":
        yield f"double {order}", struct.pack(order + "d", LAT), True
        yield f"double radians {order}", struct.pack(order + "d", rad), True
        yield f"float {order}", struct.pack(order + "f", LAT), False
        yield f"float radians {order}", struct.pack(order + "f", rad), False
        yield f"integer {order}", struct.pack(order + "i", round(LON * 1e7)), False
        yield f"rationals {order}", struct.pack(order + "6I", d, 1, m, 1, round(s * 10_000), 10_000), True
    yield "serial", b"<" + SERIAL.encode() + b">", True
    yield "serial UTF-16", SERIAL.encode("utf-16-be"), True
    for shift in range(3):
        yield f"serial base64 {shift}", base64.b64encode(b"ab"[:shift] + SERIAL.encode() + b"cde"), True
    yield "serial packed", zlib.compress(b"serial=" + SERIAL.encode()), False
    yield "name", b"by Jane Pilot", True
    yield "date", b"20240506", True
    yield "date EXIF", b"2024:05:06 07:08:09", True


SECRETIVE = jpeg(
    exif=exif_of(LAT, LON, ifd0=[(0x13B, 2, "Jane Pilot")],
                 exif=[(0x9003, 2, "2024:05:06 07:08:09"), (0xA431, 2, SERIAL)]),
    xmp=xmp_of({"drone-dji:GpsLatitude": repr(LAT), "drone-dji:GpsLongitude": repr(LON)}),
)  # fmt: skip


def copied_with(copied, monkeypatch, leak, within):
    """A copy by a cleaner that leaves something in, behind the picture or within it."""
    clean = scrub_run.clean_jpeg

    def leaky(data, exif):
        parts = clean(data, exif).parts
        if within == "picture":
            at = data.find(leak)
            return CleanCopy((*parts[:-1], Taken(at, at + len(leak)), parts[-1]))
        return CleanCopy((*parts[:-1], b"\xff\xd9" + bytes(9) + leak + bytes(9)))

    monkeypatch.setattr(scrub_run, "clean_jpeg", leaky)
    return copied(SECRETIVE + b"\0" + leak + b"\0", "a.jpg")


LEAKS = {name: (leak, is_found_in_picture) for name, leak, is_found_in_picture in leaks()}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_outside_the_picture_is_found(copied, monkeypatch, name):
    out, one = copied_with(copied, monkeypatch, LEAKS[name][0], "trailer")
    assert out is None
    assert "the copy still" in one.reason


@pytest.mark.parametrize("name", [name for name in LEAKS if name != "serial packed"])
def test_a_leak_within_the_picture_is_found_or_counted_where_it_may_be_chance(copied, monkeypatch, name):
    leak, is_found = LEAKS[name]
    out, one = copied_with(copied, monkeypatch, leak, "picture")
    assert (out is None) == is_found
    if is_found:
        assert "the copy still" in one.reason
    else:
        assert sum(found.by_chance for found in one.proof.sought) == 1


def test_a_field_that_is_left_is_found(copied, monkeypatch):
    monkeypatch.setattr(scrub_run, "clean_jpeg", lambda data, exif: CleanCopy((Taken(0, len(data)),)))
    data = jpeg(exif=exif_of(ifd0=[(0x10F, 2, "ABC")]))
    out, one = copied(data, "a.jpg")
    assert out is None
    assert "APP1/EXIF/IFD0/Make" in one.reason


def test_a_changed_picture_is_found(copied, monkeypatch):
    def faulty(source, copy, handle):
        scrub_parts(source, copy, handle)
        handle.seek(-3, 2)
        handle.write(b"\x55")

    scrub_parts = scrub_run.write_parts
    monkeypatch.setattr(scrub_run, "write_parts", faulty)
    out, one = copied(SECRETIVE, "a.jpg")
    assert out is None
    assert "not the same bytes" in one.reason


def test_a_source_that_changes_meanwhile_is_found(copied, monkeypatch):
    monkeypatch.setattr(copy_proof, "hash_file", lambda path: "0" * 64)
    out, one = copied(SECRETIVE, "a.jpg")
    assert (out, "changed" in one.reason) == (None, True)


@some
@given(
    st.lists(st.binary(min_size=4, max_size=12), min_size=1, max_size=8), st.binary(max_size=300), st.data(),
    st.integers(13, 40),
)  # fmt: skip
def test_the_scan_finds_each_occurrence_once(patterns, data, draw, step):
    """Against `bytes.find`, with pieces so small that occurrences lie over their edges."""
    for pattern in patterns:
        at = draw.draw(st.integers(0, len(data)))
        data = data[:at] + pattern + data[at:]
    patch = pytest.MonkeyPatch()
    patch.setattr(scan, "_STEP_BYTES", step)
    try:
        found = sorted(scan.PatternScanner(patterns).hits(io.BytesIO(data)))
    finally:
        patch.undo()
    wanted = [
        (number, at)
        for number, pattern in enumerate(patterns)
        for at in range(len(data))
        if data.startswith(pattern, at)
    ]
    assert found == sorted(wanted)


@some
@given(*[st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6)] * 2)
def test_spans_against_single_bytes(ones, others):
    held = [{at for start, length in spans for at in range(start, start + length)} for spans in (ones, others)]
    one, other = (merged([(start, start + length) for start, length in spans]) for spans in (ones, others))
    assert {at for start, end in one.tolist() for at in range(start, end)} == held[0]
    left = without(one, other).tolist()
    assert {at for start, end in left for at in range(start, end)} == held[0] - held[1]
    assert all(start < end for start, end in left)


# ---- hostile files


@pytest.mark.parametrize(
    "make", [lambda: telling_film(), lambda: SECRETIVE, lambda: png(chunk(b"eXIf", exif_of(LAT, LON)))]
)
def test_cut_anywhere_a_copy_is_clean_or_not_there(copied, make):
    data = make()
    for part in range(1, 33):
        out, _ = copied(data[: len(data) * part // 32], "a.bin")
        assert out is None or not [secret for secret in SECRETS if secret in out]


@some
@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=12), st.booleans())
def test_damaged_anywhere_a_copy_is_clean_or_not_there(tmp_path_factory, flips, of_film):
    data = bytearray(telling_film(moov_first=True) if of_film else SECRETIVE)
    for at, value in flips:
        data[at % len(data)] = value
    folder = tmp_path_factory.mktemp("damage")
    (folder / "a.bin").write_bytes(data)
    (one,) = scrub([folder / "a.bin"], folder / "out").files
    if one.copy is not None:
        found = one.copy.read_bytes()
        assert not [secret for secret in SECRETS if secret in found]
        assert struct.pack("<d", math.radians(LAT)) not in found


def test_bombs_end(copied):
    boxes = b""
    for _ in range(3_000):
        boxes = box(b"trak", boxes)
    assert copied(box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", boxes), "a.mp4")[0] is None
    packed = zlib.compress(bytes(40 << 20), 9)
    out, one = copied(png(chunk(b"zTXt", b"Bomb\0\0" + packed), chunk(b"iCCP", b"x\0\0" + packed)), "a.png")
    assert one.reason is None
    assert len(out) < 200


# ---- films by an independent writer

SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.6")
PICTURE = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.6")
META = ("-metadata", "location=+40.1234-124.3987/", "-metadata", f"comment={SERIAL}", "-metadata", "artist=Jane Pilot",
        "-metadata", "creation_time=2024-05-06T07:08:09Z", "-timecode", "07:08:09:01")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", ("-c:v", "mpeg4", "-c:a", "aac")), ("a.mp4", ("-c:v", "libx264", "-movflags", "+faststart")),
        ("a.mp4", ("-c:v", "libx264", "-bf", "2", "-movflags", "frag_keyframe+empty_moov", "-g", "2")),
        ("a.mp4", ("-c:v", "libx264", "-movflags", "frag_keyframe+default_base_moof+cmaf", "-g", "3")),
        ("a.mov", ("-c:v", "prores_ks", "-c:a", "pcm_s16le")), ("a.mov", ("-c:v", "mjpeg", "-c:a", "alac")),
        ("a.mov", ("-c:v", "libx264", "-c:a", "pcm_s24le", "-movflags", "use_metadata_tags")),
        ("a.mp4", ("-c:v", "libx265", "-tag:v", "hvc1", "-c:a", "ac3")), ("a.mov", ("-c:v", "rawvideo",)),
        ("a.mp4", ("-c:v", "libaom-av1", "-cpu-used", "8", "-c:a", "libopus", "-strict", "-2")),
        ("a.mp4", ("-c:v", "libvpx-vp9", "-c:a", "flac", "-strict", "-2")),
    ],
)  # fmt: skip
def test_films_of_ffmpeg_play_the_same(copied, tmp_path, name, options):
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    made = tmp_path / name
    command = [ffmpeg, "-v", "error", *PICTURE, *SOUND, *META, *options, str(made)]
    if subprocess.run(command, capture_output=True, check=False, timeout=120).returncode:
        pytest.skip("this ffmpeg has no such coder")
    data = made.read_bytes()
    out, one = copied(data, name)
    assert one.reason is None
    assert len(out) == len(data)
    assert SERIAL.encode() in data
    for secret in (SERIAL.encode(), b"Jane", b"40.12", b"2024", b"Lavf", b"tmcd"):
        assert secret not in out
    frames = [
        subprocess.run(
            [ffmpeg, "-v", "error", "-i", str(path), "-map", "0:v", "-map", "0:a", "-f", "framemd5", "-"],
            capture_output=True, check=True, timeout=120,
        ).stdout
        for path in (made, one.copy)
    ]  # fmt: skip
    assert frames[0] == frames[1]
    assert frames[0].count(b"\n") > 15


@pytest.mark.slow
@pytest.mark.parametrize(("coder", "wide", "channels"), [("pcm_s16le", 2, 1), ("pcm_s16be", 4, 2), ("pcm_s24le", 6, 2)])
def test_sound_that_old_films_table_as_single_bytes(copied, tmp_path, coder, wide, channels):
    """QuickTime's older writers give uncompressed sound a size of 1, whatever its samples take."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed")
    made = tmp_path / "made.mov"
    command = [ffmpeg, "-v", "error", *SOUND, "-c:a", coder, "-ac", str(channels), str(made)]
    subprocess.run(command, check=True, timeout=120)
    data = made.read_bytes()
    table = data.find(b"stsz") + 8
    assert struct.unpack_from(">I", data, table)[0] == wide
    data = data[:table] + struct.pack(">I", 1) + data[table + 4 :]
    out, one = copied(data, "old.mov")
    assert one.reason is None
    start = data.find(b"mdat") + 4
    size = struct.unpack_from(">I", data, start - 8)[0] - 8
    assert size > 26_000 * wide
    assert out[start : start + size] == data[start : start + size]
