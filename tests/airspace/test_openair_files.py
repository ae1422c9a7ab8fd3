"""Every real OpenAir file: nothing is lost, and another parser (openair-rs) reads the same zones."""

from __future__ import annotations

import collections
import re

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.zone import Datum
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code
from tests.support.growth import assert_linear

SKIPPED = (Code.ZONE_SKIPPED, Code.ZONE_ADVICE_SKIPPED, Code.NO_AREA)

# file: AC lines counted by grep, zones, west, south, east, north of the vertices (to 0.001), and the limits
# (both of each zone) by the last word of their lines, counted by hand-written patterns, not by the reader
FILES = {
    "airscore_test.txt": (21, 21),
    "australia_daa.txt": (662, 661),
    "fr_aixmparser_all.txt": (35, 35),
    "lk8000_demo.txt": (16, 16),
    "openair_1998_spec_with_samples.txt": (24, 24),
    "viewer_Airspace-Disentis-2025-MIL-ON-min-2.txt": (17, 17),
    "viewer_Switzerland.txt": (334, 315),  # 19 cables, lines of two points
    "viewer_mosel25.txt": (799, 799),
    "viewer_switzerland-airspace-metric.txt": (288, 288),
    "viewer_switzerland-wildlife-feet.txt": (50, 50),
    "xcsoar_test.txt": (26, 26),
    "xcsoar_test2.txt": (4, 4),
}
REFUSED_BY_THE_OTHER = {"openair_1998_spec_with_samples.txt", "xcsoar_test2.txt"}


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "airspace/openair"


@pytest.fixture(scope="module")
def zone_sets(folder):
    return {path.name: load_zones([path]) for path in sorted(folder.iterdir())}


def lines_of(path):
    return path.read_bytes().decode("utf-8-sig", "replace").splitlines()


