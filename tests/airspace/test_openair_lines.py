"""OpenAir whose lines are broken: the zone read covers what was meant, or is said to be unread."""

from __future__ import annotations

import hashlib
import random
import string
from pathlib import Path

import pytest
import shapely

from dronecheck.airspace import read_input
from dronecheck.airspace.common.drawn_outline import read_point
from dronecheck.airspace.zone import Datum
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.scale import loops

HEAD = "AC R\nAN Here\nAH FL95\nAL GND\n"
NEXT = (
    HEAD.replace("Here", "Next") + "DP 50:00:00 N 008:00:00 E\nDP 50:00:00 N 008:10:00 E\nDP 50:10:00 N 008:10:00 E\n"
)
OUTLINES = {
    "square": [
        "DP 47:00:00 N 008:00:00 E", "DP 47:00:00 N 008:10:00 E", "DP 47:10:30.5 N 008:10:00 E",
        "DP 47:10:00 N 008:00:00 E",
    ],
    "circle": ["V X=47:00:00 N 009:00:00 E", "DC 2.5"],
    "sector": ["V D=-", "V X=47:00:00 N 009:00:00 E", "DA 5,140,20", "DP 47:00:00 N 009:00:00 E"],
    "arc": [
        "DP 47:00:00 N 009:00:00 E", "V X=47:00:00 N 009:00:00 E", "V D=+",
        "DB 47:05:00 N 009:00:00 E, 47:00:00 N 009:07:20 E",
    ],
    "compact": ["DP 470000N 0080000E", "DP 470000N 0081000E", "DP 471000.5N 0081000E"],
}  # fmt: skip
NUMBERS = set(string.digits + ".-")  # with one more or less of these a record may be another good one
PIECES = [c for c in string.printable if c not in NUMBERS | set("*\v\f")] + [
    "°",
    "é",
    "DP ",
    "AC ",
    "V D=",
    "TO ",
    "AN ",
]


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_input(Input(Path("x.txt"), data, hashlib.sha256(data).hexdigest()))


def codes(zones):
    return [issue.code for issue in zones.issues]


def extent(zone):
    """Return all that the zone may be."""
    doubt = zone.shape.uncertain
    return zone.shape.geometry if doubt is None else shapely.union(zone.shape.geometry, doubt)


def changed(record, source):
    """Return a record with something inserted, cut out of it, or cut off."""
    at, end = sorted(source.choices(range(len(record) + 1), k=2))
    match source.randrange(3):
        case 0:
            return record[:at] + source.choice(PIECES) + record[at:]
        case 1:
            cut = record[at:end]
            is_number = set(cut) <= NUMBERS | {" "} or record.startswith(("DA", "DC"))
            return record if is_number else record[:at] + record[end:]
        case _:
            return record if record.startswith(("DA", "DC")) else source.choice([record[:at], record[at:]])


@pytest.mark.parametrize("name", OUTLINES)
def test_a_broken_outline_record_never_makes_a_zone_smaller(name):
    """Insert, cut and join characters in one outline record, some thousand times."""
    source, records = random.Random(name), OUTLINES[name]
    meant = {zone.name: zone.shape.geometry for zone in read(HEAD + "\n".join(records) + "\n" + NEXT).zones}
    is_told = 0
    for _ in range(loops(4_000, 250)):
        lines = [*HEAD.splitlines(), *records, *NEXT.splitlines()]
        at = len(HEAD.splitlines()) + source.randrange(len(records))
        if source.random() < 0.2:
            at -= source.randrange(2)
            lines[at : at + 2] = [lines[at] + source.choice(["", " ", ", "]) + lines[at + 1]]
        else:
            lines[at] = changed(lines[at], source) or lines[at]
        zones = read("\n".join(lines))
        is_told += bool(zones.skipped)
        for who, area in meant.items():
            covered = any(shapely.difference(area, extent(zone)).area < 1e-9 for zone in zones.zones)
            assert covered or zones.skipped, (who, lines)
    assert is_told > 50


