"""Any bytes give an item or `UnreadableInput`, in time and memory that the file's size bounds."""

from __future__ import annotations

import random
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.media import read
from dronecheck.media.model import MediaKind, PositionStatus
from tests.conftest import SHARED
from tests.fuzz.media_files import EXIF, MADE, frames
from tests.support.growth import assert_linear, hang_guard
from tests.support.hostile import HOSTILE
from tests.support.media_maker import (
    app,
    box,
    chunk,
    djmd_clip,
    exif_of,
    film,
    full,
    jpeg,
    png,
    proto,
    tiff,
)
from tests.support.scale import loops

MEDIA = SHARED / "media"


def survives(data: bytes, name: str = "x") -> bool:
    """Whether the bytes gave an item; anything but that or a refusal fails the test."""
    try:
        item = read(data, name)
    except UnreadableInput:
        return False
    for one in item.fields:
        assert one.offset >= 0 and one.length >= 0
    if item.position is not None:
        assert abs(item.position.lat_deg) <= 90 and abs(item.position.lon_deg) <= 180
        assert item.position.h_sigma_m > 0
    if item.film is not None:
        assert len({len(column) for column in (item.film.time_s, item.film.lat_deg, item.film.offset)}) == 1
        assert not np.any(item.film.is_usable & ~(np.abs(item.film.lat_deg) <= 90))
    return True


@pytest.mark.parametrize("name", MADE)
def test_made_files_are_whole(name):
    item = read(MADE[name], "x")
    assert item.position is not None and item.position.status is PositionStatus.USABLE
    assert item.is_truncated == (name == "no moov")


@pytest.mark.parametrize("name", MADE)
def test_one_byte_changed(name):
    rng = random.Random(20261130)
    data = MADE[name]
    for at in rng.sample(range(len(data)), min(len(data), loops(600))):
        for value in (0, 255, data[at] ^ 1 << rng.randrange(8)):
            survives(data[:at] + bytes((value,)) + data[at + 1 :])


@pytest.mark.parametrize("name", MADE)
def test_every_cut(name):
    data = MADE[name]
    for end in range(0, len(data), max(1, len(data) // loops(400))):
        survives(data[:end])


@pytest.mark.parametrize("name", ["djmd", "gpmd", "heic"])
def test_sizes_of_boxes(name):
    data = MADE[name]
    for kind in (b"moov", b"trak", b"stsz", b"stco", b"stsc", b"stts", b"mdat", b"udta", b"meta", b"iloc", b"iinf"):
        at = data.find(kind)
        if at < 4:
            continue
        size = struct.unpack_from(">I", data, at - 4)[0]
        for other in (0, 1, 7, 8, size - 1, size + 1, 2 * size, 0x7FFFFFFF, 0xFFFFFFFF):
            survives(data[: at - 4] + struct.pack(">I", other & 0xFFFFFFFF) + data[at:])
        for value in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):  # what its first numbers claim
            for place in (at + 4, at + 8, at + 12):
                survives(data[:place] + struct.pack(">I", value) + data[place + 4 :])


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe1", b"II*\0", b"MM\0*", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP",
                                  b"\0\0\0\x18ftypisom", b"\0\0\0\x18ftypheic", b"DEVC"])  # fmt: skip
def test_heads_before_noise(head):
    rng = random.Random(7)
    for size in (0, 1, 2, 7, 64, 4_096):
        for _ in range(loops(20)):
            survives(head + rng.randbytes(size))
            survives(head + bytes(size))
            survives(head + b"\xff" * size)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_in_fields(text):
    value = text if isinstance(text, str) else str(text)
    exif = exif_of(1.5, 2.5, ifd0=[(0x10F, 2, value.encode("utf-8", "replace") + b"\0"), (0x110, 2, "M")])
    item = read(jpeg(app(0xE0 - 0xE0 + 6, b"GoPro\0" + value.encode("utf-8", "replace")), exif=exif), "x.jpg")
    assert item.position is not None


