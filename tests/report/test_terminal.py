"""The terminal summary: width, scope, words, and nothing hostile."""

from __future__ import annotations

import json
from unicodedata import east_asian_width

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace import load_zones
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings
from dronecheck.report.terminal import lines as terminal
from dronecheck.report.terminal.check import summary
from dronecheck.report.terminal.lines import _wrapped
from tests.conftest import make_flight

BANK, FIELDS = (40.1175, 124.3923), (40.0950, 124.4100)


def crossing(**kwargs):
    share = np.concatenate([np.zeros(100), np.linspace(0, 1, 1000), np.linspace(1, 0, 1000)])
    lat, lon = ((a + (b - a) * share) for a, b in zip(BANK, FIELDS, strict=True))
    return make_flight(lat, lon, **{"events": [(100, "takeoff")], **kwargs})


def zone_file(tmp_path, name):
    ring = [[1.999, 46.999], [2.001, 46.999], [2.001, 47.001], [1.999, 47.001], [1.999, 46.999]]
    feature = {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "z.geojson"
    path.write_text(json.dumps(feature))
    return load_zones([path])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width):
    flight = crossing()
    text = summary(flight, check(flight, None, Settings(max_height_m=50)), width=width)
    assert max(map(len, text.splitlines())) <= min(width, 100)
    assert text.endswith("\n")


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_letters_of_two_columns_fill_the_terminal_and_no_more(language):
    flight = crossing()
    result = check(flight, None, Settings(max_height_m=50, language=language))
    whole = "".join(summary(flight, result, width=100).split())
    for width in range(40, 101, 3):
        text = summary(flight, result, width=width)
        columns = [sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in text.splitlines()]
        assert 0.9 * width < max(columns) <= width
        assert "".join(text.split()) == whole
        assert not any(line.lstrip()[:1] in tuple("，。；：、）") for line in text.splitlines())


@given(st.text(alphabet="ab c漢字かな한국，。() ", max_size=120), st.integers(20, 60))
def test_wrapping_loses_no_letter(text, width):
    lines = _wrapped(text, width, "  ", "    ")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(sum(2 if east_asian_width(c) in "WF" else 1 for c in line) <= width for line in lines)
    assert all(line == line.rstrip() and len(line) - len(line.lstrip()) == 4 for line in lines[1:])


def test_the_first_line_answers_and_names_its_scope():
    flight = crossing()
    assert summary(flight, check(flight)).splitlines()[0].startswith("ENTERED North Korea (PRK). Airspace: NOT CHECKED")
    inland = make_flight(np.full(20, 47.0), 2 + np.arange(20) * 1e-5)
    assert summary(inland, check(inland)).startswith("No border crossed: all of it in France. Airspace: NOT CHECKED")
    unknown = crossing(events=())
    assert "home unknown" in summary(unknown, check(unknown))
    nothing = make_flight([], [])
    assert summary(nothing, check(nothing)).startswith("Border: CANNOT TELL (the log has no position")


def test_times_without_utc_count_from_the_first_fix():
    flight = crossing(utc=False)
    text = summary(flight, check(flight))
    assert "UTC unknown" in text
    assert "in   +" in text
    assert " UTC ±" not in text


def test_colour_only_on_request():
    flight = crossing()
    result = check(flight)
    assert "\x1b[" not in summary(flight, result)
    assert "\x1b[1;31mENTERED" in summary(flight, result, colour=True)


@pytest.mark.parametrize("name", ["\x1b[2Jgone", "a\nb\nCLEAR", "\u202eedoc", "x" * 500, "禁飞区 금지구역", "<b>A$^$"])
def test_names_from_files_cannot_harm_the_terminal(tmp_path, name):
    flight = make_flight(np.full(60, 47.0), 1.9985 + np.arange(60) * 5e-5)
    text = summary(flight, check(flight, zone_file(tmp_path, name)))
    assert all(line.isprintable() for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 80
    assert "ENTERED" in text


def test_a_long_word_is_measured_once_a_line(monkeypatch):
    """Breaking it took the third power of its length: each prefix of each line was measured anew."""
    measured = []

    def letters(size):
        measured.clear()
        monkeypatch.setattr(terminal, "columns", lambda text: measured.append(len(text)) or columns(text))
        lines = _wrapped("é" + "a" * size, 80, "", "")
        assert "".join(lines) == "é" + "a" * size
        return sum(measured) / (size / 80)

    columns = terminal.columns
    few, many = letters(500), letters(4_000)
    # What is left of the word is measured once for each of its lines, and no more.
    assert many < 1.5 * 8 * few