def test_the_table_names_every_file(folder):
    assert {path.name for path in folder.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_ac_block_gives_a_zone_or_an_issue_that_names_its_line(folder, zone_sets, name):
    blocks, zones = FILES[name]
    at = [n for n, line in enumerate(lines_of(folder / name), 1) if re.match(r"\s*AC\s", line)]
    assert len(at) == blocks
    found = zone_sets[name]
    assert len(found.zones) == zones
    told = [issue for issue in found.issues if issue.code in SKIPPED]
    assert sum(issue.count for issue in told) == blocks - zones
    for issue in told:
        assert issue.count == 1
        assert issue.offset in at
        assert f"line {issue.offset}" in issue.message
    assert len({zone.id for zone in found.zones}) == zones


def datum_by_pattern(text):
    """What a limit is, by patterns of its own: floor and ceiling lines of the real files."""
    text = re.sub(r"\(.*\)", "", text).strip().upper()
    if re.fullmatch(r"FL ?\d+|\d+ ?STD", text):
        return Datum.FL
    if text in ("GND", "SFC", "0"):
        return Datum.GND
    if re.match(r"UNL", text):
        return Datum.UNL
    if re.fullmatch(r"\d+ ?(FT|M)? ?(AGL|GND)", text):
        return Datum.AGL
    if re.fullmatch(r"\d+ ?(FT|M)? ?(A?MSL)?( FT)?", text):
        return Datum.AMSL
    return Datum.UNKNOWN


@pytest.mark.parametrize("name", FILES)
def test_the_histogram_of_limits(folder, zone_sets, name):
    if name == "xcsoar_test2.txt":
        pytest.skip("one zone has two floors and two ceilings: both are unknown")
    left_out = {issue.offset for issue in zone_sets[name].issues if issue.code in SKIPPED}
    expected, block = collections.Counter(), 0
    for number, line in enumerate(lines_of(folder / name), 1):
        if re.match(r"\s*AC\s", line):
            block = number
        limit = re.match(r"\s*A[HL]\s(.*)", line)
        if limit and block not in left_out:
            expected[datum_by_pattern(limit[1])] += 1
    found = collections.Counter(limit.datum for z in zone_sets[name].zones for limit in (z.lower, z.upper))
    assert found == expected
    unknown = sum(i.count for i in zone_sets[name].issues if i.code is Code.ZONE_LIMIT_UNKNOWN)
    assert unknown == expected[Datum.UNKNOWN]


def test_the_issues_of_all_files(zone_sets):
    counts = collections.Counter()
    for zones in zone_sets.values():
        for issue in zones.issues:
            counts[issue.code] += issue.count
    assert counts == {
        Code.ZONE_LIMIT_ASSUMED: 26 + 563 + 17 + 431 + 43,
        Code.ZONE_LIMIT_UNKNOWN: 146 + 2 + 1 + 2,  # NOTAM, BCTA, "Ask on 122.8", two floors and two ceilings
        Code.ZONE_OUTLINE_DOUBTFUL: 1 + 8 + 1 + 3 + 1 + 2 + 1,  # > 100 m; two zones without a centre; Aviano's ends
        Code.ZONE_REPAIRED: 2 + 1 + 1 + 7 + 5 + 3,  # 20 by shapely: Oostende crosses itself by less than a metre
        Code.NO_AREA: 19,
        Code.ZONE_ADVICE_SKIPPED: 1,  # D738: two points, closed
        Code.ZONE_CLASS_UNKNOWN: 1,  # PART
        Code.ZONE_DOUBTFUL: 2,  # (Mon-Fri)
        Code.ZONE_RECORD_SKIPPED: 1,  # a line of ====
    }


# against openair-rs ----------------------------------------------------------------------------------------------


def vertices_of(zone):
    """Its points, in order, without repetitions; None for a circle."""
    if zone["geom"]["type"] == "Circle":
        return None
    points = []
    for part in zone["geom"]["segments"]:
        ends = [part] if part["type"] == "Point" else [part["start"], part["end"]]
        points += [(end["lng"], end["lat"]) for end in ends]
    kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def same_limit(limit, other):
    value = other.get("val")
    match other["type"]:
        case "Gnd":
            return limit.datum is Datum.GND
        case "Unlimited":
            return limit.datum is Datum.UNL
        case "FlightLevel":
            return limit.datum is Datum.FL and limit.value_m == pytest.approx(value * 30.48)
        case "FeetAmsl" | "FeetAgl" as kind:
            datum = Datum.AMSL if kind == "FeetAmsl" else Datum.AGL
            return limit.datum is datum and abs(limit.value_m / 0.3048 - value) <= 1.0  # it rounds metres to feet
        case _:  # text that it does not read
            return limit.datum is datum_by_pattern(str(value))


@pytest.mark.parametrize("name", sorted(set(FILES) - REFUSED_BY_THE_OTHER))
def test_openair_rs_reads_the_same_zones(folder, zone_sets, name):
    openair = pytest.importorskip("openair")
    others = openair.parse_file(str(folder / name))
    assert len(others) == FILES[name][0]
    by_bearing = any(part["type"] == "ArcSegment" for o in others for part in o["geom"].get("segments", ()))
    if not by_bearing:
        others = [o for o in others if (found := vertices_of(o)) is None or len(found) > 2 or has_arc(o)]
    assert len(others) == len(zone_sets[name].zones)
    for zone, other in zip(zone_sets[name].zones, others, strict=True):
        assert zone.name == other["name"].strip()
        assert same_limit(zone.lower, other["lowerBound"])
        assert same_limit(zone.upper, other["upperBound"])
        ((ring,),) = zone.shape.polygons
        if isinstance(ring, Circle):
            centre = other["geom"]["centerpoint"]
            assert ring.centre_deg == pytest.approx((centre["lng"], centre["lat"]), abs=1e-9)
            assert ring.radius_m == pytest.approx(other["geom"]["radius"] * 1852, rel=1e-6)  # it keeps 32 bits
            continue
        turns = [part for part in other["geom"]["segments"] if part["type"] != "Point"]
        if zone.name == "ATZ M AVIANO":
            assert zone.geometry.area > 0.02  # ends a second apart: all of its circle, never the sliver
            continue
        assert [turn.clockwise for turn in ring.arcs] == [turn["direction"] == "cw" for turn in turns]
        for turn, theirs in zip(ring.arcs, turns, strict=True):
            centre = theirs["centerpoint"]
            assert turn.centre_deg == pytest.approx((centre["lng"], centre["lat"]), abs=1e-9)
        if all(turn["type"] == "Arc" for turn in turns):
            assert np.allclose(ring.vertices_deg[:-1], vertices_of(other), atol=1e-9, rtol=0)


def has_arc(zone):
    return any(part["type"] != "Point" for part in zone["geom"].get("segments", ()))


def test_reset_direction_is_right_where_a_file_shows_it(folder, zone_sets):
    """In the German part of mosel25, 23 arcs name no direction after others that ended on minus.

    Read clockwise, their outlines are valid and hold their own corners' middle; the other way most cross themselves.
    """
    doubtful = [z for z in zone_sets["viewer_mosel25.txt"].zones if z.name.startswith(("ED-R56", "CTR Nuernberg"))]
    assert len(doubtful) >= 2
    assert not any(zone.shape.was_invalid for zone in doubtful)


def test_thousands_of_zones_take_linear_time(folder, tmp_path):
    """France's edition has 1,611 zones; these three files have 1,748, and eight times as many in one."""
    names = ("viewer_mosel25.txt", "australia_daa.txt", "viewer_switzerland-airspace-metric.txt")
    assert load_zones([folder / name for name in names]).boxes_deg.shape == (1748, 4)
    text = (folder / names[0]).read_bytes() + b"\n"

    def make(times):
        path = tmp_path / f"{times}.txt"
        path.write_bytes(text * times)
        return path

    assert_linear(lambda path: load_zones([path]).boxes_deg, make, 1, 8)
