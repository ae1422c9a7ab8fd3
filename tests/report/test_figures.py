"""Plots: what is on them, whatever the names in the files say, and the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import shapely
from matplotlib.patches import Circle
from matplotlib.text import Text
from PIL import Image

from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.report import figures
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.figures import png, svg
from dronecheck.report.page import write_page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from dronecheck.report.views.border_distance import border_profile
from tests.conftest import make_flight
from tests.support.scale import full_only, loops

BANK, FIELDS = (40.1175, 124.3923), (40.0950, 124.4100)
SOURCE = ZoneSource("zones.geojson", "0" * 64)


def there_and_back(start=BANK, end=FIELDS, count=200, **more):
    share = np.concatenate([np.zeros(20), np.linspace(0, 1, count), np.linspace(1, 0, count), np.zeros(20)])
    lat, lon = (a + (b - a) * share for a, b in zip(start, end, strict=True))
    height = 100 * np.sqrt(share)
    more = {"events": [(20, "takeoff")], "alt_home_m": height, "alt_amsl_m": height + 31, "dt_s": 1.0, **more}
    return make_flight(lat, lon, **more)


def zone(name, west, south, east, north, **more):
    return Zone(name, name, ZoneKind.RESTRICTED, Shape(shapely.box(west, south, east, north)), SOURCE, **more)


def seen(flight, result, zones=None, ground=None, hide_home_m=None):
    return redact(Case(flight, zones, result, ground), Disclosure(hide_home_m=hide_home_m))


def plots(flight, result, zones, ground=None):
    return figures.plots(seen(flight, result, zones, ground))


def write_plots(flight, result, zones, folder, **more):
    return figures.write_plots(seen(flight, result, zones), folder, **more)


def texts(figure):
    return [t.get_text() for t in figure.findobj(Text) if t.get_text() and t.get_visible()]


def joined(figure):
    return " | ".join(texts(figure)).replace("\n", " ")


@pytest.fixture(scope="module")
def crossing():
    flight = there_and_back()
    result = check(flight)
    return flight, result, plots(flight, result, None)


def test_writes_decodable_pngs_that_are_not_blank(tmp_path, crossing):
    flight, result, _ = crossing
    written = write_plots(flight, result, None, tmp_path)
    assert [p.name for p in written] == ["map.png", "finding_1.png", "height.png", "border_distance.png"]
    for path in written:
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert image.size[0] == 1650
            assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
            assert "Software" not in image.info
            pixels = np.asarray(image.convert("L"))
        assert 0.02 < np.mean(pixels < 250) < 0.98
        # Nothing is cut off: the rim stays white.
        rim = np.concatenate([pixels[:6].ravel(), pixels[-6:].ravel(), pixels[:, :6].ravel(), pixels[:, -6:].ravel()])
        assert rim.min() == 255


def test_titles_carry_the_verdict_the_file_and_the_scope(crossing):
    _, _, made = crossing
    for figure in made.values():
        assert texts(figure)
        assert "ENTERED – made.ulg" in texts(figure)
        assert "Airspace: NOT CHECKED" in joined(figure)


def test_every_axis_names_its_unit(crossing):
    _, _, made = crossing
    axes = {name: figure.axes for name, figure in made.items()}
    chart = axes["map"][0]
    assert "degrees" in chart.get_xlabel() and "degrees" in chart.get_ylabel()
    assert chart.get_xlim()[1] / chart.get_ylim()[1] == pytest.approx(
        chart.get_window_extent().width / chart.get_window_extent().height
    )
    assert any("km" in t or " m" in t for t in (t.get_text() for t in axes["map"][1].get_xticklabels()))
    assert [a.get_ylabel().replace("\n", " ") for a in axes["height"]] == [
        "Height (m) above take-off or home",
        "Height (m) above mean sea level (AMSL)",
    ]
    assert axes["height"][-1].get_xlabel() == "Time (UTC, 2025-06-15)"
    assert "(km)" in axes["border_distance"][0].get_ylabel()
    assert "UTC" in axes["border_distance"][0].get_xlabel()


def test_the_map_says_what_it_shows(crossing):
    _, result, made = crossing
    words = joined(made["map"])
    parts = [
        "China",
        "North Korea",
        "1 in 15:",
        "1 out 15:",
        "take-off",
        "border, as in the data",
        "±666 m",
        "km inside",
    ]
    for part in (*parts, "© OpenStreetMap contributors (ODbL)", "Names as in the source, no position taken"):
        assert part in words
    assert "made.ulg" in words
    assert result.verdict is Verdict.VIOLATION


def test_labels_do_not_overlap_and_are_large_enough(crossing):
    _, _, made = crossing
    for figure in made.values():
        for axes in figure.axes:
            boxes = [t.get_window_extent() for t in axes.texts]
            for i, a in enumerate(boxes):
                assert axes.bbox.x0 <= a.x0 and a.x1 <= axes.bbox.x1
                assert not any(a.overlaps(b) for b in boxes[i + 1 :])
        assert min(t.get_size() for t in figure.findobj(Text) if t.get_text()) >= 8


def test_a_clear_flight_near_a_border_shows_the_way_to_it():
    flight = there_and_back((31.7700, -106.470), (31.7600, -106.470))
    result = check(flight)
    made = plots(flight, result, None)
    assert result.verdict is Verdict.CLEAR
    assert "235 m from Mexico" in joined(made["map"])
    assert "235 m outside" in joined(made["border_distance"])
    assert "DID NOT ENTER – made.ulg" in texts(made["map"])


def test_the_distance_series_agrees_with_the_finding(crossing):
    flight, result, _ = crossing
    series = border_profile(seen(flight, result).trajectory, result)
    (finding,) = result.findings
    assert series.distance_m.min() == pytest.approx(finding.margin_m, abs=0.5)
    assert series.time_ns[int(np.argmin(series.distance_m))] == pytest.approx(finding.deepest_ns, abs=2e9)
    assert np.all(np.diff(series.time_ns) >= 0)
    assert series.band_m.min() == pytest.approx(finding.band_m, abs=1.0)
    inside = (series.time_ns > finding.enter_ns) & (series.time_ns < finding.exit_ns)
    assert np.all(series.distance_m[inside] <= 0)


def test_far_from_everything_there_is_no_distance_plot():
    flight = there_and_back((51.5, 10.0), (51.51, 10.01))
    assert list(plots(flight, check(flight), None)) == ["map", "height"]


def test_limits_are_drawn_in_their_own_datum_only():
    t = np.linspace(0, 1, 600)
    lon = 8.0 + 0.022 * np.abs(np.sin(2 * np.pi * t))
    height = np.minimum(90, t * 900)
    flight = make_flight(
        53.515 + 0.01 * t, lon, dt_s=1.0, events=[(0, "takeoff")], alt_home_m=height, alt_amsl_m=height + 2
    )
    zones = ZoneSet(
        (
            zone("Harbour", 8.02, 53.51, 8.03, 53.53, upper=Limit(120.0, Datum.AMSL)),
            zone("Above", 8.02, 53.51, 8.03, 53.53, lower=Limit(50.0, Datum.AGL)),
        ),
        (SOURCE,),
    )
    result = check(flight, zones, Settings(max_height_m=110))
    assert sum(f.verdict is Verdict.VIOLATION for f in result.findings) == 2  # two visits
    made = plots(flight, result, zones)
    home, amsl = made["height"].axes
    of_rule = "120 m of UAS.OPEN.010(2), article 4(1)(e), were the ground as high as at take-off"
    assert [t.get_text() for t in home.texts] == ["limit 110 m above take-off", of_rule]
    assert [t.get_text() for t in amsl.texts] == ["ceiling of Harbour: 120 m AMSL"]
    assert "the log has no height of that datum: floor of Above (50 m AGL)" in joined(made["height"])
    words = joined(made["map"])
    assert "Harbour" in words and "ground to 120 m AMSL" in words
    assert sum(" in 15:" in t for t in texts(made["map"])) >= 2


HOSTILE = ["A$^$", "<b>bold</b>", "신의주 中文", "\\frac{", "x\x1b[31m\n\x00", "\u202eevil", "%s{}", "W" * 400]


@pytest.mark.parametrize("name", [*HOSTILE, "\U0001f681", ""][:: loops(1, 3)])
def test_hostile_names_are_drawn_as_they_are(name):
    flight = there_and_back((53.515, 8.0), (53.515, 8.025), count=60)
    path = Path("/secret folder") / (name[:60].replace(chr(0), "").replace("/", "") + ".csv")
    flight = replace(flight, source=replace(flight.source, path=path))
    zones = ZoneSet((zone(name, 8.02, 53.51, 8.03, 53.53, upper=Limit(200.0, Datum.AMSL)),), (SOURCE,))
    result = check(flight, zones)
    assert result.findings
    for figure in plots(flight, result, zones).values():
        assert png(figure).startswith(b"\x89PNG")
        drawn = "".join(texts(figure))
        assert not any(ord(c) < 32 and c != "\n" for c in drawn)
        assert "secret" not in drawn
        assert "\u202e" not in drawn


@pytest.mark.parametrize("language", [pytest.param("zh", marks=full_only), "ko"])
def test_other_languages_never_fail(language):
    flight = there_and_back()
    for figure in plots(flight, check(flight, None, Settings(language=language)), None).values():
        png(figure)


def test_utc_unknown_shows_seconds_since_the_first_fix_as_the_terminal_does():
    flight = there_and_back(utc=False, start_ns=35_000_000_000)
    made = plots(flight, check(flight), None)
    axes = made["height"].axes[-1]
    assert axes.get_xlabel() == "Time since the first fix (s; UTC unknown)"
    assert [float(t.get_text()) for t in axes.get_xticklabels()] == axes.get_xticks().tolist()
    assert not any("15:" in t or "UTC" in t.replace("UTC unknown", "") for t in texts(made["map"]))
    (entered,) = (t for t in texts(made["map"]) if t.startswith("1 in"))
    share = " (95 %)"
    assert entered.endswith(share)
    assert entered.removeprefix("1 in ").removesuffix(share) in summary(flight, check(flight))


def test_no_fix_no_plots_and_one_fix_still_a_map(tmp_path):
    nothing = make_flight([], [])
    assert write_plots(nothing, check(nothing), None, tmp_path / "none") == []
    assert not (tmp_path / "none").exists()
    one = make_flight([40.1175], [124.3923], alt_home_m=[3.0])
    assert [p.name for p in write_plots(one, check(one), None, tmp_path)] == [
        "map.png",
        "height.png",
        "border_distance.png",
    ]


def test_across_the_antimeridian_the_track_is_one_line():
    flight = there_and_back((-16.8, 179.98), (-16.78, 180.03))
    zones = ZoneSet((zone("East of the line", -179.985, -16.79, -179.96, -16.77),), (SOURCE,))
    result = check(flight, zones)
    assert result.verdict is Verdict.VIOLATION
    figure = plots(flight, result, zones)["map"]
    png(figure)
    assert figure.axes[0].get_xlim()[1] < 10_000  # metres: not once around the globe
    labels = [t.get_text() for t in figure.axes[0].get_xticklabels()]
    assert any(t.endswith("°E") for t in labels) and any(t.endswith("°W") for t in labels)
    assert "East of the line" in joined(figure)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (np.linspace(89.99, 89.999, 50), np.full(50, 10.0)),  # beside the pole
        (np.full(50, 40.1), np.full(50, 124.0)),  # hovering
        (
            np.r_[np.full(30, 40.11), 0.0, 0.0, np.full(30, 40.11)],
            np.r_[np.full(30, 124.39), 0.0, 0.0, np.full(30, 124.39)],
        ),
    ],
    ids=["pole", "hover", "jumps"],
)
def test_odd_tracks(lat, lon):
    flight = make_flight(lat, lon, dt_s=1.0)
    figure = plots(flight, check(flight), None)["map"]
    png(figure)
    assert figure.axes[0].get_xlim()[1] < 20_000
    assert ("beyond a jump" in joined(figure)) == (len(lat) == 62)


def test_same_bytes_and_the_users_settings_neither_used_nor_changed(crossing):
    flight, result, _ = crossing
    first = {name: png(figure) for name, figure in plots(flight, result, None).items()}
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "text.parse_math": True}):
        second = {name: png(figure) for name, figure in plots(flight, result, None).items()}
        assert matplotlib.rcParams["font.size"] == 20
    assert first == second


def test_a_height_that_contradicts_the_geoid_is_not_drawn_above_ground():
    class Flat:
        sources = ()

        def ground_amsl_m(self, lon_deg, lat_deg):
            return np.full(len(lon_deg), 100.0), np.full(len(lon_deg), 4.0)

        def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
            return alt_amsl_m - 100.0

    def drawn(alt_hae_m):
        flight = make_flight(np.full(40, 47.0), 2.0 + np.arange(40) * 1e-5, dt_s=1.0,
                             alt_amsl_m=np.full(40, 300.0), alt_hae_m=np.full(40, alt_hae_m))  # fmt: skip
        result = check(flight, None, Settings(max_agl_m=90.0), ground=Flat())
        height = plots(flight, result, None, Flat()).get("height")  # none where no height is sure
        panels = height.axes if height else []
        return result.check_of(Topic.HEIGHT).verdict, any("(AGL)" in axes.get_ylabel() for axes in panels)

    assert drawn(300.0 + 47.0) == (Verdict.VIOLATION, True)
    assert drawn(300.0 + 147.0) == (Verdict.INCONCLUSIVE, False)


def test_pyplot_is_never_loaded_and_plain_reports_load_no_matplotlib():
    code = (
        "import sys, dronecheck.report.export.track, dronecheck.report.terminal.check\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import dronecheck.report.figures; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_zones_whose_edges_are_open_are_drawn(tmp_path):
    """OpenAir and KML do not say what an edge is; both curves are judged, one is drawn."""
    zones = ZoneSet((zone("open", 124.38, 40.10, 124.42, 40.13, edge=Edge.AMBIGUOUS),
                     zone("near", 124.43, 40.10, 124.45, 40.13, edge=Edge.AMBIGUOUS)), (SOURCE,))  # fmt: skip
    flight = there_and_back()
    result = check(flight, zones)
    assert write_plots(flight, result, zones, tmp_path)
    write_page(Case(flight, zones, result), tmp_path / "page.html")
    assert "near" in (tmp_path / "page.html").read_text()


def test_the_height_panel_shows_band_and_ground():
    """The ground where the terrain gives it, in the one panel of its datum; the band as wide as the log's own sigma."""

    class Ground:
        sources = ()

        def ground_amsl_m(self, lon_deg, lat_deg):
            return np.where(np.arange(len(lon_deg)) < 20, 150.0, np.nan), np.full(len(lon_deg), 4.0)

        def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
            return alt_amsl_m - 150.0

    flight = make_flight(
        np.full(40, 47.0), 2.0 + np.arange(40) * 1e-5, dt_s=1.0,
        alt_amsl_m=np.full(40, 300.0), alt_home_m=np.full(40, 100.0), v_sigma_m=np.full(40, 3.0),
    )  # fmt: skip
    result = check(flight)
    made = plots(flight, result, None, Ground())["height"]
    home, above_ground, sea = made.axes
    assert "by the terrain files" in above_ground.get_ylabel()
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in sea.lines]
    (ground,) = [y for y in drawn if np.nanmax(y) < 200.0]
    assert np.isfinite(ground).sum() == 20
    assert not any(np.nanmax(np.asarray(line.get_ydata(), dtype=float)) > 120.0 for line in home.lines)
    assert sea.get_ylim()[0] < 150.0
    (band,) = sea.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.max() - heights.min() == pytest.approx(2 * 2.3263 * 3.0, abs=0.01)
    assert "ground below" in " ".join(text.get_text() for text in made.legends[0].get_texts())
    without = plots(flight, result, None)["height"]
    assert "ground below" not in " ".join(text.get_text() for text in without.legends[0].get_texts())


