"""The HTML report: nothing from the input becomes markup, nothing leaves the page, same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Home, Track, Vehicle
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings
from dronecheck.readers import read
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page import page
from dronecheck.report.page.map import MOST_ROWS, TOLERANCE_M, draw_map, drawn_rows
from dronecheck.report.privacy import redact
from dronecheck.report.text.headline import headline
from dronecheck.report.text.words import words
from tests.conftest import make_flight
from tests.support.growth import assert_linear
from tests.support.scale import loops

HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "</style><b>", "<!--", "]]>", "&lt;b&gt;",
    '" onload="alert(1)', "' x='", "javascript:alert(1)", "\u202eevil\u2069", "a\x00b", "\x1b[31m", "$\\frac$",
    "=cmd|' /C calc'!A0", "신의주 丹东", "\u2028\u2029", "</title><svg/onload=alert(1)>", "x" * 300, "`${1}`",
]  # fmt: skip


GEOD = Geod(ellps="WGS84")


class Skeleton(HTMLParser):
    """Elements with their attributes' names, the text in data blocks, and the text people read."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.blocks, self.read, self.inside = [], {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.inside = (tag, dict(attrs).get("id"))

    def handle_data(self, data):
        if self.inside and self.inside[0] in ("script", "style"):
            self.blocks.setdefault(self.inside, data)
        else:
            self.read.append(data)

    def handle_endtag(self, tag):
        self.inside = None


def flown(count=400):
    share = np.concatenate([np.linspace(0, 1, count), np.linspace(1, 0, count)])
    return make_flight(40.1175 - 0.0225 * share, 124.3923 + 0.0177 * share, dt_s=1.0, events=[(2, "takeoff")],
                       alt_home_m=100 * np.sqrt(share))  # fmt: skip


def reported(name):
    flight = flown()
    flight = replace(flight, source=replace(flight.source, path=Path("/home/someone") / name.replace("/", "_")))
    source = ZoneSource(name, "0" * 64)
    zone = Zone(name, name, ZoneKind.RESTRICTED, Shape(shapely.box(124.395, 40.10, 124.4, 40.12)), source)
    zones = ZoneSet((zone,), (source,), ())
    return Case(flight, zones, check(flight, zones))


def page_of(case, **disclosure):
    return page(redact(case, Disclosure(**disclosure)))


def checked(flight, settings=None):
    """The case of a flight without zones."""
    return Case(flight, None, check(flight, None, settings))


@pytest.mark.parametrize("name", HOSTILE[:: loops(1, 3)])
def test_names_never_become_markup(name):
    plain_tags = Skeleton(page_of(reported("plain"))).tags
    parsed = Skeleton(page_of(reported(name)))
    assert parsed.tags == plain_tags
    assert not any(
        attribute.startswith("on") or attribute == "style" for _, names in parsed.tags for attribute in names
    )


def test_embeds_the_json_document_and_the_headline():
    case = reported("</script>&\u2028")
    text = page_of(case)
    parsed = Skeleton(text)
    assert json.loads(parsed.blocks["script", "result"]) == json.loads(
        encode(result_document(redact(case)), indent=True)
    )
    read = "".join(parsed.read)
    assert headline(case.result, words("en")).split(".")[0] in read
    assert text == page_of(case)
    assert "/home/someone" not in text
    assert "/home/someone" in page_of(case, private=True)


def test_why_it_is_open_stands_before_the_figures(repo):
    """Both reasons, as on the terminal: without them "3.2 m outside" would read as the answer."""
    flight = read(repo / "samples/bank_hugging_dandong.ulg")
    result = check(flight)
    (finding,) = result.findings
    why = [one for one in map(words("en").why_open, finding.reasons) if one]
    text = " ".join("".join(Skeleton(page_of(Case(flight, None, result))).read).split())
    assert len(why) == 2
    assert " ".join(f"Open because {one}." for one in why) + " 3.2 m outside at the closest" in text


