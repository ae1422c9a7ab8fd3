"""The public names: few, each with an example that runs, light to import, and at home in a notebook."""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
from types import ModuleType

import geopandas
import numpy as np
import pytest

import dronecheck
from dronecheck.airspace.zone import ZoneSource
from tests.conftest import make_flight
from tests.report.test_hostile import CONTROL
from tests.support.hostile import HOSTILE


def test_there_are_few_names():
    assert len(dronecheck.__all__) <= 21
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


@pytest.mark.parametrize("name", dronecheck.__all__)
def test_a_name_is_the_same_thing_each_time_it_is_asked_for(name):
    """A module of that name would take its place once it is imported."""
    assert getattr(dronecheck, name) is getattr(dronecheck, name)
    assert not isinstance(getattr(dronecheck, name), ModuleType)


def test_a_check_takes_paths_or_what_was_read(repo):
    log, zones = repo / "samples" / "restricted_zone.csv", repo / "samples" / "restricted_zone.geojson"
    read = dronecheck.check(dronecheck.read(log), dronecheck.load_zones([zones]))
    assert len(read.findings) == 3
    for given in (zones, str(zones), [zones], [str(zones)], (path for path in [zones])):
        assert dronecheck.check(log, zones=given) == read
    assert dronecheck.check(str(log), str(zones)) == read
    assert dronecheck.check(log, zones=[zones, zones]).zone_files == read.zone_files * 2


