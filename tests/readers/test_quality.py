"""What every reader's flight is asked, on tracks whose truth is known."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.flight import Clock, ClockSource, Event, EventKind, Flight, Source, Track
from dronecheck.issues import Code, Severity
from dronecheck.readers.common.quality.plausibility import with_quality

M_PER_DEG = 111_320.0
SOURCE = Source(Path("made.csv"), 0, "", "csv", "", "")


def made(north_m, east_m=0.0, *, step_s=0.1, time_s=None, at_deg=(0.0, 100.0), **columns):
    """A flight near the equator whose metres are degrees times 111,320."""
    north_m = np.asarray(north_m, dtype=float)
    time_s = np.arange(len(north_m)) * step_s if time_s is None else np.asarray(time_s, dtype=float)
    track = Track.build(
        time_ns=np.round(time_s * 1e9).astype(np.int64),
        lat_deg=at_deg[0] + north_m / M_PER_DEG,
        lon_deg=at_deg[1] + np.broadcast_to(east_m, north_m.shape) / M_PER_DEG,
        offset=np.arange(len(north_m)) + 2,
        message="row",
        **columns,
    )
    return Flight(SOURCE, {"gnss": track}, "gnss", Clock(True, ClockSource.GNSS, 0.1))


def asked(flight, data=b"", *, is_text=False):
    found = with_quality(flight, data, is_text=is_text)
    return found, {issue.code: issue for issue in found.issues}


def straight(rows=60, speed_mps=10.0, step_s=0.1):
    return np.arange(rows) * speed_mps * step_s


# ---- stray fixes


def test_a_fix_out_of_line_and_back_is_left_out_and_named():
    north_m = straight()
    north_m[30] += 25_000.0
    flight, issues = asked(made(north_m))
    assert len(flight.track) == 59
    assert 32 not in flight.track.offset
    stray = issues[Code.STRAY_FIX]
    assert (stray.offset, stray.count, stray.severity) == (32, 1, Severity.WARNING)
    assert "25,000 m" in stray.message
    assert Code.IMPOSSIBLE_JUMP not in issues


def test_a_fix_that_an_aircraft_could_have_flown_is_told_and_kept():
    north_m = straight()
    north_m[30] += 0.2
    flight, issues = asked(made(north_m))
    assert len(flight.track) == 60
    uneven = issues[Code.UNEVEN_FIX]
    assert (uneven.offset, uneven.count, uneven.severity) == (32, 1, Severity.INFO)
    assert "0.2 m" in uneven.message
    assert Code.STRAY_FIX not in issues


@pytest.mark.parametrize(("time_off_s", "told"), [(0.04, True), (0.0005, False)])
def test_a_fix_with_a_changed_time_is_uneven_by_the_way_flown_meanwhile(time_off_s, told):
    time_s = np.arange(60) * 0.1
    time_s[30] += time_off_s
    _, issues = asked(made(straight(), time_s=time_s))
    assert (Code.UNEVEN_FIX in issues) == told


@given(
    noise_m=st.floats(1e-3, 5),
    out_m=st.floats(0.01, 1e4),
    row=st.integers(0, 59),
    rows=st.integers(9, 60),
    step_s=st.sampled_from([0.05, 0.2, 1.0]),
    seed=st.integers(0, 10**6),
)
def test_stray_and_uneven_fixes_are_those_of_a_plain_loop(noise_m, out_m, row, rows, step_s, seed):
    """The rules of the module's head and of docs/issues.md, one fix after the other, in metres on a plane."""
    north_m = straight(rows, step_s=step_s) + np.random.default_rng(seed).normal(0, noise_m, rows)
    north_m[row % rows] += out_m

    def off_m(before, here, after):
        return abs(north_m[here] - np.interp(here, [before, after], north_m[[before, after]]))

    beside_m = {i: off_m(i - 1, i, i + 1) for i in range(1, rows - 1)}
    stray, uneven = set(), set()
    for i, here_m in beside_m.items():
        mps2 = 2 * here_m / step_s**2
        around = sorted(beside_m[j] for j in range(i - 8, i + 9) if abs(i - j) > 1 and j in beside_m)
        usual = len(around) >= 6 and here_m <= 20 * around[len(around) // 2]
        others = [(i - 2, i - 1, i + 1), (i - 1, i + 1, i + 2)]
        alone = all(off_m(*three) < 0.25 * here_m for three in others if three[0] >= 0 and three[2] < rows)
        if len(around) < 6 or usual or not alone or not (here_m > 0.1 and mps2 > 2):
            continue
        (stray if here_m > 1 and mps2 > 50 else uneven).add(i)
    flight, issues = asked(made(north_m, step_s=step_s))
    gone = set(range(rows)) - set((flight.track.offset - 2).tolist())
    assert gone == stray
    assert (issues[Code.UNEVEN_FIX].count if uneven else 0) == len(uneven)
    assert (Code.UNEVEN_FIX in issues) == bool(uneven)


def test_all_columns_lose_the_row_together():
    north_m, height_m = straight(), np.arange(60.0)
    north_m[30] += 500.0
    flight, _ = asked(made(north_m, alt_amsl_m=height_m))
    assert flight.track.alt_amsl_m.tolist() == [h for h in range(60) if h != 30]


def test_across_the_antimeridian_nothing_is_stray():
    east_deg = (179.9999 + straight() / M_PER_DEG + 180) % 360 - 180
    assert east_deg.min() < 0 < east_deg.max()
    _, issues = asked(made(np.zeros(60), (east_deg - 100) * M_PER_DEG))
    assert not {Code.STRAY_FIX, Code.IMPOSSIBLE_JUMP} & set(issues)


@given(
    speed_mps=st.floats(0, 40),
    radius_m=st.floats(8, 500),
    noise_m=st.floats(0, 3),
    step_s=st.sampled_from([0.05, 0.1, 0.2, 1.0]),
    seed=st.integers(0, 10**6),
)
def test_no_turn_that_a_drone_can_fly_is_stray(speed_mps, radius_m, noise_m, step_s, seed):
    """Circles of up to 4 g, with the noise of a receiver that wanders (correlated over seconds)."""
    source = np.random.default_rng(seed)
    speed_mps = min(speed_mps, (39 * radius_m) ** 0.5)
    angle = np.arange(80) * step_s * speed_mps / radius_m
    wander = np.cumsum(source.normal(0, noise_m * step_s / 10, (2, 80)), axis=1)
    _, issues = asked(made(radius_m * np.cos(angle) + wander[0], radius_m * np.sin(angle) + wander[1], step_s=step_s))
    assert Code.STRAY_FIX not in issues


def test_a_noisy_track_hides_no_fix_of_its_own():
    """Where all fixes scatter by metres, none is called stray: the rule is twenty times what is usual there."""
    source = np.random.default_rng(1)
    _, issues = asked(made(straight(500) + source.normal(0, 3, 500)))
    assert Code.STRAY_FIX not in issues


@pytest.mark.parametrize(
    ("step_m", "step_s", "sigma_m", "is_said"),
    [(25.0, 0.1, 2.0, True), (19.0, 0.1, 2.0, False), (25.0, 1.0, 2.0, False), (25.0, 0.1, 8.0, False),
     (25.0, 0.1, np.nan, True)],
)  # fmt: skip
def test_a_step_faster_than_anything_flies_is_said(step_m, step_s, sigma_m, is_said):
    way = straight(step_s=step_s)
    way[30:] += step_m
    _, issues = asked(made(way, step_s=step_s, h_sigma_m=np.full(60, sigma_m)))
    assert (Code.IMPOSSIBLE_JUMP in issues) is is_said
    if is_said:
        assert issues[Code.IMPOSSIBLE_JUMP].offset == 32


def test_a_step_that_stays_is_a_jump_and_no_stray_fix():
    north_m = straight()
    north_m[30:] += 3_000.0
    flight, issues = asked(made(north_m))
    assert len(flight.track) == 60
    assert issues[Code.IMPOSSIBLE_JUMP].offset == 32
    assert Code.STRAY_FIX not in issues


def test_of_few_fixes_none_is_called_stray():
    flight, issues = asked(made([0.0, 1.0, 900_000.0, 3.0]))
    assert len(flight.track) == 4
    assert issues[Code.IMPOSSIBLE_JUMP].count == 2


# ---- frozen positions


def frozen(**columns):
    north_m = straight(200)
    north_m[50:100] = north_m[50]
    return made(north_m, speed_mps=np.full(200, 10.0), **columns)


def test_a_frozen_position_is_a_hole():
    flight, issues = asked(frozen())
    assert len(flight.track) == 151
    assert issues[Code.FROZEN_POSITION].count == 49
    assert issues[Code.FROZEN_POSITION].offset == 53
    assert issues[Code.GAP].count == 1


def test_climbing_on_the_spot_is_not_frozen():
    flight, issues = asked(frozen(alt_amsl_m=np.arange(200.0)))
    assert len(flight.track) == 200
    assert Code.FROZEN_POSITION not in issues


def test_standing_still_is_not_frozen():
    _, issues = asked(made(np.zeros(200), speed_mps=np.full(200, 0.2)))
    assert Code.FROZEN_POSITION not in issues


# ---- holes


def test_one_missing_fix_of_a_steady_track_is_a_hole():
    time_s = np.delete(np.arange(100) * 0.2, 40)
    _, issues = asked(made(np.delete(straight(100, step_s=0.2), 40), time_s=time_s))
    gap = issues[Code.GAP]
    assert (gap.severity, gap.count, gap.offset) == (Severity.INFO, 1, 42)
    assert "longest 0.4 s" in gap.message


def test_holes_of_a_track_without_cadence_are_long_ones():
    time_s = np.cumsum(np.where(np.arange(60) % 3, 0.1, 0.7))
    _, issues = asked(made(np.zeros(60), time_s=time_s))
    assert Code.GAP not in issues
    time_s[30:] += 23.0
    _, issues = asked(made(np.zeros(60), time_s=time_s))
    assert issues[Code.GAP].count == 1


# ---- the end


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"alt_home_m": np.full(60, 30.0)}, "30 m above take-off"),
        ({"alt_home_m": np.full(60, -30.0)}, "30 m below take-off"),
        ({"speed_mps": np.full(60, 7.0)}, "moving at 7.0 m/s"),
        ({"alt_amsl_m": np.linspace(10, 90, 60)}, "80 m above the first fix"),
        ({"alt_home_m": np.zeros(60), "alt_amsl_m": np.linspace(10, 90, 60)}, ""),
        ({"alt_home_m": np.full(60, 3.0), "speed_mps": np.zeros(60)}, ""),
        ({}, ""),
    ],
)
def test_a_log_that_ends_in_the_air_says_so(columns, told):
    _, issues = asked(made(straight(60, 0.5), **columns))
    assert (Code.ENDS_IN_FLIGHT in issues) == bool(told)
    assert not told or told in issues[Code.ENDS_IN_FLIGHT].message