def test_the_policy_allows_exactly_the_inline_script_and_style():
    text = page_of(reported("zone"))
    blocks = Skeleton(text).blocks
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(blocks[kind, None].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"\b(?:src|href)=(?!\"#)|https?://", re.sub(r"(?s)<script.*?</script>", "", text))


def test_a_border_is_named_beside_its_line():
    assert re.search(r'<text class="bordername[^>]*>China – North Korea</text>', page_of(reported("zone")))


@pytest.mark.parametrize("count", [8_000, 30_000])
def test_the_drawn_track_stays_within_its_stated_tolerance(count):
    xy_m = np.cumsum(np.random.default_rng(1).normal(0, 2.0, (count, 2)), axis=0)
    breaks = np.array([count // 3, count // 2])
    rows, tolerance_m = drawn_rows(xy_m, breaks)
    assert len(rows) <= MOST_ROWS
    assert (tolerance_m > TOLERANCE_M) == (count > MOST_ROWS)
    for first, last in ((0, breaks[0]), (breaks[0] + 1, breaks[1]), (breaks[1] + 1, count - 1)):
        run = rows[(rows >= first) & (rows <= last)]
        assert (run[0], run[-1]) == (first, last)
        drawn = shapely.linestrings(xy_m[run])
        shapely.prepare(drawn)
        assert shapely.distance(drawn, shapely.points(xy_m[first : last + 1])).max() <= tolerance_m + 1e-6


def test_twelve_minutes_at_ten_hertz_are_less_than_a_megabyte_and_a_half():
    rng = np.random.default_rng(3)
    wander = np.cumsum(np.cumsum(rng.normal(0, 1e-7, (7_200, 2)), axis=0), axis=0) + rng.normal(0, 4e-6, (7_200, 2))
    flight = make_flight(40.11 + wander[:, 0], 124.38 + wander[:, 1], dt_s=0.1, events=[(2, "takeoff")],
                         alt_home_m=rng.normal(60, 3, 7_200), speed_mps=rng.normal(9, 1, 7_200))  # fmt: skip
    assert len(page_of(checked(flight))) < 1_500_000


def test_thirty_thousand_fixes_in_a_knot_take_linear_time():
    """A walk at random crosses itself everywhere: nothing here may grow with the crossings."""

    def knot(fixes):
        step = np.cumsum(np.random.default_rng(9).normal(0, 2e-5, (fixes, 2)), axis=0)
        flight = make_flight(40.11 + step[:, 0], 124.38 + step[:, 1], alt_home_m=np.full(fixes, 50.0))
        return checked(flight)

    assert len(page_of(knot(30_000))) < 1_500_000
    assert_linear(page_of, knot, loops(3_750), loops(30_000))


def test_jumps_over_half_the_globe_take_linear_time():
    def jumps(fixes):
        lat = np.where(np.arange(fixes) % 2, 40.11, -40.11)
        flight = make_flight(lat, 124.38 + 1e-6 * np.arange(fixes), dt_s=1.0)
        return checked(flight)

    assert_linear(page_of, jumps, loops(500), loops(4_000))


NEAR_HOME_M = 300.0


def hidden_home():
    """There and back with a logged home, a controller beside it, and a visit that begins in the hidden part."""
    share = np.concatenate([np.linspace(0, 1, 400), np.linspace(1, 0, 400)])
    lat, lon = 40.1175 - 0.0225 * share, 124.3923 + 0.0177 * share
    flight = make_flight(lat, lon, dt_s=1.0, events=[(2, "takeoff")], alt_home_m=100 * np.sqrt(share),
                         speed_mps=np.where(np.arange(800) < 3, 0.0, 7.0))  # fmt: skip
    pilot = Track.build(time_ns=flight.track.time_ns[:2], lat_deg=lat[:2] + 1e-4, lon_deg=lon[:2], offset=[0, 1],
                        message="app")  # fmt: skip
    flight = replace(flight, tracks={**flight.tracks, "operator": pilot}, home=Home(float(lat[0]), float(lon[0])),
                     vehicle=Vehicle(serial="SECRET-1"))  # fmt: skip
    source = ZoneSource("near.geojson", "0" * 64)
    near = Shape(shapely.box(lon[0] - 0.001, lat[0] - 0.004, lon[0] + 0.004, lat[0] - 0.0005))
    zones = ZoneSet((Zone("N", "Near", ZoneKind.RESTRICTED, near, source),), (source,), ())
    return Case(flight, zones, check(flight, zones))


def places_of(text, view):
    """Every place of the flight in the bytes of a page, in degrees: drawn, in the data blocks, in words."""
    parsed = Skeleton(text)
    layers = "track|casing|gap|operator|inside[a-z ]*|dot [a-z]+"
    paths = re.findall(rf'<path class="(?:{layers})" d="([^"]+)"', re.sub(r"(?s)<ul.*?</ul>", "", text))
    xy = [(float(x), -float(y)) for d in paths for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)]
    moving = json.loads(parsed.blocks["script", "track"])
    xy += list(zip(moving["x"], moving["y"], strict=True))
    found = [tuple(reversed(p)) for p in view.plane.inverse(np.array(xy)).tolist()]
    words = re.findall(r"([\d.]{4,}) ([NS]) ([\d.]{4,}) ([EW])", text)
    found += [(float(a), float(c)) for a, _, c, _ in words]

    def walk(node):
        if isinstance(node, dict):
            if node.keys() == {"lat", "lon"}:
                found.append((node["lat"], node["lon"]))
            if node.get("bbox"):
                west, south, east, north = node["bbox"]
                found.extend([(south, west), (north, east), (south, east), (north, west)])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(parsed.blocks["script", "result"]))
    return found


