"""Wherever a place is written, the file is red, with the field and its place in the file."""

from __future__ import annotations

import struct

import pytest

from dronecheck.media import read
from dronecheck.media.place_text import has_place
from dronecheck.media.reveals import RevealGravity, RevealKind, gravity_of, reveals_of
from tests.media.test_meaning import apple
from tests.support.growth import assert_linear
from tests.support.media_maker import app, box, chunk, exif_of, film, full, heic, jpeg, png, tiff, xmp_of

LAT, LON = 40.117123, 124.390312
TEXT = f"{LAT:.6f}, {LON:.6f}"
EXIF = exif_of(LAT, LON)
PLACES = {RevealKind.PLACE, RevealKind.TARGET_PLACE}


def placed(data, name="x"):
    """The reveals of a place."""
    found = reveals_of(read(data, name))
    return [one for one in found if one.kind in PLACES]


def loci(name=b"Sinuiju\0", notes=b"earth\0\0"):
    body = bytes(4) + b"\x15\xc7" + name + b"\0"
    return box(b"loci", body, struct.pack(">iii", round(LON * 65_536), round(LAT * 65_536), 0), notes)


def with_thumbnail(thumbnail):
    """An EXIF structure whose second directory holds a picture."""
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 14)
    ifd1 = struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, 44, 0x202, 4, 1, len(thumbnail), 0)
    return head + ifd1 + thumbnail


def fff(valid=1, refs=b"NE"):
    """A block of FLIR's with a position."""
    gps = struct.pack("<II", valid, 0) + refs[:1] + b"\0" + refs[1:] + b"\0" + bytes(4) + struct.pack("<dd", LAT, LON)
    gps = gps.ljust(0x60, b"\0")
    head = b"FFF\0" + bytes(16) + struct.pack(">III", 100, 64, 1) + bytes(32)
    entry = struct.pack(">HHIIIIIII", 0x2B, 0, 0, 0, 96, len(gps), 0, 0, 0)
    return head + entry + gps


def psir(number, body):
    """One of Photoshop's blocks."""
    return b"8BIM" + struct.pack(">HH", number, 0) + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)


def iptc(number, text):
    return struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text


def maker_note(note, more=()):
    return tiff([(0x10F, 2, "Maker"), *more], [(0x927C, 7, note)])


