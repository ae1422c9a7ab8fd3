"""Several files of one flight: a log that is cut has the answer of the whole; what may be another flight has not."""

from __future__ import annotations

import csv
import dataclasses
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dronecheck
from dronecheck.flight import ClockSource, Event, EventKind, Home, Vehicle, join
from dronecheck.flight.joined import Ends, chains
from dronecheck.geofence.result import Reason
from tests.conftest import REPO, make_flight
from tests.support.scale import examples

SAMPLES = REPO / "samples"
M = 1 / 111_320.0  # degrees of latitude in a metre
START_NS = 1_750_000_000_000_000_000
NS = 1_000_000_000


def pieces(log: Path, shares: list[float]) -> list[str]:
    """A text log cut between its records: each piece is whole by itself, as an app or a camera writes it."""
    text = log.read_text()
    if log.suffix == ".gpx":
        begin, end = text.index("<trkpt"), text.rindex("</trkpt>") + len("</trkpt>")
        head, records, tail = text[:begin], re.findall(r"<trkpt.*?</trkpt>\n?", text[begin:end], re.DOTALL), text[end:]
    elif log.suffix == ".SRT":
        head, records, tail = "", [f"{cue}\n\n" for cue in text.strip().split("\n\n")], ""
    else:
        head, *records = text.splitlines(keepends=True)
        tail = ""
    cuts = [0, *(round(share * len(records)) for share in shares), len(records)]
    return [head + "".join(records[a:b]) + tail for a, b in pairwise(cuts)]


def cut(log: Path, shares: list[float], folder: Path) -> list[Path]:
    paths = [folder / f"{log.stem}_{number}{log.suffix}" for number in range(len(shares) + 1)]
    for path, text in zip(paths, pieces(log, shares), strict=True):
        path.write_text(text)
    return paths


def placed(path: Path, offset: int) -> tuple[float, float]:
    """The position at a byte of a GPX file, in a line of a table, or in the cue whose time that is: read by hand."""
    lines = path.read_text().splitlines()
    text = "\n".join(lines[offset - 1 : offset + (3 if path.suffix == ".SRT" else 0)])
    text = path.read_text()[offset : offset + 100] if path.suffix == ".gpx" else text
    if path.suffix == ".csv":
        row = dict(zip(next(csv.reader(lines[:1])), next(csv.reader([text])), strict=False))
        return float(row["latitude"]), float(row["longitude"])
    found = re.search(r'lat(?:itude)?(?:=|: )"?([\d.]+)[^\d]*lon(?:gitude)?(?:=|: )"?([\d.]+)', text)
    assert found, text
    return float(found[1]), float(found[2])


@pytest.mark.parametrize(
    "name",
    ["founding_dandong_sinuiju_airdata.csv", "founding_dandong_sinuiju.gpx", "founding_dandong_sinuiju.SRT"],
)
def test_a_log_that_is_cut_has_the_answer_of_the_whole_and_names_the_file_of_each_fix(name, tmp_path):
    paths = cut(SAMPLES / name, [0.3, 0.55], tmp_path)
    whole = dronecheck.read(SAMPLES / name)
    (flight,) = join(map(dronecheck.read, reversed(paths)))
    assert [source.path for source in flight.sources] == paths
    for column in ("time_ns", "lat_deg", "lon_deg", "alt_home_m", "h_sigma_m"):
        assert np.array_equal(getattr(flight.track, column), getattr(whole.track, column), equal_nan=True), column
    result, expected = dronecheck.check(flight), dronecheck.check(whole)
    (finding,), (same,) = result.findings, expected.findings
    assert (finding.enter_ns, finding.exit_ns, finding.depth_m) == (same.enter_ns, same.exit_ns, same.depth_m)
    assert [check.verdict for check in result.checks] == [check.verdict for check in expected.checks]
    assert result.home_territory == "CHN"
    assert {entry.file for entry in finding.evidence} == {0, 1, 2}
    for entry in finding.evidence:
        there = placed(flight.sources[entry.file].path, entry.offset)
        assert there == pytest.approx((flight.track.lat_deg[entry.row], flight.track.lon_deg[entry.row]), abs=1e-7)