@pytest.mark.parametrize("include_private", [False, True])
def test_nothing_near_home_is_anywhere_in_the_page(include_private):
    case = hidden_home()
    home = case.flight.home
    for radius_m in (None, NEAR_HOME_M):
        seen = redact(case, Disclosure(include_private, radius_m))
        drawn = draw_map(seen, words("en"))
        text = page(seen)
        places = places_of(text, drawn.view)
        away_m = [GEOD.inv(lon, lat, home.lon_deg, home.lat_deg)[2] for lat, lon in places]
        assert len(away_m) > 500
        if radius_m is None:
            assert min(away_m) < 1
            continue
        assert min(away_m) > radius_m - 0.2  # places on the map are rounded to the decimetre
        moving = json.loads(Skeleton(text).blocks["script", "track"])
        assert min(moving["t"]) > 5  # the charts begin where the map does
        assert f"All within {radius_m:g} m of these places is left out: the take-off" in text
    assert case.result.findings[0].verdict in text  # the answer itself stays


@pytest.mark.parametrize(("language", "says"), [("en", "the whole flight, so there is no map"), ("ko", "지도가 없음")])
def test_a_flight_that_is_hidden_altogether_says_why_there_is_no_map(language, says):
    case = hidden_home()
    worded = replace(case.result, settings=replace(case.result.settings, language=language))
    text = page_of(replace(case, result=worded), hide_home_m=99_000)
    assert says in text
    assert 'id="map-title"' not in text


def test_rows_and_times_of_a_hidden_home_stay_those_of_the_log():
    case = hidden_home()
    whole, cut = (result_document(redact(case, Disclosure(hide_home_m=m))) for m in (None, NEAR_HOME_M))
    assert (cut.flight.fixes, cut.flight.start_utc, cut.verdict) == (800, whole.flight.start_utc, whole.verdict)
    assert (cut.flight.home, cut.flight.bbox) == (None, None)
    for a, b in zip(whole.findings, cut.findings, strict=True):
        assert (a.evidence, a.zone, a.reasons) == (b.evidence, b.zone, b.reasons)
        assert b.enter_utc == (a.enter_utc if b.entry else None)
        assert (b.margin_m, b.depth_m, b.path_m) == (None, None, None)  # nearer than 5 km
    assert any(finding.entry is None for finding in cut.findings)


