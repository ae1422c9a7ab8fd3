"""Words on maps: none lies on another, on a mark or outside, as measured in a browser; with and without scripts."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck import Case, check, load_zones, write_page
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight

# What is seen of each word, and of the map around it. Touching is no overlap.
LOOK = """() => [...document.querySelectorAll("svg.map")].map((map) => {
  const box = (r) => [r.left, r.top, r.right, r.bottom];
  const seen = [...map.querySelectorAll("text")].filter((w) => w.getClientRects().length
    && getComputedStyle(w).visibility !== "hidden" && getComputedStyle(w).display !== "none");
  return { map: box(map.getBoundingClientRect()),
    words: seen.map((w) => [w.textContent, ...box(w.getBoundingClientRect())]),
    marks: [...map.querySelectorAll(".dot:not(.here):not(.shot)")].map((d) => box(d.getBoundingClientRect())) };
})"""
PAGES = ("entered", "zones", "open", "many", "hidden", "city")


@pytest.fixture(scope="session")
def pages(pages, tmp_path_factory):
    """The pages of the other tests, and one of a city with thirty zones that lie on each other."""
    folder = tmp_path_factory.mktemp("city")
    rng = np.random.default_rng(20261130)
    features = []
    for number in range(30):
        lon, lat = (float(v) for v in rng.normal((8.54, 47.37), (0.03, 0.02)))
        angle, size = np.linspace(0, 2 * np.pi, 25), rng.uniform(0.002, 0.03)
        ring = np.column_stack([lon + 1.4 * size * np.cos(angle), lat + size * np.sin(angle)]).round(6).tolist()
        ring[-1] = ring[0]
        features.append(
            f'{{"type":"Feature","properties":{{"id":"Z{number}","name":"Zone number {number} of the city"}},'
            f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
        )
    (folder / "zones.geojson").write_text('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}")
    at = np.linspace(0, 14, 900)
    flight = make_flight(47.37 + 0.02 * np.sin(at), 8.54 + 0.03 * np.cos(0.6 * at))
    zones = load_zones([folder / "zones.geojson"])
    written = folder / "city.html"
    write_page(Case(flight, zones, check(flight, zones, Settings())), written)
    return {**pages, "city": written}


def assert_apart(tab):
    for drawn in tab.evaluate(LOOK):
        west, north, east, south = drawn["map"]
        assert drawn["words"]
        for text, left, top, right, bottom in drawn["words"]:
            assert left >= west - 1, text
            assert right <= east + 1, text
            assert top >= north - 2, text
            assert bottom <= south + 2, text
        for number, (text, *one) in enumerate(drawn["words"]):
            for other, *two in drawn["words"][:number]:
                assert not overlap(one, two), (text, other)
            if text != "length":
                assert not any(overlap(one, [x - 2, y - 2, x + 2, y + 2]) for x, y, *_ in drawn["marks"]), text


def overlap(one, two):
    return one[0] < two[2] - 0.5 and one[2] > two[0] + 0.5 and one[1] < two[3] - 0.5 and one[3] > two[1] + 0.5


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("width", [1400, 760, 600, 360, 320])
@pytest.mark.parametrize("name", PAGES)
def test_no_word_lies_on_another_on_a_mark_or_outside(opened, name, width, scripts):
    assert_apart(opened(name, width=width, java_script_enabled=scripts) if not scripts else opened(name, width=width))


@pytest.mark.parametrize("name", ["entered", "city"])
def test_nor_when_the_map_is_moved(opened, name):
    tab = opened(name)
    before = len(tab.evaluate(LOOK)[0]["words"])
    for key in ("+", "ArrowLeft", "+", "ArrowUp", "+", "-", "-", "-"):
        tab.locator("#map").press(key)
        assert_apart(tab)
    tab.locator("#all").click()
    assert len(tab.evaluate(LOOK)[0]["words"]) == before


@pytest.mark.parametrize("name", ["entered", "zones", "open"])
def test_marks_and_territories_keep_their_words(opened, name):
    """What a map is for is legible on a desk and on a phone, with scripts and without."""
    for width in (1400, 360):
        for more in ({}, {"java_script_enabled": False}):
            words = [word for word, *_ in opened(name, width=width, **more).evaluate(LOOK)[0]["words"]]
            assert "take-off" in words, (width, more)
            assert {"China", "North Korea", "Argentina"} & set(words), (width, more, words)