def test_with_terrain_the_heights_that_were_judged_are_drawn_where_none_is_logged():
    class Slope:
        """Ground that rises 1 m for each 1e-5 degrees east, from 150 m."""

        sources = ()

        def ground_amsl_m(self, lon_deg, lat_deg):
            return 150.0 + (np.asarray(lon_deg) - 2.0) * 1e5, np.full(len(lon_deg), 4.0)

        def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
            return alt_amsl_m - self.ground_amsl_m(lon_deg, lat_deg)[0]

    home_m = np.concatenate([np.zeros(5), np.linspace(0, 100, 35)])
    flight = make_flight(
        np.full(40, 47.0), 2.0 + np.arange(40) * 1e-5, dt_s=1.0, alt_home_m=home_m, events=[(4, "takeoff")]
    )
    result = check(flight, None, Settings(max_agl_m=90.0), ground=Slope())
    made = plots(flight, result, None, Slope())["height"]
    home, ground, sea = made.axes
    takeoff_m = 150.0 + (result.takeoff.lon_deg - 2.0) * 1e5
    amsl_m = takeoff_m + home_m

    def draws(axes, height_m):
        drawn = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
        return any(len(y) == 40 and np.allclose(y, height_m, atol=0.1) for y in drawn)

    assert draws(home, home_m)
    assert draws(sea, amsl_m)
    assert draws(ground, amsl_m - (150.0 + np.arange(40)))
    assert "limit 90 m above ground" in joined(made)
    alone = plots(flight, result, None)["height"]
    assert len(alone.axes) == 1
    assert "Not drawn" in joined(alone) and "limit 90 m above ground" in joined(alone)