@pytest.mark.skipif(not MEDIA.is_dir(), reason="../shared (real photos and films) is not here")
def test_real_files_cut_and_changed():
    rng = random.Random(11)
    paths = sorted(p for p in MEDIA.rglob("*") if p.is_file() and p.stat().st_size < 150_000)
    assert len(paths) > 30
    for path in paths:
        data = path.read_bytes()
        for part in range(0, 64, 64 // loops(64, 8)):
            survives(data[: len(data) * part // 64], path.name)
        for _ in range(loops(40, 6)):
            at = rng.randrange(len(data))
            survives(data[:at] + bytes((rng.randrange(256),)) + data[at + 1 :], path.name)


# ---- bombs


def test_a_nested_message_is_a_note():
    nested = b""
    for _ in range(3_000):
        nested = bytes((0x1A,)) + _length(nested) + nested
    clip = djmd_clip("dvtm_Air3s.proto")
    item = read(film([(b"meta", b"djmd", [clip + nested])]), "x.mp4")
    assert {issue.code.value for issue in item.issues} >= {"limit_reached"} and item.position is None


def _length(raw):
    return proto({1: raw})[1 : len(proto({1: raw})) - len(raw)] or b"\0"


def test_a_loop_of_directories_ends():
    data = bytearray(tiff([(0x10F, 2, "Maker")]))
    at = 8 + 2 + 12
    data[at : at + 4] = struct.pack("<I", 8)
    assert read(bytes(data), "x.tif").maker == "Maker"


def test_a_packed_bomb_is_not_unpacked():
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    tracemalloc.start()
    item = read(png(chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"eXIf", EXIF)), "x.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20 and item.position is not None
    assert "limit_reached" in {issue.code.value for issue in item.issues}


def test_entities_are_not_expanded():
    document = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d:Name xmlns:d="u">&b;</d:Name></x:xmpmeta>'
    )
    item = read(jpeg(xmp=document), "x.jpg")
    assert not any("aaaaaaaaaa" * 3 in str(one.value) for one in item.fields)
    assert "not_well_formed" in {issue.code.value for issue in item.issues}


def hostile(kind: str, count: int) -> bytes:
    """Files whose parts could cost more than their bytes."""
    if kind == "fill bytes":
        return b"\xff\xd8" + b"\xff" * count
    if kind == "pictures in a picture":
        return jpeg() + b"\xff\xd8\xff\xd8\xff" * (count // 5)
    if kind == "boxes":
        return box(b"ftyp", b"isom") + box(b"moov", box(b"free") * (count // 8))
    if kind == "nested boxes":
        return box(b"ftyp", b"isom") + b"".join(struct.pack(">I4s", count - 8 * n, b"trak") for n in range(count // 8))
    if kind == "samples that overlap":
        sizes = struct.pack(">II", 0, count // 8) + struct.pack(">I", count // 2) * (count // 8)
        places = struct.pack(">I", count // 8) + struct.pack(">I", 40) * (count // 8)
        stsd = full(b"stsd", struct.pack(">I", 1), box(b"djmd", bytes(8)))
        stbl = box(b"stbl", stsd, full(b"stsz", sizes), full(b"stco", places))
        hdlr = full(b"hdlr", b"\0\0\0\0meta" + bytes(13))
        return box(b"ftyp", b"isom") + box(b"moov", box(b"trak", box(b"mdia", hdlr, box(b"minf", stbl))))
    if kind == "attributes":
        return jpeg_of_xmp(b"<a " + b" ".join(b'p:n%d="1"' % n for n in range(count // 12)) + b"/>")
    if kind == "open tags":
        return jpeg_of_xmp(b"<a:b>" * (count // 5))
    if kind == "broken attributes":
        return jpeg_of_xmp(b'<a b="1" b="1"' + b' a:b="' * (count // 6))
    if kind == "segments":
        return b"\xff\xd8" + app(5, b"") * (count // 4)
    if kind == "shared values":
        size = min(count, 60_000)  # of each value, all of them in one place
        rows = b"".join(struct.pack("<HHII", 0x9000 + n, 7, size, 8) for n in range(min(count // 12, 4_000)))
        return b"II*\0" + struct.pack("<IH", 8, len(rows) // 12) + rows + bytes(count + 8)
    if kind == "positions":
        one = b"<e:GPSLatitude>1,2.5N</e:GPSLatitude><e:GPSLongitude>1,2.5E</e:GPSLongitude>"
        many = b"<a xmlns:e='http://ns.adobe.com/exif/1.0/'>" + one * (count // len(one)) + b"</a>"
        return jpeg_of_xmp(many)
    if kind == "runs":
        run = full(b"trun", struct.pack(">I", 0xFFFFFFFF))
        head = full(b"tfhd", struct.pack(">II", 1, 1), flags=0x10)
        index = film([(b"meta", b"djmd", [])])
        return index + box(b"moof", box(b"traf", head, run * (count // len(run))))
    if kind == "items":
        rows = b"".join(struct.pack(">HHHHII", n % 65_536, 0, 0, 1, 0, count // 2) for n in range(count // 40))
        infos = b"".join(
            full(b"infe", struct.pack(">HH", n % 65_536, 0), b"mime\0xml\0", version=2) for n in range(count // 40)
        )
        iinf = full(b"iinf", struct.pack(">H", 9), infos)
        iloc = full(b"iloc", struct.pack(">BBH", 0x44, 0, min(count // 40, 65_535)), rows, version=1)
        return box(b"ftyp", b"heic") + full(b"meta", full(b"hdlr", bytes(20)), iinf, iloc) + bytes(count // 4)
    assert kind == "directories"
    return tiff([(0x14A, 4, list(range(8, 8 + count // 4)))], tail=bytes(count))


def jpeg_of_xmp(document: bytes) -> bytes:
    """A PNG, in fact: its chunks are as long as one likes."""
    return png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + document))


KINDS = (
    "fill bytes", "pictures in a picture", "boxes", "nested boxes", "samples that overlap", "attributes", "open tags",
    "shared values", "positions", "runs", "items", "broken attributes", "segments", "directories",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_time_grows_no_faster_than_the_file(kind):
    with hang_guard():
        assert_linear(survives, lambda count: hostile(kind, count), 40_000, 320_000)


def test_a_film_larger_than_memory_costs_little(tmp_path):
    """A sparse film of 5 GB with its index at the end: only what is asked for is read."""
    small = film([(b"meta", b"djmd", frames())])
    at = small.find(b"moov") - 4
    moov = small[at:]
    ftyp, content = small[: small.find(b"mdat") - 4], small[small.find(b"mdat") + 4 : at]
    path = tmp_path / "large.MP4"
    size = 5 << 30
    with path.open("wb") as file:
        file.write(ftyp + struct.pack(">I4sQ", 1, b"mdat", size))
        shift = file.tell() - small.find(b"mdat") - 4
        file.write(content)
        file.seek(len(ftyp) + size)
        place = moov.find(b"stco") + 12
        offsets = [struct.unpack_from(">I", moov, place + 4 * n)[0] + shift for n in range(6)]
        file.write(moov[:place] + struct.pack(">6I", *offsets) + moov[place + 24 :])
    import mmap

    from dronecheck.safe.io import Input

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        tracemalloc.start()
        item = read(Input(path, data, "0" * 64))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert item.kind is MediaKind.MP4 and item.film is not None and item.film.is_usable.all()
    assert peak < 2 << 20


def test_samples_that_are_not_read_are_told():
    data = film([(b"meta", b"djmd", frames())])
    at = data.find(b"stsz") + 12
    assert struct.unpack_from(">I", data, at)[0] == 6
    for claimed in (7, 0xFFFFFFFF):
        item = read(data[:at] + struct.pack(">I", claimed) + data[at + 4 :], "x.MP4")
        assert item.is_truncated and len(item.film.time_s) == 6
    assert not read(data, "x.MP4").is_truncated