RAW_GPS = struct.pack("<HHHI", 1, 0x8825, 4, 1)
FILMED = {
    "loci": film(udta=loci()),
    "loci, in two bytes a letter": film(udta=loci("Sinuiju\0".encode("utf-16"))),
    "loci of a track's own": film(meta=loci()),
    "loci that is cut": film(udta=box(b"loci", bytes(4) + b"\x15\xc7Sinuiju with no end")),
    "free space": film(behind=box(b"free", TEXT.encode())),
    "a box of no known kind": film(behind=box(b"abcd", b"\0\1\2\3" + TEXT.encode())),
    "a box of an unknown name": film(behind=box(b"uuid", bytes(range(16)), b"xx" + TEXT.encode())),
    "a comment": film(udta=box(b"\xa9cmt", struct.pack(">HH", len(TEXT), 0) + TEXT.encode())),
    "a key of a maker": film(meta=apple({b"com.maker.where": TEXT.encode()})),
    "Apple's place name": film(meta=apple({b"com.apple.quicktime.location.name": b"Sinuiju"})),
    "DJI's second track": film([(b"meta", b"dbgi", [bytes(40)] * 2)]),
    "subtitles, the third of them": film(
        [(b"sbtl", b"tx3g", [struct.pack(">H", len(t)) + t for t in (b"one", b"two", TEXT.encode())])]
    ),
    "a cover": film(udta=box(b"thmb", jpeg(exif=EXIF))),
    "a picture in a box of no known kind": film(behind=box(b"abcd", bytes(8), jpeg(exif=EXIF))),
}
PICTURED = {
    "a thumbnail": jpeg(exif=with_thumbnail(jpeg(exif=EXIF))),
    "a thumbnail in PNG": png(chunk(b"eXIf", with_thumbnail(jpeg(exif=EXIF)))),
    "a thumbnail in HEIC": heic(with_thumbnail(jpeg(exif=EXIF))),
    "Photoshop's thumbnail": jpeg(app(13, b"Photoshop 3.0\0" + psir(0x040C, bytes(28) + jpeg(exif=EXIF)))),
    "FLIR's block": jpeg(app(1, b"FLIR\0\1\0\0" + fff())),
    "FLIR's block, without a fix": jpeg(app(1, b"FLIR\0\1\0\0" + fff(valid=0))),
    "FLIR's block, without letters": jpeg(app(1, b"FLIR\0\1\0\0" + fff(refs=b"\0\0"))),
    "a text in a maker's note": jpeg(exif=maker_note(b"\1\2\3\4" + TEXT.encode() + b"\0\0\1")),
    "EXIF in a maker's note": jpeg(exif=maker_note(b"MakerX\0\0" + EXIF)),
    "a picture in a maker's note": jpeg(exif=maker_note(b"MakerX\0\0" + jpeg(exif=EXIF))),
    "a segment of nobody's": jpeg(app(9, b"Maker\0" + TEXT.encode())),
    "a segment in two bytes a letter": jpeg(app(9, b"\1\2" + TEXT.encode("utf-16-le"))),
    "XMP in a segment of nobody's": jpeg(app(9, b"Maker\0" + xmp_of({"drone-dji:GpsLatitude": "+40.1"}))),
    "a comment": jpeg(b"\xff\xfe" + struct.pack(">H", len(TEXT) + 2) + TEXT.encode()),
    "behind the picture": jpeg() + b"note: " + TEXT.encode(),
    "a text of PNG": png(chunk(b"tEXt", b"Whatever\0" + TEXT.encode())),
    "a chunk of nobody's": png(chunk(b"maKr", b"\0\0" + TEXT.encode())),
    "behind a PNG": png() + TEXT.encode(),
    "a second directory of satellites": jpeg(exif=exif_of(gps=[(2, 5, [(40, 1), (7, 1), (0, 1)])])),
}  # fmt: skip
SPACES = (
    'xmlns:drone-autel="http://www.autelrobotics.com/drone-autel/1.0/" xmlns:foo="http://foo/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
)
PROPERTIES = {
    "drone-dji:LRFTargetLat": "40.1", "drone-autel:LRFTargetLon": "124.3", "foo:LRFTargetAbsAlt": "12.5",
    "foo:TargetLatitude": "40.1", "foo:HomeLat": "40.1171", "foo:UavLongitude": "124.39", "photoshop:City": "Sinuiju",
    "photoshop:Country": "X", "Iptc4xmpCore:Location": "Harbour", "Iptc4xmpCore:CountryCode": "PRK", "foo:lat": "40.1",
    "foo:Village": "X", "foo:note": TEXT, "foo:link": "https://maps.app.goo.gl/AbCd", "exif:GPSDestLatitude": "40,7.1N",
    "foo:code": "8Q98CC8R+2X", "foo:grid": "51T XF 12345 67890", "foo:words": "///filled.count.soap",
}  # fmt: skip
NAMED = {
    **{f"IPTC {n}": jpeg(app(13, b"Photoshop 3.0\0" + psir(0x0404, iptc(n, b"Sinuiju"))))
       for n in (26, 27, 90, 92, 95, 100, 101)},
    **{f"XMP {name}": jpeg(xmp=xmp_of({name: value}, namespaces=SPACES)) for name, value in PROPERTIES.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", [*FILMED, *PICTURED, *NAMED])
def test_a_place_is_red_wherever_it_stands(name):
    data = {**FILMED, **PICTURED, **NAMED}[name]
    found = placed(data)
    assert found, [one.field.path for one in reveals_of(read(data, "x"))]
    assert gravity_of(reveals_of(read(data, "x"))) is RevealGravity.RED
    for one in found:
        assert 0 <= one.field.offset < len(data) and one.field.length >= 0 and one.field.path


def test_the_place_of_a_text_is_where_it_says():
    for data in (
        FILMED["a box of no known kind"],
        PICTURED["a segment of nobody's"],
        PICTURED["a text in a maker's note"],
    ):
        where = next(one.field for one in placed(data) if TEXT in str(one.field.value))
        assert TEXT.encode() in data[where.offset : where.offset + where.length]


WRITTEN = [
    "40.11712, 124.39031", "-33.8568,151.2153,12", "40°07'01.6\"N 124°23'25\"E", "40 deg 7' 1.62\" N",
    "N40 07.123 E124 23.9",
    "40.11712N 124.39031E", "40.1171° N, 124.3903° E", "+40.1171+124.3903/", "+4007.02+12423.41+012/", "+40-074/",
    "geo:40.1,124.4;u=5", "https://www.google.com/maps/@40,124,15z", "33T 500000 4649776", "51TXF1234567890",
    "latitude: 40.1171", "[latitude: 40.117] [longtitude: 124.3]", "?lat=40.117&lon=124.39", "40,7.44N",
    '{"lng":124.3903}',
    "GPS(124.3900,40.1170,19)", "40,1171; 124,3903", "https://www.openstreetmap.org/#map=5", "8Q982222+22",
]  # fmt: skip
NO_PLACE = [
    "0.3127 0.3290", "v1.2.3", "2018-08-23;3666.660000,3650.520000,-11.680000,0.450000,-0.268650,0.116400",
    "Lavf58.29.100",
    "x264 - core 164 r3095 - H.264/MPEG-4 AVC codec - options: cabac=1 ref=3 deblock=1:0:0 me_range=16",
    "53HQN4T0M5B7JW",
    "1581F4XYZ0001234", "2024:05:06 07:08:09", "0.9642 1.0000 0.8249", "DCIM/100MEDIA/DJI_0004.JPG", "24-70mm f/2.8",
    "uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b", "file:///a.b.c", "+08:00", "flat 0.0123", "1920x1080", "",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_the_ways_to_write_a_place(text):
    assert has_place(text) and has_place(f"seen at {text} today")
    assert placed(jpeg(exif=exif_of(ifd0=[(0x10E, 2, text.encode() + b"\0")])))


@pytest.mark.parametrize("text", NO_PLACE)
def test_what_is_no_place(text):
    assert not has_place(text)


def test_files_that_give_nothing_away_stay_green():
    for data in (jpeg(), png(), film([(b"vide", b"avc1", [bytes(90)])]), heic(), film(behind=box(b"free", bytes(400)))):
        assert not reveals_of(read(data, "x"))


def test_what_cannot_be_read_is_not_green():
    for data in (jpeg(app(9, b"Maker\0" + bytes(range(64)))), film(behind=box(b"abcd", bytes(range(64)))),
                 png(chunk(b"maKr", bytes(range(64)))), jpeg() + bytes(range(64))):  # fmt: skip
        assert gravity_of(reveals_of(read(data, "x"))) is RevealGravity.AMBER


@pytest.mark.parametrize("piece", ["1.1234 ", "+40", "N4 ", "1", "1,1", "lat", "40°", "a.b", "40.1234,"])
def test_hostile_texts_take_linear_time(piece):
    assert_linear(has_place, lambda size: piece * (size // len(piece)), 8_000, 64_000)


def test_a_meta_box_of_full_form_is_read():
    assert placed(film(meta=full(b"meta", loci())))
