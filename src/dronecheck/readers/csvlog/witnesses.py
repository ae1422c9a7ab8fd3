"""What a CSV log records beside positions, row by row: the witnesses of `witnesses.toml`, clocks, states, the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Deferred, Track, Witness
from dronecheck.readers.common.witnesses import DIRECTIONS, TURN_DEG, instants
from dronecheck.readers.csvlog.clock import RowTimes
from dronecheck.readers.csvlog.dialects import AGAIN
from dronecheck.readers.csvlog.form import are_day_numbers, decimals
from dronecheck.readers.csvlog.numbers import scale_of, states
from dronecheck.readers.csvlog.table import CsvColumn, Table, WitnessColumn
from dronecheck.readers.csvlog.time_stamps import UNSET

__all__ = ["read_witnesses"]

# endings of names that carry a unit -> kind of scale_of
_KINDS = {"_mps": "speed", "_m": "length", "_v": "voltage", "_a": "current", "_percent": "percent"}
_CLOCK_CELLS = ("stamp_utc", "date_utc", "clock_utc", "stamp", "date_local", "clock_local")
_NEVER_ZERO = frozenset(("voltage_v", "pressure_pa"))
ABSURD = 1e7

_Maker = Callable[[], Floats]


def read_witnesses(table: Table, times: RowTimes, track: Track | None) -> tuple[Witness, ...]:
    """Return all witnesses of a log; each has the rows of the table, at the times of the track's fixes in them.

    Their figures are read when they are asked for.
    """
    if not table.lines:
        return ()
    offset = np.array(table.lines, dtype=np.int64)
    time_ns = instants(track, offset, times.time_ns, times.timed)
    columns: dict[str, dict[str, _Maker]] = {}
    for (witness, name), column in table.witnesses.items():
        ending = "_" + name.removesuffix(AGAIN).rpartition("_")[2]
        scale = scale_of(_KINDS[ending], column.unit) if ending in _KINDS else 1.0
        if scale is not None:
            columns.setdefault(witness, {})[name] = partial(_figures, name, column, scale)
    velocity = columns.get("velocity", {})
    if "speed_mps" not in velocity and {"vel_north_mps", "vel_east_mps"} <= set(velocity):
        velocity["speed_mps"] = partial(_length, velocity["vel_north_mps"], velocity["vel_east_mps"])
    columns["state"] = _states(table)
    clocks = {"boot_s": times.stopwatch_ns, "host_utc_s": times.wall_ns}
    columns["clocks"] = {name: partial(_seconds, shown) for name, shown in clocks.items() if shown is not None}
    columns["text"] = _text(table)
    return tuple(Witness(name, "row", time_ns, offset, Deferred(made)) for name, made in columns.items() if made)


def _figures(name: str, column: WitnessColumn, scale: float) -> Floats:
    """Return a column in the unit of its name, shape (n,), NaN where no figure can be."""
    values = column.read().numbers[0]
    if name == "speed_mps" and (values < 0).any():
        return np.full(len(values), np.nan)  # what it is then nobody knows
    is_figure = np.abs(values) < ABSURD
    if name in _NEVER_ZERO:
        is_figure &= values != 0
    values = np.where(is_figure, values, np.nan) * scale
    return np.mod(values, TURN_DEG) if name in DIRECTIONS else values


def _length(north: _Maker, east: _Maker) -> Floats:
    return np.hypot(north(), east())


def _states(table: Table) -> dict[str, _Maker]:
    found: dict[str, _Maker] = {}
    for name, source, is_inverted in (("armed", "motors", 0), ("flying", "flying", 0), ("flying", "on_ground", 1)):
        column = table.column(source)
        if column is not None:
            found.setdefault(name, partial(_state, column, is_inverted))
    return found


def _state(column: CsvColumn, is_inverted: int) -> Floats:
    """Return 1 on, 0 off, NaN unknown, shape (n,)."""
    state = states(column.cells).astype(np.float64)
    return np.where(state < 0, np.nan, np.abs(is_inverted - state))


def _seconds(time_ns: Ints) -> Floats:
    """Return nanoseconds as seconds, NaN where UNSET."""
    return np.where(time_ns == UNSET, np.nan, time_ns / 1e9)


def _text(table: Table) -> dict[str, _Maker]:
    found: dict[str, _Maker] = {**table.form}
    for name in ("lat", "lon"):
        column = table.column(name)
        if column is not None:
            found[f"decimals_{name}"] = partial(decimals, column.cells)
    clocks = [column.cells for name in _CLOCK_CELLS if (column := table.column(name)) is not None]
    if clocks:
        found["day_numbers"] = partial(are_day_numbers, clocks)
    return found