def test_a_close_up_shows_entry_and_exit_and_the_error_of_each_fix(crossing):
    flight, result, made = crossing
    (finding,) = result.findings
    axes = made["finding_1"].axes[0]
    half = np.array([axes.get_xlim()[1], axes.get_ylim()[1]])
    assert half[0] < 0.2 * made["map"].axes[0].get_xlim()[1]
    # The plane's middle is the middle of entry and exit; metres by a sphere about it.
    ends = np.array([[p.lon_deg, p.lat_deg] for p in (finding.entry, finding.exit)])
    centre = (ends.min(axis=0) + ends.max(axis=0)) / 2
    scale = 111_320.0 * np.array([np.cos(np.radians(centre[1])), 1.0])
    marks = [line.get_xydata()[0] for line in axes.lines if line.get_label() in ("entry", "exit")]
    assert np.array(marks) == pytest.approx((ends - centre) * scale, abs=1.0)
    fixes = (np.column_stack([flight.track.lon_deg, flight.track.lat_deg]) - centre) * scale
    circles = [patch for patch in axes.patches if isinstance(patch, Circle)]
    assert circles
    for circle in circles:
        assert np.hypot(*(fixes - circle.center).T).min() < 1.0
        assert circle.radius == pytest.approx(1.5 * (-2 * np.log(0.05)) ** 0.5, rel=1e-3)  # Rayleigh, 95 %
    inside = (np.abs(fixes) < half - 1).all(axis=1)
    assert len(circles) == inside.sum() or inside.sum() > 60


