"""What charts, plots, page and exported lines run along, where not all fixes have a time."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import shapely

from dronecheck.flight import Home
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.export.track import write_track
from dronecheck.report.figures.time import distance_figure
from dronecheck.report.page import page
from dronecheck.report.privacy import redact
from dronecheck.report.text.words import words
from tests.conftest import make_flight

ROWS = 60


def over_the_yalu(**columns):
    """From the Chinese bank into North Korea and back, some fixes without a time or in a second part."""
    lat = np.interp(np.arange(ROWS), [0, 30, ROWS - 1], [40.1175, 40.0950, 40.1175])
    flight = make_flight(lat, np.full(ROWS, 124.3923), dt_s=2.0)
    track = flight.track.replace(**columns)
    return replace(flight, tracks={"gnss": track})


TIMED = np.arange(ROWS) < 40
COPIED = np.where(np.arange(ROWS) < 40, 0, 1)


def copied():
    """The last rows begin again at the time of the first, as another part."""
    plain = over_the_yalu()
    time_ns = plain.track.time_ns.copy()
    time_ns[40:] = time_ns[:20]
    return over_the_yalu(part=COPIED, time_ns=time_ns)


FLIGHTS = {"untimed": over_the_yalu(is_timed=TIMED), "copied": copied()}


def seen(flight, **disclosure):
    return redact(Case(flight, None, check(flight, settings=Settings(home="CHN"))), Disclosure(**disclosure))


def test_a_log_whose_times_order_it_runs_along_time():
    along = seen(over_the_yalu()).along
    assert along.is_time
    assert along.at.tolist() == [2.0 * row for row in range(ROWS)]
    later = over_the_yalu(part=COPIED)  # two flights of a day
    assert seen(later).along.is_time


@pytest.mark.parametrize("name", FLIGHTS)
def test_else_it_runs_along_the_rows_as_evidence_names_them(name):
    shown = seen(FLIGHTS[name])
    assert not shown.along.is_time
    assert shown.along.at.tolist() == list(range(ROWS))
    hidden = seen(replace(FLIGHTS[name], home=Home(40.1175, 124.3923)), hide_home_m=300.0)
    assert hidden.along.at.tolist() == hidden.rows.tolist() != list(range(ROWS))
    assert hidden.along.last == ROWS - 1


@pytest.mark.parametrize("name", FLIGHTS)
def test_the_plot_has_rows_below_and_no_time_that_nobody_knows(name):
    made = distance_figure(seen(FLIGHTS[name]), words("en"))
    (axes,) = made.axes
    assert axes.get_xlabel().startswith("Row of the track")
    texts = [text.get_text() for text in axes.texts]
    assert any(re.search(r"inside, row \d+$", text) for text in texts)
    if name == "untimed":
        assert any("at no known instant" in text for text in texts)
    plt.close("all")


@pytest.mark.parametrize("name", FLIGHTS)
def test_the_page_moves_along_the_rows_and_says_times_where_they_are_known(name):
    flight = FLIGHTS[name]
    text = page(seen(flight))
    moving = json.loads(re.search(r'id="track"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    assert moving["last"] == ROWS - 1
    assert moving["start"] is None
    rows = [round(at) for at in moving["t"]]
    assert [when is not None for when in moving["when"]] == flight.track.is_timed[rows].tolist()
    assert "rows, whose times are not all known" in text


def exported(flight, folder):
    write_track(flight, folder / "track.geojson")
    return json.loads((folder / "track.geojson").read_text())


def test_the_exported_line_is_cut_between_parts(tmp_path):
    document = exported(copied(), tmp_path)
    line = shapely.from_geojson(json.dumps(document["geometry"]))
    assert [len(part.coords) for part in line.geoms] == [40, 20]
    assert [len(times) for times in document["properties"]["coordinateProperties"]["times"]] == [40, 20]
    alone = over_the_yalu(part=np.where(np.arange(ROWS) < ROWS - 1, 0, 1))
    line = shapely.from_geojson(json.dumps(exported(alone, tmp_path)["geometry"]))
    assert [len(part.coords) for part in line.geoms] == [ROWS - 1, 2]