@settings(max_examples=examples(20))
@given(shares=st.lists(st.floats(0.02, 0.98), min_size=1, max_size=4, unique=True), order=st.randoms())
def test_wherever_it_is_cut_and_in_whatever_order_it_is_given(shares, order, tmp_path_factory):
    log = SAMPLES / "founding_dandong_sinuiju.SRT"
    logs = [dronecheck.read(path) for path in cut(log, sorted(shares), tmp_path_factory.mktemp("cut"))]
    order.shuffle(logs)
    (flight,) = join(log for log in logs if len(log.track))
    assert len(flight.track) == len(dronecheck.read(log).track)
    assert dronecheck.check(flight).verdict is dronecheck.Verdict.VIOLATION


def leg(
    north_m: tuple[float, float], *, at_s: float = 0.0, lat: float = 47.0, lon: float = 2.0, name: str = "a", **more
):
    """A straight flight to the north at 10 m/s, a fix a second, from `north_m[0]` to `north_m[1]`; no heights."""
    way_m = np.arange(north_m[0], north_m[1] + 1, 10.0 if north_m[1] >= north_m[0] else -10.0)
    made = make_flight(
        lat + way_m * M, np.full(len(way_m), lon), dt_s=1.0, start_ns=START_NS + round(at_s * NS), **more
    )
    source = dataclasses.replace(made.source, path=Path(f"{name}.log"), sha256=(name * 64)[:64])
    return dataclasses.replace(made, source=source)


def numbers(*flights) -> list[list[int]]:
    return chains([Ends.of(flight) for flight in flights])


FIRST = leg((0, 1000))  # 100 s


@pytest.mark.parametrize(
    ("second", "one"),
    [
        ({"at_s": 160}, True),
        ({"at_s": 100 + 3600}, True),
        ({"at_s": 100 + 3601}, False),
        ({"at_s": 99}, False),  # overlaps
        ({"at_s": 110, "north_m": (1000 + 245, 3000)}, True),  # 20 m/s, and 50 m
        ({"at_s": 110, "north_m": (1000 + 256, 3000)}, False),
        ({"at_s": 160, "utc": False}, False),
    ],
)
def test_what_goes_on_with_a_flight(second, one):
    other = leg(**{"north_m": (1000, 2000), "name": "b", **second})
    assert (numbers(other, FIRST) == [[1, 0]]) is one


def of_device(flight, **facts):
    return dataclasses.replace(flight, vehicle=Vehicle(**facts))


def with_format(flight, kind):
    return dataclasses.replace(flight, source=dataclasses.replace(flight.source, format=kind))


NEXT = leg((1000, 2000), at_s=130, name="b")


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (of_device(FIRST, serial="1581F"), of_device(NEXT, serial="1581f"), True),
        (of_device(FIRST, serial="1581F"), of_device(NEXT, serial="1581G"), False),
        (of_device(FIRST, serial="1581F"), NEXT, True),
        (of_device(FIRST, model="Mini"), of_device(NEXT, model="Avata"), False),
        (with_format(FIRST, "gpx"), with_format(NEXT, "srt"), False),
        (FIRST, dataclasses.replace(NEXT, clock=dataclasses.replace(NEXT.clock, source=ClockSource.HOST)), False),
        (FIRST, dataclasses.replace(NEXT, others=(FIRST,)), False),
    ],
)
def test_the_same_device_or_an_unnamed_one(first, second, one):
    assert (numbers(first, second) == [[0, 1]]) is one


def test_what_two_could_go_on_with_or_could_go_on_with_two_is_joined_to_neither():
    twin, fork = leg((0, 990), name="c"), leg((1000, 2000), at_s=131, name="d")
    assert numbers(FIRST, twin, NEXT) == [[0], [1], [2]]
    assert numbers(FIRST, NEXT, fork) == [[0], [1], [2]]
    assert numbers(FIRST, FIRST, NEXT) == [[0, 2], [1]]  # a copy is no second aircraft