def test_zones_of_one_path_are_those_of_a_list_of_one(repo):
    path = repo / "samples" / "restricted_zone.geojson"
    one, listed = dronecheck.load_zones(str(path)), dronecheck.load_zones([path])
    assert [zone.id for zone in one] == [zone.id for zone in listed]
    assert len(one) == len(listed) == 2
    assert one.sources == listed.sources


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda d, flight: d.check(flight, zones=3), "paths of zone files"),
        (lambda d, flight: d.check(flight, zones=[3]), "paths of zone files"),
        (lambda d, flight: d.check(3), "the path of a log"),
        (lambda d, flight: d.check(None), "the path of a log"),
        (lambda d, flight: d.check(flight, settings={"home": "CHN"}), r"dronecheck\.Settings\(\.\.\.\)"),
        (lambda d, flight: d.check(flight, settings=d.Settings(), rules=d.Rules()), "give one of them"),
        (lambda d, flight: d.check(flight, settings=d.Settings(home="ATLANTIS")), "ATLANTIS"),
        (lambda d, flight: d.check("absent.ulg"), "absent.ulg"),
        (lambda d, flight: d.check(flight, zones="absent.geojson"), "absent.geojson"),
        (lambda d, flight: d.load_zones("absent.geojson"), "absent.geojson"),
        (lambda d, flight: d.load_zones(3), "paths of zone files"),
        (lambda d, flight: d.read("absent.ulg"), "absent.ulg"),
        (lambda d, flight: d.read(3), "the path of a log"),
        (lambda d, flight: d.check_media("absent.jpg"), "absent.jpg"),
        (lambda d, flight: d.check_media(3), "paths of photos"),
        (lambda d, flight: d.check_media([], logs=3), "paths of logs"),
        (lambda d, flight: d.check_media([], logs="absent.ulg"), "absent.ulg"),
        (lambda d, flight: d.check_media([], settings={"home": "CHN"}), r"dronecheck\.Settings\(\.\.\.\)"),
        (lambda d, flight: d.check_media([], settings=d.Settings(home="ATLANTIS")), "ATLANTIS"),
        (lambda d, flight: d.open_terrain("absent.hgt"), "absent.hgt"),
        (lambda d, flight: d.open_terrain(3), "paths of terrain files"),
        (lambda d, flight: d.open_terrain("a.hgt", datum="navd88"), "egm2008"),
        (lambda d, flight: d.open_terrain("a.hgt", model="roofs"), "surface"),
        (lambda d, flight: d.write_page(flight, "page.html"), r"Case\(flight, zones, result\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_says_what_to_do(call, advice, repo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flight = dronecheck.read(repo / "samples" / "clear_dandong.csv")
    with pytest.raises(dronecheck.UsageError, match=advice) as raised:
        call(dronecheck, flight)
    assert len(str(raised.value).splitlines()) == 1


def test_what_is_no_log_and_no_zone_file_is_unreadable(repo):
    samples = repo / "samples"
    with pytest.raises(dronecheck.UnreadableInput):
        dronecheck.check(samples / "README.md")
    with pytest.raises(dronecheck.UnreadableInput):
        dronecheck.check(samples / "clear_dandong.csv", zones=samples / "README.md")


def test_settings_are_in_capitals_however_they_are_written(repo):
    flight = dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.gpx")
    assert dronecheck.Settings(home=" chn ") == dronecheck.Settings(home="CHN")
    assert dronecheck.Settings(allow=["prk"]) == dronecheck.Settings(allow={"PRK"})
    assert dronecheck.check(flight, settings=dronecheck.Settings(home="chn")).verdict.value == "VIOLATION"


def test_the_former_names_still_hold(repo):
    assert dronecheck.Rules is dronecheck.Settings
    flight = dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.ulg")
    result = dronecheck.check(flight, rules=dronecheck.Rules(allow={"PRK"}))
    assert result == dronecheck.check(flight, settings=dronecheck.Settings(allow={"PRK"}))
    assert result.rules is result.settings
    assert result.zone_sources[0].name == result.borders.name


@pytest.mark.parametrize("name", ["founding_dandong_sinuiju.ulg", "clear_dandong.csv", "founding_dandong_sinuiju.gpx"])
def test_what_is_shown_in_a_terminal_is_short(name, repo):
    flight = dronecheck.read(repo / "samples" / name)
    zones = dronecheck.load_zones(repo / "samples" / "zones" / "fictitious.openair.txt")
    result = dronecheck.check(flight, zones)
    for thing in (flight, flight.track, result, zones):
        assert 0 < len(repr(thing)) < 200
        assert repr(thing).isprintable()
        assert type(thing).__name__ in repr(thing)


def test_what_is_shown_stays_short_whatever_the_names():
    for name in HOSTILE:
        flight = make_flight([40.0, 40.001], [124.0, 124.001])
        file = name.replace("/", "_").replace("\0", "_") or "x"
        object.__setattr__(flight.source, "path", flight.source.path.with_name(f"x{file}"))
        object.__setattr__(flight.track, "message", name)
        zones = dronecheck.ZoneSet((), (ZoneSource(name, "0" * 64),), ())
        for shown in map(repr, (flight, flight.track, zones, dronecheck.check(flight))):
            assert len(shown) < 200 and not CONTROL.search(shown), (name, shown)


@pytest.mark.parametrize(
    ("log", "zones", "options", "settings"),
    [
        ("founding_dandong_sinuiju.ulg", None, [], None),
        ("restricted_zone.csv", "restricted_zone.geojson", ["--max-height", "50"], {"max_height_m": 50.0}),
        ("bank_hugging_dandong.ulg", None, ["--lang", "ko", "--home", "chn"], {"language": "ko", "home": "chn"}),
        ("founding_dandong_sinuiju.SRT", None, [], None),
    ],
)
def test_a_result_as_json_is_that_of_the_command_line(log, zones, options, settings, repo, cli):
    path = repo / "samples" / log
    with_zones = repo / "samples" / zones if zones else None
    words = ["check", path, "--json", "-", *options, *(["--zones", with_zones] if zones else [])]
    result = dronecheck.check(path, with_zones, dronecheck.Settings(**settings) if settings else None)
    assert result.to_json() == cli(*words)[1]
    assert json.loads(result.to_json(include_private=True))["input"]["path"] == str(path)
    hidden = json.loads(result.to_json(hide_home_m=300.0))
    assert hidden["flight"]["bbox"] is None
    assert hidden == json.loads(cli(*words, "--hide-home", "300")[1])


def test_a_page_is_that_of_the_command_line(repo, cli, tmp_path):
    log, zones = repo / "samples" / "restricted_zone.csv", repo / "samples" / "restricted_zone.geojson"
    assert cli("check", log, "--zones", zones, "--report", tmp_path / "typed.html")[0] == 1
    flight, brought = dronecheck.read(log), dronecheck.load_zones(zones)
    case = dronecheck.Case(flight, brought, dronecheck.check(flight, brought))
    dronecheck.write_page(case, str(tmp_path / "called.html"))
    typed = (tmp_path / "typed.html").read_text("utf-8")
    command = re.search(r'<section aria-labelledby="this-document">.*?</section>\s*', typed, re.DOTALL)
    assert "dronecheck check" in command[0]  # what was typed stands on the page, and on no other
    called = (tmp_path / "called.html").read_text("utf-8")
    assert "".join(called.split()) == "".join(typed.replace(command[0], "").split())
    dronecheck.write_page(case, tmp_path / "hidden.html", dronecheck.Disclosure(hide_home_m=50.0))
    assert "All within 50 m of these places is left out: the take-off" in (tmp_path / "hidden.html").read_text("utf-8")


def test_terrain_gives_heights_above_ground(repo, tmp_path):
    (tmp_path / "N40E124.hgt").write_bytes(np.full((1201, 1201), 12, ">i2").tobytes())
    log, limit = repo / "samples" / "clear_dandong.csv", dronecheck.Settings(max_agl_m=500.0)
    open_ = dronecheck.check(log, settings=limit)
    assert open_.checks[2].verdict is dronecheck.Verdict.INCONCLUSIVE
    for given in (tmp_path, str(tmp_path / "N40E124.hgt"), [tmp_path / "N40E124.hgt"]):
        result = dronecheck.check(log, settings=limit, ground=dronecheck.open_terrain(given, datum="egm96"))
        assert result.checks[2].verdict is dronecheck.Verdict.CLEAR


def test_an_audit_by_call(repo, tmp_path):
    samples = repo / "samples"
    logs = [samples / "founding_dandong_sinuiju.ulg", samples / "clear_dandong.csv"]
    summary = dronecheck.audit.audit_logs(logs, tmp_path / "audit", workers=1)
    assert summary.finished
    assert summary.by_verdict == {"VIOLATION": 1, "CLEAR": 1}
    again = dronecheck.audit.audit_logs([str(log) for log in logs], str(tmp_path / "audit"), workers=1)
    assert (again.read, again.by_verdict) == (0, summary.by_verdict)


def test_zones_are_a_collection(repo):
    zones = dronecheck.load_zones(repo / "samples" / "restricted_zone.geojson")
    assert len(zones) == len(list(zones)) == 2
    frame = zones.to_geopandas()
    assert isinstance(frame, geopandas.GeoDataFrame) and frame.crs.to_epsg() == 4326
    assert frame["id"].tolist() == [zone.id for zone in zones]
    assert dronecheck.ZoneSet()  # an empty zone file is not the same as none


def test_a_track_is_sliced(repo):
    track = dronecheck.read(repo / "samples" / "clear_dandong.csv").track
    for rows in (slice(10, 20), slice(None, None, 5), slice(-3, None), slice(0, 0)):
        part = track[rows]
        assert isinstance(part, dronecheck.Track)
        assert np.array_equal(part.time_ns, track.time_ns[rows]) and np.array_equal(part.lat_deg, track.lat_deg[rows])
    with pytest.raises(TypeError, match=r"track\[10:20\]"):
        track[3]
