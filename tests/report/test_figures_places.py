"""Where the words of plots stand: none on another, on a mark, or outside; whatever is flown, in every language."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure

from dronecheck.report.figures import plots
from dronecheck.report.figures.labels import Labels
from dronecheck.report.figures.style import TimeAxis, can_draw, figure, own_settings
from dronecheck.report.text.words import words
from dronecheck.report.views.along import Along
from dronecheck.report.views.map import MapView, land_areas, shared_borders
from tests.support.pictures import REAL, SCENES, drawn_marks, drawn_texts, faults, real_scene
from tests.support.scale import full_only, loops

LANGUAGES = ("en", "zh", "ko")
# The quick scale tries each scene once, and the other languages where their words are longest or most.
QUICK = {
    *((name, "en") for name in SCENES),
    *((name, language) for name in ("founding", "beside a city", "terrain", "hidden") for language in LANGUAGES),
}
needs_fonts = pytest.mark.skipif(not can_draw("中国한국"), reason="no font with Chinese and Korean letters")


def tried(name, language):
    marks = [] if (name, language) in QUICK else [full_only]
    return pytest.param(name, language, marks=marks if language == "en" else [*marks, needs_fonts])


def told(made: dict[str, Figure]) -> list[str]:
    return [f"{name}: {fault}" for name, drawn in made.items() for fault in faults(drawn)]


@pytest.mark.parametrize(("name", "language"), [tried(name, lang) for lang in LANGUAGES for name in SCENES])
def test_no_word_lies_on_another_on_a_mark_or_outside(name, language, tmp_path):
    made = plots(SCENES[name](language, tmp_path))
    assert "map" in made
    assert told(made) == []


@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(each, marks=[full_only, needs_fonts]) for each in ("zh", "ko"))]
)
@pytest.mark.parametrize("name", REAL)
def test_nor_of_a_real_log(name, language, shared):
    made = plots(real_scene(shared, name, language))
    assert "map" in made
    assert told(made) == []


def test_what_is_wrong_is_found():
    """The measure itself: a word on another, one on a mark, one outside, and none of it where all is well."""
    with own_settings():
        drawn = figure(4.0, 3.0)
        axes = drawn.add_axes((0.2, 0.2, 0.7, 0.7))
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 10)
        axes.text(2, 5, "alone")
        axes.plot(8, 8, "o", ms=6)
        assert faults(drawn) == []
        assert len(drawn_marks(drawn)) == 1
        axes.text(2.1, 5.1, "over it")
        axes.text(7.5, 7.8, "mark")
        axes.text(9.8, 2, "runs out")
        found = faults(drawn)
    assert [fault.split(":")[0] for fault in found] == ["on each other", "on a mark", "outside"]
    assert "'alone'" in found[0] and "'mark'" in found[1]


def colours_and_sizes(drawn: Figure) -> dict[str, tuple[str, float]]:
    return {text.get_text(): (text.get_color(), text.get_size()) for axes in drawn.axes for text in axes.texts}


def test_the_map_names_what_the_page_names(tmp_path):
    """Towns and aerodromes of the place, the border along its line, and how far it is: by the map of an atlas."""
    made = plots(SCENES["founding"]("en", tmp_path))["map"]
    names = colours_and_sizes(made)
    border_name = "China – North Korea"
    assert {"Dandong, 1.3 km ↑", "Uiju Airport, 9.3 km ↗", border_name, "1.98 km inside North Korea"} <= set(names)
    (border,) = (text for text in made.axes[0].texts if text.get_text() == border_name)
    assert 20 < border.get_rotation() < 70  # from south-west to north-east, as the Yalu runs there
    assert "Towns: GeoNames (CC BY 4.0)." in " ".join(text for text, _ in drawn_texts(made))
    city = plots(SCENES["beside a city"]("en", tmp_path))["map"]
    assert {"Rüschlikon", "Thalwil", "Adliswil"} <= set(colours_and_sizes(city))
    assert "town (GeoNames)" in [text.get_text() for text in city.legends[0].get_texts()]


def test_a_town_stands_beside_its_mark(tmp_path):
    made = plots(SCENES["beside a city"]("en", tmp_path))["map"]
    marks = np.array([(box.x0 + box.x1, box.y0 + box.y1) for box in drawn_marks(made)]) / 2
    boxes = dict(drawn_texts(made))
    for town in ("Rüschlikon", "Thalwil", "Adliswil"):
        box = shapely.box(*boxes[town].extents)
        assert min(box.distance(shapely.Point(mark)) for mark in marks) < 50  # pixels, at 150 an inch


def test_names_of_zones_that_no_finding_names_are_quiet(tmp_path):
    """Of thirty zones in a city those entered are named first, dark and larger; the others smaller and grey."""
    seen = SCENES["city"]("en", tmp_path)
    entered = {finding.zone.name for finding in seen.result.findings if finding.zone}
    made = plots(seen)["map"]
    names = {
        text.split("\n")[0]: look for text, look in colours_and_sizes(made).items() if text.startswith("Zone number")
    }
    assert len(names) >= 10
    assert len(set(names) & entered) >= 8
    for name, (colour, size) in names.items():
        assert (colour, size) == (("#222222", 8.5) if name in entered else ("#555555", 8.0)), name
    said = " ".join(text for text, _ in drawn_texts(made)).replace("\n", " ")
    assert "more zones are drawn without their names" in said


def test_a_border_has_the_names_of_both_its_sides(tmp_path):
    seen = SCENES["founding"]("en", tmp_path)
    lands = land_areas(MapView(seen.trajectory, [], 1.2), seen.result.settings.thresholds)
    ((one, other, lines),) = shared_borders(lands)
    assert {one.territory.name("en"), other.territory.name("en")} == {"China", "North Korea"}
    for line in lines:
        ends = shapely.points(line[(np.abs(line) < 500).all(axis=1)])
        assert (shapely.distance(one.area, ends) < 1.0).all() and (shapely.distance(other.area, ends) < 1.0).all()


def test_nothing_is_written_along_a_line_that_bends():
    with own_settings():
        drawn = figure(6.0, 6.0)
        axes = drawn.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.set_xlim(-10, 10)
        axes.set_ylim(-10, 10)
        around = np.linspace(0, 2 * np.pi, 200)
        circle = np.column_stack([np.cos(around), np.sin(around)])
        labels = Labels(axes)
        assert not labels.along([1.5 * circle], "as long as it is wide")
        assert labels.along([1.5 * circle, np.array([[-9.0, -9.0], [9.0, 9.0]])], "as long as it is wide")
        (text,) = axes.texts
    assert text.get_rotation() == pytest.approx(45)


SPANS_S = (0.0, 0.2, 3.0, 59.0, 480.0, 3_600.0, 10_800.0, 86_400.0, 700_000.0)


@pytest.mark.parametrize("utc_known", [True, False])
@pytest.mark.parametrize("span_s", SPANS_S)
def test_an_axis_of_time_is_readable(span_s, utc_known):
    """Round times, several of them, none clipped nor on another; from any second of a day, also over midnight."""
    rng = np.random.default_rng(20261130)
    for start_s in rng.uniform(1_750_000_000, 1_750_086_400, loops(12, 3)).tolist():
        with own_settings():
            drawn = figure(11.0, 4.0)
            axes = drawn.add_axes((0.95 / 11, 0.25, 9.8 / 11, 0.6))
            along = Along(np.array([0.0, span_s]), span_s, True, int(start_s * 1e9), utc_known)
            TimeAxis(along, words("en")).put_on(axes)
            assert faults(drawn) == []
            labels = [text.get_text() for text in axes.get_xticklabels()]
            assert 3 <= len(labels) <= 11, labels
            assert len(set(labels)) == len(labels)
            if utc_known:
                days = axes.get_xlabel().removeprefix("Time (UTC, ").removesuffix(")").split(" to ")
                first, last = (np.datetime64(round((start_s + s) * 1e3), "ms").astype(str)[:10] for s in (0, span_s))
                assert days in ([first], [first, last])
                assert len(days) == 1 + (first != last)


def test_a_limit_above_take_off_is_told_where_no_panel_shows_it(tmp_path):
    """Where a log has heights above the sea alone, the small print names a limit above the take-off."""
    made = plots(SCENES["long names"]("en", tmp_path))["height"]
    said = " ".join(text for text, _ in drawn_texts(made)).replace("\n", " ")
    assert len(made.axes) == 1
    assert "Not drawn, because the log has no height of that datum: limit 60 m above take-off" in said