def test_the_speed_at_the_end_is_that_of_the_positions_when_none_is_logged():
    _, issues = asked(made(straight(60, 8.0)))
    told = float(issues[Code.ENDS_IN_FLIGHT].message.split("moving at ")[1].split()[0])
    assert told == pytest.approx(8.0, rel=0.02)


def test_a_recorded_landing_is_an_end():
    flight = made(straight())
    landed = Flight(SOURCE, flight.tracks, "gnss", flight.clock, events=(Event(0, EventKind.LAND, ""),))
    assert Code.ENDS_IN_FLIGHT not in asked(landed)[1]


# ---- text


def test_nul_bytes_of_a_text_are_counted():
    _, issues = asked(made(np.zeros(3)), b"a,b\n1,\0\0\0\n", is_text=True)
    assert (issues[Code.NUL_BYTES].offset, issues[Code.NUL_BYTES].count) == (2, 3)
    _, issues = asked(made(np.zeros(3)), b"a\0\n")
    assert Code.NUL_BYTES not in issues
    _, issues = asked(made(np.zeros(3)), "a\n".encode("utf-16"), is_text=True)
    assert Code.NUL_BYTES not in issues


@pytest.mark.parametrize(
    ("data", "is_told"),
    [
        (b"a\nb\n", False),
        (b"a\nb", True),
        (b"<a>\n</a>", False),
        (b"a\r\nb\r\n", False),
        (b"a\r\nb\r", True),
        (b"a", False),
        (b"1\n<b>", True),
    ],
)
def test_a_last_line_without_end_is_said(data, is_told):
    _, issues = asked(made(np.zeros(3)), data, is_text=True)
    assert (Code.NO_LINE_END in issues) == is_told
