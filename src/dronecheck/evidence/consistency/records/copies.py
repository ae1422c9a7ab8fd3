"""STR-2: the same stretch twice. No sensor repeats its noise: a second of equal figures at another time is a copy.

Rows of one witness (or track) are hashed, all their figures together and without their times. A row's last equal row
before it gives its distance in rows; a run of rows that keep one distance repeats what stands there. Rows that a sensor
holds (equal to the row before) count once, so a sensor that stands still has no runs. Figures that stand in the log
more than a few times have no noise, and prove nothing.

A log whose clock starts again holds several recordings: usual, unless two of them claim the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST, runs
from dronecheck.flight import Flight, Track, Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["copies", "writes_binary"]

LASTS_S = 1.0
ROWS_AT_LEAST = 6
FEW_FIGURES_ROWS_AT_LEAST = 12  # of witnesses with one or two figures a row, whose chance of repeating is larger
FEW_FIGURES = 2
OFTEN = 6  # times that a row stands in the log: then it has no noise
NOISY_SHARE = 0.8  # of the rows of a run
SAME_TIME_S = 1e-3
COPIES_AT_MOST = 10
NOISY = ("imu", "gnss", "attitude", "barometer", "velocity")
NO_NOISE = ("gnss_utc_s", "satellites", "fix_type")
TRACK_FIGURES = ("lat_deg", "lon_deg", "alt_amsl_m", "alt_hae_m", "alt_home_m", "speed_mps")

_EXPECTED = Message("noise that does not repeat: no two stretches of a sensor's figures are equal")
_THRESHOLD = Message(
    "{seconds:g} s or more, at least {rows} rows, of equal noisy figures", seconds=LASTS_S, rows=ROWS_AT_LEAST
)
_RECORDED_TWICE = (
    Message("a tool that recovered the file wrote a block twice"),
    Message("the same messages came over two links"),
)
_REPLAYED = (Message("a replay or a simulator that feeds recorded figures"),)


@dataclass(frozen=True, slots=True)
class _NoisySeries:
    """Rows of one source, in file order; `figures` are its columns, shape (n,) each."""

    label: str
    track: str  # by its name, "" for a witness
    time_ns: Ints
    offset: Ints
    figures: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class _Copy:
    """A run of rows (first and last of each stretch) that repeats an earlier one."""

    series: _NoisySeries
    earlier: tuple[int, int]
    later: tuple[int, int]
    rows: int

    @property
    def lasts_s(self) -> float:
        first, last = self.later
        return float(self.series.time_ns[last] - self.series.time_ns[first]) / 1e9

    @property
    def apart_s(self) -> float:
        time_ns = self.series.time_ns
        return float(time_ns[self.later[0]] - time_ns[self.earlier[0]]) / 1e9

    @property
    def is_same_time(self) -> bool:
        time_ns = self.series.time_ns
        ends = (time_ns[self.later[0]] - time_ns[self.earlier[0]], time_ns[self.later[1]] - time_ns[self.earlier[1]])
        return max(abs(int(end)) for end in ends) <= SAME_TIME_S * 1e9


def writes_binary(flight: Flight) -> bool:
    """Tell whether the log is no table: those are compared line by line by another test."""
    return flight.source.format != "csv"


def copies(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each source that repeats itself, and one for recordings of one time."""
    series = [one for one in _all_series(flight) if len(one.time_ns) >= 2 * ROWS_AT_LEAST and one.figures]
    if not series:
        return None
    told = [_told(found) for one in series if (found := _repeats(one))]
    return (*told, *_recordings(flight.track))


def _all_series(flight: Flight) -> Iterator[_NoisySeries]:
    for witness in flight.witnesses:
        if witness.name in NOISY:
            yield _of_witness(witness)
    for name, track in flight.tracks.items():
        columns = tuple(getattr(track, column) for column in TRACK_FIGURES)
        figures = tuple(column for column in columns if np.isfinite(column).any())
        yield _NoisySeries(track.message or name, name, track.time_ns, track.offset, figures)


def _of_witness(witness: Witness) -> _NoisySeries:
    figures = tuple(
        column for name, column in witness.values.items() if name not in NO_NOISE and np.isfinite(column).any()
    )
    return _NoisySeries(witness.message or witness.name, "", witness.time_ns, witness.offset, figures)


def _repeats(series: _NoisySeries) -> list[_Copy]:
    """Return the runs of rows that repeat earlier ones, the longest first."""
    marks = _marks(series.figures)
    kept = np.flatnonzero(np.concatenate([[True], marks[1:] != marks[:-1]]))  # what a sensor holds counts once
    marks = marks[kept]
    order = np.argsort(marks, kind="stable")
    is_same = marks[order][1:] == marks[order][:-1]
    if not is_same.any():
        return []
    before = np.full(len(marks), -1, np.int64)
    before[order[1:][is_same]] = order[:-1][is_same]
    often = _often(marks[order], order)
    back = np.where(before >= 0, np.arange(len(marks), dtype=np.int64) - before, 0)
    at_least = ROWS_AT_LEAST if len(series.figures) > FEW_FIGURES else FEW_FIGURES_ROWS_AT_LEAST
    found = []
    for first, end in _even(back):
        if end - first < at_least or back[first] < at_least:  # a sensor that cycles through a few figures
            continue
        if np.mean(often[first:end] <= OFTEN) < NOISY_SHARE:
            continue
        rows = kept[[first, end - 1, first - back[first], end - 1 - back[first]]].tolist()
        copy = _Copy(series, (rows[2], rows[3]), (rows[0], rows[1]), int(end - first))
        if copy.lasts_s >= LASTS_S:
            found.append(copy)
    return sorted(found, key=lambda copy: -copy.rows)[:COPIES_AT_MOST]


