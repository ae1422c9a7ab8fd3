"""GNS-2: fixes that no receiver makes: ruled lines, smoothed stretches, held places, figures of fewer decimals.

A receiver's fixes scatter by centimetres, in steps of the format it writes. Estimators smooth them, exporters repeat,
round and interpolate: there the same is a notice. What is coarse throughout says nothing but that.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.receiver.path import FINEST, Path, on_grid, paths, step_m
from dronecheck.evidence.consistency.receiver.quiet import (
    HELD_MPS,
    HELD_ROWS,
    STILL_S,
    held,
    quiet_share,
    smooth,
    still,
)
from dronecheck.evidence.consistency.receiver.straight import (
    FIXES_AT_LEAST,
    LASTS_S,
    can_show_lines,
    ruled,
    stands_out,
    windows_of,
)
from dronecheck.evidence.consistency.stretches import places, spans
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["fixes"]

ROWS_AT_LEAST = 8
RULED_FOR_LONG_S = 5.0  # where the autopilot's estimate is concerned: it may be smooth for less
COARSE_M = 0.5
FEWER_DIGITS_AT_LEAST = 16  # decimals that are zero by no chance, of all figures of a run together
FEWEST_ROWS = 2

_RECEIVER_NOISE = Message("fixes that scatter by centimetres, as those of all receivers do")
_SAME_DECIMALS = Message("figures of as many decimals throughout")
_INTERPOLATED = (
    Message("a program that exported the log filled in fixes between others"),
    Message("a program computed the positions"),
)
_SMOOTHED = (
    Message("the program that exported the log, or the autopilot's estimate, smooths"),
    Message("an even flight in still air, with a receiver that smooths"),
)
_HELD = (Message("the receiver lost its signal, or the logger repeated its last fix"),)
_ROUNDED = (
    Message("the receiver's own places were replaced by those of another source for a while"),
    Message("a spreadsheet or an exporting program rounded some cells"),
)
_COARSE = (Message("the format, or the program that exported the log, writes no more"),)


def fixes(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each way in which a track's fixes are not a receiver's; None without enough fixes."""
    every = paths(flight, ROWS_AT_LEAST)
    if not every:
        return None
    is_simulated = flight.trust.is_simulated
    return tuple(statement for path in every for statement in _of_path(path, is_simulated=is_simulated))


def _of_path(path: Path, *, is_simulated: bool) -> Iterator[Statement]:
    yield from _ruled(path, is_simulated=is_simulated)
    yield from _smooth(path)
    yield from _held(path)
    yield from _still(path, is_simulated=is_simulated)
    yield from _decimals(path)
    yield from _coarse(path)


def _statement(
    path: Path,
    rows: Bools,
    weight: Weight,
    observed: Message,
    expected: Message,
    threshold: Message,
    innocent: tuple[Message, ...],
) -> Statement:
    offset = path.track.offset
    where = (places(offset, rows), spans(offset, rows), (path.name,))
    return Statement("GNS-2", weight, Concern.POSITION, observed, expected, threshold, innocent, *where)


def _longest_s(path: Path, rows: Bools) -> float:
    return max((float(path.time_s[end - 1] - path.time_s[first]) for first, end in _runs(rows)), default=0.0)


def _runs(rows: Bools) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], rows, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _ruled(path: Path, *, is_simulated: bool) -> Iterator[Statement]:
    windows = windows_of(path)
    if windows is None or not can_show_lines(path, windows):
        return
    rows = ruled(path, windows)
    if not rows.any():
        return
    longest_s = _longest_s(path, rows)
    is_sure = path.is_receiver or (path.is_own_record and longest_s >= RULED_FOR_LONG_S)
    is_sure = is_sure and stands_out(windows, rows)
    observed = Message(
        "{name}: {count} fixes in motion lie evenly on straight lines, to the last digit, for up to {lasts_s:.1f} s",
        name=path.track.message,
        count=int(rows.sum()),
        lasts_s=longest_s,
    )
    threshold = Message(
        "{count} fixes and {seconds:g} s within one step of the last digit of a straight line",
        count=FIXES_AT_LEAST,
        seconds=LASTS_S,
    )
    usual = Weight.INFO if is_simulated else Weight.NOTICE  # a simulator's places are computed: the log says so itself
    weight = Weight.CONTRADICTION if is_sure else usual
    yield _statement(path, rows, weight, observed, _RECEIVER_NOISE, threshold, _INTERPOLATED)