def with_takeoff(flight):
    """The flight after ten seconds of rest at its first fix, and with a take-off there."""
    track = flight.track
    stood = track.where(np.concatenate([np.zeros(10, np.int64), np.arange(len(track))]))
    stood = stood.replace(time_ns=np.concatenate([track.time_ns[0] - np.arange(10, 0, -1) * NS, track.time_ns]))
    took_off = Event(int(track.time_ns[0]), EventKind.TAKEOFF, "")
    return dataclasses.replace(flight, tracks={"gnss": stood}, events=(took_off,))


def yalu(name: str, from_m: float, to_m: float, at_s: float, **more):
    """A leg by metres north of a place in Dandong, 1.3 km from the river in which the border runs."""
    return leg((from_m, to_m), at_s=at_s, name=name, lat=40.1276, lon=124.3904, **more)


def at_home(flight, north_m: float):
    return dataclasses.replace(flight, home=Home(40.1276 + north_m * M, 124.3904))


def with_level(flight, amsl_m: float):
    """The same at 10 m above a take-off of that height above the sea."""
    heights = np.full(len(flight.track), 10.0)
    track = flight.track.replace(alt_home_m=heights, alt_amsl_m=heights + amsl_m)
    return dataclasses.replace(flight, tracks={"gnss": track})


def stopwatch(flight, ran_s: float):
    return dataclasses.replace(flight, clock=dataclasses.replace(flight.clock, elapsed_s=ran_s))


def same_start(flight, at_ns: int):
    return dataclasses.replace(flight, clock=dataclasses.replace(flight.clock, power_up_ns=at_ns))


TOOK_OFF = with_takeoff(yalu("a", 0, 200, 0))  # in China, and it ends in the air after 20 s
SOON, LATE = yalu("b", 190, -3000, 21), yalu("b", -2000, -3000, 1020)  # over North Korea at the end, or all along
BOTH = [TOOK_OFF, LATE]


@pytest.mark.parametrize(
    ("first", "second", "is_told"),
    [
        (TOOK_OFF, SOON, True),
        (TOOK_OFF, yalu("b", -2000, -3000, 140), True),  # no time to land and go elsewhere
        (TOOK_OFF, yalu("b", -2000, -3000, 141), False),
        (*BOTH, False),
        (at_home(TOOK_OFF, 0), at_home(LATE, 4), True),
        (at_home(TOOK_OFF, 0), at_home(LATE, -40), False),
        (at_home(TOOK_OFF, 0), at_home(yalu("b", -2000, -3000, 140), -2100), False),
        (with_level(TOOK_OFF, 12.0), with_level(LATE, 12.3), True),
        (with_level(TOOK_OFF, 12.0), with_level(LATE, 12.7), False),
        (with_level(TOOK_OFF, 12.0), with_level(yalu("b", -2000, -3000, 139), 14.0), False),
        (same_start(TOOK_OFF, START_NS - 50 * NS), same_start(LATE, START_NS - 49 * NS), True),
        (stopwatch(TOOK_OFF, 5.0), stopwatch(LATE, 1035.5), True),  # from the rest of ten seconds on
        (stopwatch(TOOK_OFF, 5.0), stopwatch(LATE, 900.0), False),
        (same_start(TOOK_OFF, START_NS), same_start(yalu("b", -2000, -3000, 139), START_NS + 60 * NS), False),
    ],
)
def test_the_home_of_one_is_that_of_the_other_only_where_nothing_can_lie_between(first, second, is_told):
    """What it entered hangs on the take-off of the first; an aircraft that took off in North Korea entered nothing."""
    assert dronecheck.check(second).verdict is dronecheck.Verdict.INCONCLUSIVE
    (flight,) = join([second, first])
    result = dronecheck.check(flight)
    notes = [issue for issue in result.issues if issue.code == "join_doubtful"]
    if is_told:
        assert (result.verdict, notes) == (dronecheck.Verdict.VIOLATION, [])
        return
    assert result.verdict is dronecheck.Verdict.INCONCLUSIVE
    (note,) = notes
    assert note.file == 1
    assert "as flights of their own: an open answer" in note.message
    assert "as one flight: a violation, with the take-off in CHN" in note.message
    assert dronecheck.check(flight, settings=dronecheck.Settings(home="CHN")).verdict is dronecheck.Verdict.VIOLATION