def _marks(figures: tuple[Floats, ...]) -> NDArray[np.uint64]:
    """Return a number for each row, shape (n,), equal for equal rows (and else by a chance of 2**-64)."""
    marks = np.zeros(len(figures[0]), np.uint64)
    for column in figures:
        bits = np.where(np.isnan(column), np.nan, column + 0.0).view(np.uint64)  # one NaN, one zero
        marks = (marks ^ bits) * np.uint64(0x9E3779B97F4A7C15)  # as in SplitMix64
        marks ^= marks >> np.uint64(29)
    return marks


def _often(ordered: NDArray[np.uint64], order: Ints) -> Ints:
    """Return how often each row's number stands in the log, shape (n,)."""
    _, inverse, counts = np.unique(ordered, return_inverse=True, return_counts=True)
    often = np.empty(len(order), np.int64)
    often[order] = counts[inverse]
    return often


def _even(back: Ints) -> Iterator[tuple[int, int]]:
    """Give first and end of each run of rows that are as far from their earlier equal ones; 0 is none."""
    edges = np.flatnonzero(np.diff(back)) + 1
    first, end = np.concatenate([[0], edges]), np.concatenate([edges, [len(back)]])
    long = (back[first] > 0) & (end - first >= ROWS_AT_LEAST)
    yield from zip(first[long].tolist(), end[long].tolist(), strict=True)


def _told(found: list[_Copy]) -> Statement:
    longest, series = found[0], found[0].series
    observed = Message(
        "{record}: {rows} rows ({lasts_s:.1f} s) equal those {apart_s:.1f} s before to the last digit",
        record=series.label,
        rows=longest.rows,
        lasts_s=longest.lasts_s,
        apart_s=longest.apart_s,
    )
    is_same_time = all(copy.is_same_time for copy in found)
    if is_same_time:
        observed = Message(
            "{record}: {rows} rows ({lasts_s:.1f} s) stand in the file twice, with their times",
            record=series.label,
            rows=longest.rows,
            lasts_s=longest.lasts_s,
        )
    ends = [stretch for copy in found for stretch in (copy.earlier, copy.later)]
    offsets = [sorted(series.offset[[first, last]].tolist()) for first, last in ends]
    return Statement(
        id="STR-2",
        severity=Weight.NOTICE if is_same_time else Weight.CONTRADICTION,
        concern=Concern.FORM if is_same_time else Concern.IDENTITY,
        observed=observed,
        expected=_EXPECTED,
        threshold=_THRESHOLD,
        innocent=_RECORDED_TWICE if is_same_time else _REPLAYED,
        records=tuple(series.offset[longest.later[0] : longest.later[1] + 1][:RECORDS_AT_MOST].tolist()),
        spans=tuple((low, high) for low, high in offsets),
        tracks=(series.track,) if series.track else (),
    )


def _recordings(track: Track) -> Iterator[Statement]:
    """Tell of recordings in one file: how many, and whether two of them claim the same time."""
    if not len(track) or track.part[0] == track.part[-1]:
        return
    starts = np.concatenate([[0], np.flatnonzero(np.diff(track.part)) + 1])
    ends = np.append(starts[1:], len(track)) - 1
    overlaps_s = (np.maximum.accumulate(track.time_ns[ends])[:-1] - track.time_ns[starts[1:]]) / 1e9
    is_overlap: Bools = (overlaps_s > LASTS_S) & track.is_timed[starts[1:]]
    first, _ = runs(np.concatenate([[False], is_overlap]))
    row = int(starts[first[0]]) if len(first) else int(starts[1])
    observed = Message("the clock starts again {count} times: several recordings in one file", count=len(starts) - 1)
    if is_overlap.any():
        observed = Message(
            "of {count} recordings in one file two claim the same time, for {seconds:.0f} s",
            count=len(starts),
            seconds=overlaps_s[is_overlap].max(),
        )
    yield Statement(
        id="STR-2",
        severity=Weight.INFO,
        concern=Concern.TIME,
        observed=observed,
        expected=Message("one recording a file, or recordings one after the other"),
        threshold=Message("a clock that goes back by more than {seconds:g} s", seconds=LASTS_S),
        innocent=(
            Message("the aircraft was switched off and on while the ground station recorded"),
            Message("a card without a clock: each start counts from the same date"),
            Message("files were put together to keep them"),
        ),
        records=tuple(track.offset[starts[1:]][:RECORDS_AT_MOST].tolist()),
        spans=((int(track.offset[row]), int(track.offset[row])),),
    )