def _smooth(path: Path) -> Iterator[Statement]:
    rows = smooth(path)
    if rows is None or not rows.any():
        return
    observed = Message(
        "{name}: {count} fixes in motion scatter by far less than is usual in this log, for up to {lasts_s:.1f} s",
        name=path.track.message,
        count=int(rows.sum()),
        lasts_s=_longest_s(path, rows),
    )
    threshold = Message("23 of 25 fixes below {share:.0%} of the usual scatter", share=quiet_share(path))
    yield _statement(path, rows, Weight.NOTICE, observed, _RECEIVER_NOISE, threshold, _SMOOTHED)


def _held(path: Path) -> Iterator[Statement]:
    if not path.is_receiver:
        return  # exporters repeat: the readers merge that, and say it
    rows = held(path)
    if not rows.any():
        return
    observed = Message(
        "{name}: {count} fixes repeat the place before while the logged speed is up to {speed_mps:.1f} m/s",
        name=path.track.message,
        count=int(rows.sum()),
        speed_mps=float(np.nanmax(path.track.speed_mps[rows])),
    )
    threshold = Message("{rows} equal fixes at more than {speed_mps:g} m/s", rows=HELD_ROWS, speed_mps=HELD_MPS)
    yield _statement(path, rows, Weight.NOTICE, observed, _RECEIVER_NOISE, threshold, _HELD)


def _still(path: Path, *, is_simulated: bool) -> Iterator[Statement]:
    """Find a receiver that does not scatter in the air while its height does."""
    rows = still(path) if path.is_receiver else np.zeros(0, np.bool_)
    if not rows.any():
        return
    observed = Message(
        "{name}: {count} fixes in the air keep to one place to the millimetre, for up to {lasts_s:.1f} s",
        name=path.track.message,
        count=int(rows.sum()),
        lasts_s=_longest_s(path, rows),
    )
    threshold = Message("{lasts_s:g} s within 5 mm while the height changes", lasts_s=STILL_S)
    weight = Weight.INFO if is_simulated else Weight.NOTICE
    yield _statement(path, rows, weight, observed, _RECEIVER_NOISE, threshold, _HELD)


def _decimals(path: Path) -> Iterator[Statement]:
    """Find rows whose figures have fewer decimals than the column's, by no chance."""
    lat, lon = path.track.lat_deg, path.track.lon_deg
    is_new = np.concatenate([[True], (np.diff(lat) != 0) | (np.diff(lon) != 0)])
    kept = np.flatnonzero(is_new)
    rows, fewest = np.zeros(len(lat), np.bool_), path.decimals
    for decimals in range(path.decimals - 1, 3, -1):
        is_coarse = on_grid(lat[kept], decimals) & on_grid(lon[kept], decimals)
        if is_coarse.all():
            continue
        needed = max(FEWEST_ROWS, -(-FEWER_DIGITS_AT_LEAST // (2 * (path.decimals - decimals))))
        for first, end in _runs(is_coarse):
            if end - first >= needed:
                last = kept[end] if end < len(kept) else len(lat)
                rows[kept[first] : last] = True
                fewest = min(fewest, decimals)
    if not rows.any():
        return
    observed = Message(
        "{name}: {count} fixes have {few} decimals of a degree or less, the others {many} or more",
        name=path.track.message,
        count=int(rows.sum()),
        few=fewest,
        many=path.decimals,
    )
    threshold = Message(
        "{digits} digits in a row that are zero: a chance of 1 in 10 to the power of {digits}",
        digits=FEWER_DIGITS_AT_LEAST,
    )
    weight = Weight.CONTRADICTION if path.is_receiver and _breaks_a_part(path, rows) else Weight.NOTICE
    yield _statement(path, rows, weight, observed, _SAME_DECIMALS, threshold, _ROUNDED)


def _breaks_a_part(path: Path, rows: Bools) -> bool:
    """Tell whether rows begin or end within what one start of the clock timed: recordings may differ as a whole."""
    part = path.track.part
    return any(rows[part == each].any() and not rows[part == each].all() for each in np.unique(part).tolist())


def _coarse(path: Path) -> Iterator[Statement]:
    if path.decimals >= FINEST:
        return
    east_m, north_m = step_m(float(path.track.lat_deg[0]), path.decimals)
    if max(east_m, north_m) < COARSE_M:
        return
    observed = Message(
        "{name}: places in steps of {north_m:.1f} m to the north and {east_m:.1f} m to the east ({decimals} decimals)",
        name=path.track.message,
        north_m=north_m,
        east_m=east_m,
        decimals=path.decimals,
    )
    yield _statement(
        path,
        np.zeros(len(path.track), np.bool_),
        Weight.INFO,
        observed,
        Message("steps far below a receiver's scatter"),
        Message("steps of {coarse_m} m or more", coarse_m=COARSE_M),
        _COARSE,
    )
