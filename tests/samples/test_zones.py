"""The fictitious zones: the same three in every format, and what the table in their README says."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely
from pyproj import Geod

from dronecheck.airspace import load_zones
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.geo.plane import LocalPlane

GEOD = Geod(ellps="WGS84")
MADE = ("fictitious.ed269.json", "fictitious.ed318.json", "fictitious.geojson", "fictitious.kml")
YAIXM = "fictitious.yaixm.yaml"


@pytest.fixture(scope="module")
def folder(repo):
    return repo / "samples" / "zones"


@pytest.fixture(scope="module")
def sets(folder):
    return {path.name: load_zones([path]).zones for path in sorted(folder.glob("fictitious.*"))}


def flat(geometry):
    return shapely.transform(geometry, LocalPlane(124.4, 40.1).forward)


def test_making_them_again_gives_the_same_bytes(folder, tmp_path):
    subprocess.run([sys.executable, folder / "make.py", tmp_path], check=True)
    for name in MADE:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_all_outlines_agree_to_10_cm(sets):
    assert set(MADE) <= set(sets)
    first = [flat(zone.geometry) for zone in sets[MADE[0]]]
    for name, zones in sets.items():
        assert [zone.name.split()[-1].title() for zone in zones] == ["Alder", "Birch", "Cedar"], name
        for one, other in zip(first, zones, strict=True):
            outline = flat(other.geometry).exterior
            assert one.exterior.hausdorff_distance(outline) < 20  # whatever their vertices are
            for a, b in ((one.exterior, outline), (outline, one.exterior)):
                points = shapely.points(shapely.get_coordinates(shapely.segmentize(a, 50.0)))
                assert shapely.distance(points, b).max() < 0.10, (name, other.name)


def test_the_outlines_are_those_of_the_table(sets):
    for name, (alder, birch, cedar) in sets.items():
        assert cedar.geometry.bounds == pytest.approx((124.40, 40.12, 124.48, 40.16), abs=1e-6)
        *_, reach_m = GEOD.inv(*np.full((2, 360), [[124.33], [40.10]]), *_rays(alder, (124.33, 40.10)))
        *_, radius_m = GEOD.inv(124.33, 40.10, 124.36, 40.10)
        assert np.abs(reach_m[:90] - radius_m).max() < 0.1, name  # the half circle bulges north
        ring = np.array(birch.geometry.exterior.coords).T
        *_, reach_m = GEOD.inv(*np.full((2, ring.shape[1]), [[124.45], [40.05]]), *ring)
        assert np.abs(reach_m - 3000).max() < 0.1, name


def _rays(zone, centre):
    """Where 90 rays to the north half meet the outline, and 270 copies of the first: (2, 360)."""
    outline, met = zone.geometry.exterior, []
    for azimuth in np.linspace(-85, 85, 90):
        lon, lat, _ = GEOD.fwd(*centre, azimuth, 6000)
        crossing = outline.intersection(shapely.LineString([centre, (lon, lat)]))
        met.append(shapely.get_coordinates(crossing)[0])
    return np.array(met + met[:1] * 270).T


def test_limits_effects_and_times(sets):
    for name, (alder, birch, cedar) in sets.items():
        assert [zone.effect for zone in (alder, birch, cedar)] == [
            Effect.FORBIDDEN, Effect.NEEDS_AUTHORISATION, Effect.FORBIDDEN,
        ]  # fmt: skip
        for zone in (alder, birch):
            assert zone.lower.datum is Datum.GND or (zone.lower.value_m, zone.lower.datum) == (0, Datum.AGL)
        datum = Datum.AMSL if name == YAIXM else Datum.AGL
        assert (alder.upper.value_m, alder.upper.datum) == (pytest.approx(120, abs=0.1), datum)
        assert (birch.upper.value_m, birch.upper.datum) == (pytest.approx(457.2), Datum.AMSL)
        assert (cedar.lower.value_m, cedar.lower.datum) == (pytest.approx(152.4), Datum.AMSL)
        assert cedar.upper.value_m == pytest.approx(1981.2)
        assert cedar.upper.datum is (Datum.AMSL if ".ed" in name else Datum.FL)
        if ".aixm" in name:
            (span,) = cedar.schedule.spans
            assert {day for daily in span.daily for day in daily.days} == set(range(5)), name
            assert all((d.start.seconds, d.end.seconds) == (21_600, 64_800) for d in span.daily)
            is_dated = "aixm51" in name  # 4.5 has no years
            expected = (1_767_225_600 * 10**9, 1_798_761_600 * 10**9) if is_dated else (None, None)
            assert (cedar.valid_from_ns, cedar.valid_to_ns) == expected
        if name in MADE and ".aixm" not in name:  # OpenAir and YAIXM know no weekdays
            (span,) = cedar.schedule.spans
            (daily,) = span.daily
            assert (span.from_ns, span.to_ns) == (1_767_225_600 * 10**9, 1_798_761_600 * 10**9)
            assert (daily.start.seconds, daily.end.seconds, daily.days) == (21_600, 64_800, frozenset(range(5)))