SQUARE = "\n".join(OUTLINES["square"]) + "\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SQUARE.replace("DP 47:10:30.5", "OP 47:10:30.5"), 7),
        (SQUARE.replace("DP 47:10:30.5", "47:10:30.5"), 7),
        (SQUARE.replace("DP 47:10:30.5", "SP 47:10:30.5"), 7),
        (SQUARE.replace("\nDP 47:10:30.5", "\nfino al punto\nDP 47:10:30.5"), 7),
        (SQUARE.replace("E\nDP 47:10:30.5", "E DP 47:10:30.5"), 6),
        ("V X=47:00:00 N 008:00:00 E\nDC 5,4\n", 6),
        ("V X=47:00:00 N 008:00:00 E\nDC 5 4\n", 6),
        ("V X=47:00:00 N 008:00:00 E V D=-\nDA 5,10,350\n", 5),
        ("V X=47:00:00 N 008:00:00 E\nDA 5,4,10,350\n", 6),
        ("V X=47:00:00,5 N 008:00:00 E\nDC 5\n", 5),
    ],
)
def test_what_is_not_understood_names_its_zone_and_line(text, line):
    zones = read(HEAD + text + NEXT)
    assert [zone.name for zone in zones.zones] == ["Next"]
    assert codes(zones) == [Code.ZONE_SKIPPED]
    assert zones.issues[0].message.startswith("Here: ")
    assert f"line 1, {line}" in zones.issues[0].message


@pytest.mark.parametrize("stray", ["hello there", "TW 1", "===========", "Mon-Fri 08:00-17:00", "Ask on 122.8"])
def test_a_stray_line_beside_an_outline_costs_nothing(stray):
    for text in (HEAD + stray + "\n" + SQUARE + NEXT, HEAD + SQUARE + stray + "\n" + NEXT):
        zones = read(text)
        assert [zone.name for zone in zones.zones] == ["Here", "Next"]
        assert codes(zones) == [Code.ZONE_RECORD_SKIPPED]
    assert codes(read(HEAD + SQUARE.replace("\n", f"\n{stray}\n", 1) + NEXT)) == [Code.ZONE_SKIPPED]


def test_an_empty_form_is_no_zone():
    zones = read(HEAD + SQUARE + "AC\nAN\nAH\nAL\n" + NEXT)
    assert (codes(zones), zones.skipped) == ([Code.ZONE_RECORD_SKIPPED], 0)


def test_an_outline_before_the_first_class_is_a_zone_of_no_known_class():
    for head in ("AN First\nAL GND\nAH FL95\n", ""):
        zones = read(head + SQUARE + NEXT)
        first, after = zones.zones
        assert after.name == "Next"
        assert (first.name == "First") == bool(head)
        assert "class is not known" in first.doubt


@pytest.mark.parametrize("direction", ["+", "-"])
@pytest.mark.parametrize("end", ["008:10:00", "008:09:59"])
def test_an_arc_of_nothing_inside_an_outline_is_judged_with_and_without_its_circle(direction, end):
    arc = f"V D={direction}\nV X=47:05:00 N 008:08:00 E\nDB 47:10:00 N 008:10:00 E, 47:10:00 N {end} E"
    zones = read(HEAD + SQUARE.replace("DP 47:10:30.5 N 008:10:00 E", arc))
    (zone,) = zones.zones
    assert codes(zones)[0] is Code.ZONE_OUTLINE_DOUBTFUL
    square = shapely.box(8.0, 47.0, 8 + 1 / 6, 47 + 1 / 6)
    circle = shapely.Point(8 + 8 / 60, 47 + 5 / 60).buffer(0.05)  # within the arc's circle
    assert shapely.difference(square | circle, extent(zone)).area < 1e-4  # a second of arc
    surely = zone.shape.geometry - zone.shape.uncertain
    assert surely.contains(shapely.Point(8.01, 47.01))
    assert not surely.intersects(circle)