def test_a_doubtful_join_makes_no_answer_milder_and_none_clear():
    """Each alone is clear, far from any border; as one flight it would have crossed one: that is open, not clear."""
    first = with_takeoff(leg((0, 200), lat=48.76, lon=8.30))  # Germany, 12 km from France
    second = leg((0, 200), at_s=3600, lat=48.75, lon=7.55, name="b")  # France, far from Germany
    assert {dronecheck.check(each).verdict for each in (first, second)} == {dronecheck.Verdict.CLEAR}
    result = dronecheck.check(join([first, second])[0])
    assert result.verdict is dronecheck.Verdict.INCONCLUSIVE
    assert Reason.JOIN_DOUBTFUL in result.checks[0].reasons
    assert "clear; as one flight: a violation" in result.issues[-1].message
    # With the take-off of the first it would be home.
    back = yalu("b", -500, 50, 1000)
    milder = dronecheck.check(join([TOOK_OFF, back])[0])
    assert dronecheck.check(back).verdict is milder.verdict is dronecheck.Verdict.INCONCLUSIVE


def test_a_file_with_a_take_off_of_its_own_is_a_flight_of_its_own():
    """A hobbyist takes off twice in China, and once in North Korea: nobody entered anything but in the first case."""
    again = with_takeoff(yalu("b", 0, -3000, 900))
    result = dronecheck.check(join([TOOK_OFF, again])[0])
    assert [(answer.home_territory, answer.verdict.value) for answer in result.flights] == [
        ("CHN", "CLEAR"),
        ("CHN", "VIOLATION"),
    ]
    (finding,) = result.findings
    assert (finding.flight, {entry.file for entry in finding.evidence}) == (1, {1})
    rows = [entry.row for entry in finding.evidence]
    assert min(rows) >= len(TOOK_OFF.track)
    assert [entry.offset for entry in finding.evidence] == [
        again.track.offset[row - len(TOOK_OFF.track)] for row in rows
    ]
    abroad = with_takeoff(yalu("b", -2600, -3000, 900))
    back = with_takeoff(yalu("a", 100, 0, 0))
    landed = dataclasses.replace(back, tracks={"gnss": back.track.replace(alt_home_m=np.zeros(len(back.track)))})
    settled = dronecheck.check(join([landed, abroad])[0])
    assert [answer.home_territory for answer in settled.flights] == ["CHN", "PRK"]
    assert settled.verdict is dronecheck.Verdict.CLEAR
    # One that ended in the air in China, and stands in North Korea when it is next seen, may have flown there.
    flown = dronecheck.check(join([TOOK_OFF, abroad])[0])
    assert flown.verdict is dronecheck.Verdict.INCONCLUSIVE
    assert "clear; as one flight: a violation" in flown.issues[-1].message


def test_a_gap_between_files_is_a_gap():
    """Between two films, each clear of the border by more than the errors, it can have been over there."""
    first, second = with_takeoff(yalu("a", 0, 100, 0)), yalu("b", 100, 0, 310)
    whole = dronecheck.check(first).verdict, dronecheck.check(second, settings=dronecheck.Settings(home="CHN")).verdict
    assert set(whole) == {dronecheck.Verdict.CLEAR}
    result = dronecheck.check(join([at_home(first, 0), at_home(second, 0)])[0])
    (finding,) = result.findings
    assert (result.verdict, Reason.SAMPLING_GAP in finding.reasons) == (dronecheck.Verdict.INCONCLUSIVE, True)
    assert {entry.file for entry in finding.evidence} == {0, 1}