def test_serial_controller_and_folder_only_on_request():
    case = hidden_home()
    for private in (False, True):
        text = page_of(case, private=private)
        assert ("SECRET-1" in text) is private
        assert ('class="operator"' in text) is private
        assert ("Track of the controller" in text) is private


def test_gaps_are_dashed_on_the_map_and_broken_in_the_charts():
    steps = np.full(99, 1.0)
    steps[49] = 30.0
    flight = make_flight(np.linspace(40.11, 40.12, 100), np.full(100, 124.38), dt_s=steps, events=[(2, "takeoff")],
                         alt_home_m=np.linspace(10, 60, 100))  # fmt: skip
    text = re.sub(r"(?s)<ul.*?</ul>", "", page_of(checked(flight)))
    drawn = {look: d.count("M") for look, d in re.findall(r'<path class="(track|gap|curve)" d="([^"]*)"', text)[:3]}
    assert drawn == {"track": 2, "gap": 1, "curve": 2}


@pytest.mark.parametrize("rules", [Settings(), Settings(allow=("PRK",))])
@pytest.mark.parametrize("gap_s", [0.2, 30.0])
def test_the_legend_holds_what_is_drawn_and_all_of_it(rules, gap_s):
    """Each look of the map, but casings under lines, the grid and what the script draws, has its line."""
    steps = np.full(199, 0.2)
    steps[20] = gap_s
    share = np.concatenate([np.linspace(0, 1, 100), np.linspace(1, 0, 100)])
    flight = make_flight(40.1176 - 0.03 * share, 124.3904 + 0.03 * share, dt_s=steps, events=[(2, "takeoff")])
    inland = make_flight(np.linspace(47.0, 47.01, 50), np.full(50, 2.0))
    for flown in (flight, inland):
        text = page_of(checked(flown, rules))
        drawn, legend = re.search(r'(?s)(<svg[^>]*class="map".*?)(<ul.*?</ul>)', text).groups()
        looks = re.compile(r'<path [^>]*?class="(?!land |arrow)([^"]+)"')  # land is named on the map itself
        nameless = {"casing", "errors", "graticule"}
        on_map = set(looks.findall(drawn)) - nameless
        keys = set(looks.findall(legend)) - nameless
        assert keys == on_map
        assert len(legend.split("<li")) - 1 == len(keys)


def test_a_log_without_a_position_has_a_page():
    flight = make_flight([], [])
    text = page_of(checked(flight))
    assert "CANNOT TELL" in text
    assert "<svg" not in text


def test_command_line_writes_one_page_a_log_and_loads_nothing_without_it(tmp_path, repo):
    log = repo / "samples" / "clear_dandong.csv"
    script = (
        "import sys; from dronecheck.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.startswith("
        "('dronecheck.report.page', 'dronecheck.safe.html', 'jinja2', 'markupsafe', 'matplotlib'))))"
    )
    done = subprocess.run([sys.executable, "-c", script, "check", str(log)], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    run = [sys.executable, "-m", "dronecheck", "check", str(log)]
    assert subprocess.run([*run, "--report", str(tmp_path / "a.html")], capture_output=True).returncode == 0
    assert subprocess.run([*run, str(log), "--report", str(tmp_path / "many")], capture_output=True).returncode == 0
    pages = [tmp_path / "a.html", *sorted((tmp_path / "many").iterdir())]
    assert [p.name for p in pages] == ["a.html", "clear_dandong-2.html", "clear_dandong.html", "index.html"]
    assert len({p.read_bytes() for p in pages[:-1]}) == 1
    assert subprocess.run([*run, "--report", str(log)], capture_output=True).returncode == 2
