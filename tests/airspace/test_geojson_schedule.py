"""The schedule property: what is read, what is unknown, what is in doubt."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace import load_zones
from dronecheck.airspace.common.schedule_text import read_schedule
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.issues import Code
from dronecheck.timebase import instant_ns

JULY, SEPTEMBER = 1_782_864_000 * 10**9, 1_788_220_800 * 10**9  # 2026-07-01, 2026-09-01


def read(value):
    doubts = []
    return read_schedule(value, doubts), doubts


def test_entries():
    both = [
        {"days": ["SAT", "Sunday"], "start": "SR", "end": "eect"},
        {"from": "2026-07-01", "to": "2026-09-01T02:00:00+02:00", "start": "22:00", "end": "06:30:15Z"},
        {"from": "2026-07-01"},
    ]
    schedule, doubts = read(both)
    assert not doubts
    assert schedule == Schedule(
        (
            Span(
                None,
                None,
                (DailyPeriod(DayTime(event=SunEvent.SUNRISE), DayTime(event=SunEvent.EECT), frozenset({5, 6})),),
            ),
            Span(JULY, SEPTEMBER, (DailyPeriod(DayTime(79_200.0), DayTime(23_415.0)),)),
            Span(JULY),
        )
    )


@pytest.mark.parametrize("value", [None, "H24", "always", {"days": None}, [{}]])
def test_always(value):
    schedule, doubts = read(value)
    assert not doubts
    assert schedule.is_always
    assert value is not None or schedule is ALWAYS


def test_a_text_is_a_time_nobody_knows():
    assert read("by NOTAM") == (Schedule((), "by NOTAM"), [])
    assert read([{"from": "2026-07-01"}, "HX"]) == (Schedule((Span(JULY),), "HX"), [])


@pytest.mark.parametrize(
    "value",
    [
        [], 7, [None], [""], [["MON"]], {"days": []}, {"days": ["XYZ"]}, {"days": 3}, {"start": "25:00"},
        {"start": "24:01"}, {"start": "noon"}, {"end": "12:60"}, {"end": 12}, {"from": "soon"},
        {"to": "0001-01-01T00:00+09:00"},
        {"from": "2026-09-01", "to": "2026-07-01"}, {"begin": "08:00"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_doubt(value):
    assert read(value)[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=12) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from", "to", "days", "start", "end", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_value_is_read_or_doubted(value):
    schedule, doubts = read(value)
    assert schedule.spans or schedule.unknown or doubts


def test_it_reaches_the_zone_and_its_issues(tmp_path):
    square = [[0, 0], [1, 0], [1, 1], [0, 0]]

    def load(schedule):
        path = tmp_path / "z.geojson"
        geometry = {"type": "Polygon", "coordinates": [square]}
        path.write_text(
            json.dumps({"type": "Feature", "properties": {"name": "z", "schedule": schedule}, "geometry": geometry})
        )
        return load_zones([path])

    assert load("by NOTAM").zones[0].schedule.unknown == "by NOTAM"
    odd = load([{"start": "late"}])
    assert [i.code for i in odd.issues] == [Code.ZONE_DOUBTFUL]
    assert "late" in odd.zones[0].doubt


def test_the_example_of_the_documentation_is_read(repo):
    text = (repo / "docs/zones.md").read_text()
    (example,) = re.findall(r'"schedule": (\[.*?\])\n```', text, re.DOTALL)
    schedule, doubts = read(json.loads(example))
    assert not doubts
    assert len(schedule.spans) == 2


def test_an_instant_without_a_zone_is_utc():
    assert instant_ns("2026-07-01") == instant_ns("2026-07-01T00:00:00Z") == JULY
