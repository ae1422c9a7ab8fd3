"""From a log's records to `Flight.witnesses`: the columns that a witness has, out of the fields that a record has.

A reader tells for each column how it is taken from a record, mostly by the name of a field:

    VELOCITY = {"vel_north_mps": stored("VN"), "vel_down_mps": stored("VZ", factor=-1.0)}
    of_records("velocity", rows, VELOCITY)

What is no number becomes NaN, directions are turned to 0 to 360 degrees, and what no row says is no column. Speed and
the velocities north and east are made of each other where only one of the two is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import Track, Witness
from dronecheck.readers.common.records import Records

__all__ = [
    "DIRECTIONS",
    "TURN_DEG",
    "Column",
    "Columns",
    "instants",
    "of_columns",
    "of_records",
    "stored",
    "times_beside",
]

DIRECTIONS = ("yaw_deg", "course_deg")
TURN_DEG = 360.0
LATEST_US = 4_102_444_800_000_000  # the year 2100: what is later is no time, nor fits into nanoseconds


Column = Callable[[Records], Floats | None]


def stored(*names: str, factor: float = 1.0, unknown: tuple[float, ...] = ()) -> Column:
    """Return what takes a column from records: the first of the fields `names` that there is, times `factor`.

    `unknown` are figures, in the field's unit, that stand for "not known". Of records without such a field: None.
    """

    def taken(rows: Records) -> Floats | None:
        if not any(rows.has(name) for name in names):
            return None
        values = rows.numbers(*names)
        if unknown:
            values = np.where(np.isin(values, unknown), np.nan, values)
        return values if factor == 1.0 else values * factor

    return taken


Columns = Mapping[str, Column]


def of_records(name: str, rows: Records | None, columns: Columns, time_ns: Ints | None = None) -> tuple[Witness, ...]:
    """Return the witness that these records make, in file order; () where they hold none of the columns.

    `time_ns`, shape (n,), is by default the records' own time; rows without one are placed between their neighbours.
    """
    if rows is None or not len(rows):
        return ()
    if len(rows) > 1 and not np.all(rows.offset[1:] > rows.offset[:-1]):
        order = np.argsort(rows.offset, kind="stable")
        rows, time_ns = rows.pick(order), None if time_ns is None else time_ns[order]
    if time_ns is None:
        is_timed = (rows.time_us >= 0) & (rows.time_us < LATEST_US)
        if not is_timed.any():
            return ()
        time_ns = np.where(is_timed, rows.time_us, 0) * 1000
        if not is_timed.all():
            time_ns = _between(rows.offset[is_timed], time_ns[is_timed], rows.offset)
    return of_columns(name, rows.name, time_ns, rows.offset, {key: column(rows) for key, column in columns.items()})


def of_columns(
    name: str, message: str, time_ns: Ints, offset: Ints, columns: Mapping[str, Floats | None]
) -> tuple[Witness, ...]:
    """Return the witness of these columns, each of shape (n,) in file order; () where no row says anything."""
    values = {}
    for key, column in columns.items():
        if column is None:
            continue
        is_number = np.isfinite(column)
        if not is_number.any():
            continue
        if not is_number.all():
            column = np.where(is_number, column, np.nan)
        values[key] = np.mod(column, TURN_DEG) if key in DIRECTIONS else column
    if not values:
        return ()
    _complete(values)
    return (Witness(name, message, time_ns, offset, values),)


def _complete(values: dict[str, Floats]) -> None:
    """Add the speed that two velocities make, or the velocities that speed and course make, where not recorded."""
    north, east = values.get("vel_north_mps"), values.get("vel_east_mps")
    speed, course = values.get("speed_mps"), values.get("course_deg")
    if north is not None and east is not None:
        if speed is None:
            values["speed_mps"] = np.hypot(north, east)
    elif speed is not None and course is not None and np.nanmin(course) < np.nanmax(course):  # else none was recorded
        values["vel_north_mps"] = speed * np.cos(np.radians(course))
        values["vel_east_mps"] = speed * np.sin(np.radians(course))


def times_beside(track: Track, offset: Ints) -> Ints:
    """Return times (ns) of records by where they stand in the file among a track's fixes, shape of `offset`.

    That of the fix at the same offset; between two fixes straight, unless the clock starts again between them; before
    the first and behind the last theirs. 0 where the track is empty.
    """
    order = np.argsort(track.offset, kind="stable")
    times = track.time_ns[order]
    return _between(track.offset[order], times, offset, track.part[order])


def instants(track: Track | None, offset: Ints, time_ns: Ints, is_timed: Bools) -> Ints:
    """Return times (ns) of the rows of a text, shape of `offset`, which ascends: that of the fix in a row.

    A row without a fix keeps the time it states, `time_ns`, where that lies between the fixes around it.
    """
    if track is None or not len(track):
        return _between(offset[is_timed], time_ns[is_timed], offset)
    order = np.argsort(track.offset, kind="stable")
    at, fixed_ns = track.offset[order], track.time_ns[order]
    found = times_beside(track, offset)
    behind = np.searchsorted(at, offset, "right")
    before_ns = np.where(behind > 0, fixed_ns[np.maximum(behind - 1, 0)], np.iinfo(np.int64).min)
    after_ns = np.where(behind < len(at), fixed_ns[np.minimum(behind, len(at) - 1)], np.iinfo(np.int64).max)
    has_fix = (behind > 0) & (at[np.maximum(behind - 1, 0)] == offset)
    keeps = is_timed & ~has_fix & (time_ns >= before_ns) & (time_ns <= after_ns)
    return np.where(keeps, time_ns, found)


def _between(known: Ints, times: Ints, wanted: Ints, part: Ints | None = None) -> Ints:
    """Return times at `wanted` places by those at `known` ones, ascending, both (k,); straight within one part."""
    if not len(known):
        return np.zeros(len(wanted), np.int64)
    behind = np.searchsorted(known, wanted, "right")
    before: NDArray[np.intp] = np.maximum(behind - 1, 0)
    behind = np.minimum(behind, len(known) - 1)
    width = known[behind] - known[before]
    step_ns = times[behind].astype(np.float64) - times[before]
    is_within: Bools = width > 0
    if part is not None:
        is_within &= part[behind] == part[before]
    share = np.where(is_within, (wanted - known[before]) / np.maximum(width, 1), 0.0)
    found: Ints = times[before] + np.rint(share * step_ns).astype(np.int64)
    return found