def test_a_visit_without_ends_has_no_close_up():
    flight = there_and_back(start=FIELDS, end=(40.09, 124.42), events=[])
    result = check(flight, None, Settings(home="CHN"))
    assert result.findings
    assert "finding_1" not in plots(flight, result, None)


def test_svg_says_the_same_and_is_the_same_each_time(tmp_path, crossing):
    flight, result, made = crossing
    assert svg(made["map"]) == svg(plots(flight, result, None)["map"])
    written = write_plots(flight, result, None, tmp_path, kind="svg")
    assert [p.suffix for p in written] == [".svg"] * 4
    for path in written:
        root = ElementTree.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not [e for e in root.iter() if e.tag.endswith(("script", "image", "foreignObject"))]


@pytest.mark.parametrize("hide_m", [None, 200.0])
def test_every_plot_says_what_is_hidden(crossing, hide_m):
    flight, result, _ = crossing
    made = figures.plots(seen(flight, result, hide_home_m=hide_m))
    assert set(made) >= {"map", "height"}
    assert ("border_distance" in made) is (hide_m is None)  # nearer than 5 km
    for figure in made.values():
        said = [text.get_text() for text in figure.texts]
        assert any("All within 200 m of these places is left out: the take-off" in text for text in said) is (
            hide_m is not None
        )


def test_entry_and_exit_at_one_place_are_both_seen(crossing):
    """The exit is drawn after the entry, and is the smaller."""
    _, _, made = crossing
    for name in ("map", "border_distance"):
        marks = [
            line for line in made[name].axes[0].lines if line.get_marker() in ("s", "o") and line.get_mec() == "black"
        ]
        entry, leave = marks[0], marks[1]
        assert (entry.get_marker(), leave.get_marker()) == ("s", "o")
        assert leave.get_markersize() < 0.8 * entry.get_markersize()
