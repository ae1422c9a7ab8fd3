"""The public names: few, each with an example that runs, light to import, and at home in a notebook."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys

import geopandas
import numpy as np
import pytest

import dronecheck
from tests.conftest import make_flight
from tests.support.hostile import HOSTILE


def test_there_are_few_names():
    assert len(dronecheck.__all__) <= 12
    assert dir(dronecheck) == dronecheck.__all__ == sorted(dronecheck.__all__)


@pytest.mark.parametrize("name", dronecheck.__all__)
def test_every_name_has_an_example_that_runs(name, repo, monkeypatch):
    monkeypatch.chdir(repo)
    thing = getattr(dronecheck, name)
    found = doctest.DocTestFinder(recurse=False).find(thing, name, globs={})
    examples = [test for test in found if test.examples]
    assert examples, f"{name} has no example"
    runner = doctest.DocTestRunner(verbose=False)
    told: list[str] = []
    for test in examples:
        runner.run(test, out=told.append)
    assert runner.failures == 0, "".join(told)


def test_a_track_as_points_in_wgs84(repo):
    flight = dronecheck.read(repo / "samples" / "clear_dandong.csv")
    frame = flight.to_geopandas()
    assert isinstance(frame, geopandas.GeoDataFrame) and frame.crs.to_epsg() == 4326
    assert np.array_equal(frame.geometry.x, flight.track.lon_deg)
    assert np.array_equal(frame.geometry.y, flight.track.lat_deg)
    assert frame.index.tz is not None and len(frame) == len(flight.track)


def test_without_geopandas_the_advice_is_given(repo, monkeypatch):
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(dronecheck.UsageError, match="pip install geopandas"):
        dronecheck.read(repo / "samples" / "clear_dandong.csv").to_geopandas()


def test_findings_as_a_frame(repo):
    zones = dronecheck.load_zones([repo / "samples" / "restricted_zone.geojson"])
    result = dronecheck.check(dronecheck.read(repo / "samples" / "restricted_zone.csv"), zones)
    frame = result.to_pandas()
    assert frame["zone_id"].tolist() == [f.zone.id for f in result.findings]
    for name in ("depth_m", "margin_m", "sigma_m", "duration_s"):
        assert frame[name].tolist() == [getattr(f, name) for f in result.findings]
    assert [t.value for t in frame["enter_utc"]] == [f.enter_ns for f in result.findings]
    assert str(frame["enter_utc"].dt.tz) == "UTC"


def test_a_frame_without_findings_and_without_utc(repo):
    empty = dronecheck.check(dronecheck.read(repo / "samples" / "clear_dandong.csv")).to_pandas()
    assert len(empty) == 0 and empty["depth_m"].dtype == float
    subtitles = dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.SRT")
    assert not subtitles.clock.utc_known
    frame = dronecheck.check(subtitles).to_pandas()
    assert len(frame) and frame["enter_utc"].isna().all()


def test_a_flight_shows_itself_without_folder_and_serial(repo):
    flight = dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.igc")
    shown = flight._repr_html_()
    assert "founding_dandong_sinuiju.igc" in shown and "<svg" in shown and "2025-09-20" in shown
    assert str(repo) not in shown and flight.vehicle.serial not in shown
    points = re.search(r'points="([^"]+)"', shown)[1].split()
    places = np.array([list(map(float, point.split(","))) for point in points])
    assert (places >= 0).all() and (places <= [320, 200]).all()
    assert np.ptp(places, axis=0).max() > 100


def test_hostile_names_stay_text():
    for number in range(0, len(HOSTILE), 10):
        flight = make_flight([40.0, 40.001], [124.0, 124.001])
        name = HOSTILE[number].replace("/", "_").replace("\0", "_") or "x"
        object.__setattr__(flight.source, "path", flight.source.path.with_name(f"x{name}"))
        shown = flight._repr_html_()
        assert not re.search(r"<(?!/?(table|tr|th|td|svg|polyline|circle|rect|line|text|title)\b)", shown), name


def test_flights_without_places_show_themselves():
    shown = make_flight([], [])._repr_html_()
    assert "<svg" not in shown and "fixes" in shown
    assert "<svg" in make_flight([0.0], [180.0])._repr_html_()


def test_a_result_shows_itself(repo):
    result = dronecheck.check(dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.ulg"))
    shown = result._repr_html_()
    assert "VIOLATION" in shown and "North Korea" in shown and "2025-09-20 06:41:52" in shown
    assert f"<td>{result.findings[0].depth_m:.1f}</td>" in shown


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, dronecheck; print([m for m in ('numpy', 'pandas', 'shapely', 'matplotlib') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