def test_an_arc_of_nothing_that_is_all_is_its_circle():
    """Aviano is drawn so in a file of LK8000's: its ends a second apart, the short way."""
    for direction in ("+", "-"):
        centre = f"V D={direction}\nV X=46:01:48 N 012:35:51 E\n"
        zones = read(HEAD + centre + "DB 46:01:48 N 012:28:40 E, 46:01:48 N 012:28:39 E\n")
        assert codes(zones) == [Code.ZONE_OUTLINE_DOUBTFUL]
        assert zones.zones[0].shape.uncertain is None
        assert zones.zones[0].geometry.area == pytest.approx(
            shapely.Point(0, 0).buffer(1).area * 0.12 * 0.0833, rel=0.01
        )


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("60:37:08.N 135:08:20.W", 60 + 37 / 60 + 8 / 3600, -(135 + 8 / 60 + 20 / 3600)),
        ("44:08:08 N 012:11:022 E", 44 + 8 / 60 + 8 / 3600, 12 + 11 / 60 + 22 / 3600),
        ("265644.00N 0500434.5E", 26 + 56 / 60 + 44 / 3600, 50 + 4 / 60 + 34.5 / 3600),
    ],
)
def test_spellings_of_seconds(text, lat, lon):
    assert read_point(text)[0] == pytest.approx((lon, lat), abs=1e-12)


@pytest.mark.parametrize(
    "text", ["44:08:122 N 012:11:02 E", "44:08:08 N 012:11 E", "2656440N 0500434E", "265644N 500434E", "47:00 N 8 E"]
)
def test_what_is_still_no_coordinate(text):
    assert read_point(text) is None


@pytest.mark.parametrize("text", ["4.500 ft MSL", "4,500 ft MSL", "4 500 ft MSL", "1.200 m AMSL"])
def test_thousands_are_no_known_height(text):
    (zone,) = read(HEAD.replace("FL95", text) + SQUARE).zones
    assert zone.upper.datum is Datum.UNKNOWN


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_marks_and_encodings(encoding, end):
    data = (HEAD.replace("Here", "Zürich") + SQUARE).replace("\n", end).encode(encoding)
    assert [zone.name for zone in read(data).zones] == ["Zürich"]


def test_outlines_that_cross_themselves_are_told():
    bow_tie = "".join(OUTLINES["square"][n] + "\n" for n in (0, 2, 1, 3))
    assert codes(read(HEAD + bow_tie)) == [Code.ZONE_REPAIRED]
    arc = "V X=47:05:00 N 008:05:00 E\nDB 47:10:00 N 008:05:00 E, 47:00:00 N 008:05:00 E\nDP 47:05:00 N 008:30:00 E\n"
    assert codes(read(HEAD + arc)) == [Code.ZONE_REPAIRED]
    assert not read(HEAD + SQUARE).issues


def test_a_zone_far_from_all_others_is_asked_about():
    square = "AC R\nAN {name}\nAH FL95\nAL GND\nV X={lat}:00:00 N {lon:03d}:00:00 E\nDC 2\n"
    near = [square.format(name=f"F{n}", lat=48 + n // 4, lon=8 + n % 4) for n in range(12)]
    far = square.format(name="Lost", lat=50, lon=1)
    assert not read("".join(near)).issues
    zones = read("".join([*near, far]))
    assert codes(zones) == [Code.ZONE_FAR_AWAY]
    assert zones.issues[0].message.startswith("Lost: it lies 494")
    across = [square.format(name=f"F{n}", lat=60 + n, lon=179) for n in range(5)] + [
        square.format(name="Over", lat=62, lon=179).replace("179:00:00 E", "179:00:00 W")
    ]
    assert not read("".join(across)).issues  # 104 km, over 180 degrees
    islands = [square.format(name=f"I{n}", lat=10 + 7 * n, lon=20 * n) for n in range(8)]
    assert not read("".join(islands)).issues


def test_nothing_but_bytes_is_refused():
    with pytest.raises(UnreadableInput):
        read("no zones at all\n")
