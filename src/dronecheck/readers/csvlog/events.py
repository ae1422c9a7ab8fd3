"""What a CSV log says besides positions: events, the home point and the aircraft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dronecheck.flight import Event, EventKind, Home, Vehicle
from dronecheck.readers.csvlog.clock import RowTimes
from dronecheck.readers.csvlog.numbers import scale_of, states
from dronecheck.readers.csvlog.table import CsvColumn, Table
from dronecheck.safe.io import plain

__all__ = ["read_events", "read_home", "read_vehicle"]

EVENTS_OF_A_KIND = 1000
TEXT_CHARS = 300
ABSURD_M = 1e5

# column of states -> event when it turns on, when it turns off
_Found = tuple[int, EventKind, str]  # row, kind, text

_STATES = {
    "motors": (EventKind.ARM, EventKind.DISARM),
    "flying": (EventKind.TAKEOFF, EventKind.LAND),
    "on_ground": (EventKind.LAND, EventKind.TAKEOFF),
}
_MOTORS_STARTED = frozenset(("motors_started", "starting motors", "motors started", "motor_start", "motorsstarted"))


def read_events(table: Table, times: RowTimes) -> tuple[Event, ...]:
    """Return changes of state, mode and message, by time; a state already on in the first row is no event."""
    found: list[Event] = []
    for name, kinds in _STATES.items():
        column = table.column(name)
        if column is not None:
            found += _capped(table, times, _state_events(times, column, kinds, name))
    photo = table.column("photo")
    if photo is not None:
        found += _capped(table, times, _photo_events(times, photo))
    mode = table.column("mode")
    if mode is not None:
        found += _capped(table, times, _mode_events(times, mode, arming="motors" not in table.columns))
    for column in table.columns.get("messages", ()):
        found += _capped(table, times, _message_events(times, column))
    found += _capped(table, times, _home_events(table, times))
    return tuple(sorted(found, key=lambda event: (event.time_ns, event.offset or 0)))


def _capped(table: Table, times: RowTimes, found: Iterator[_Found]) -> list[Event]:
    """Return at most so many events; the last one says how many more there were."""
    kept: list[Event] = []
    more = 0
    for row, kind, text in found:
        if len(kept) < EVENTS_OF_A_KIND:
            kept.append(Event(int(times.time_ns[row]), kind, plain(text, TEXT_CHARS), table.lines[row]))
        else:
            more += 1
    if more:
        last = kept.pop()
        kept.append(Event(last.time_ns, last.kind, f"{more + 1} more not listed", last.offset))
    return kept


def _state_events(
    times: RowTimes, column: CsvColumn, kinds: tuple[EventKind, EventKind], name: str
) -> Iterator[_Found]:
    values = states(column.cells)
    known = np.flatnonzero((values >= 0) & times.timed)
    changed: list[int] = known[1:][np.diff(values[known]) != 0].tolist()
    for row in changed:
        kind = kinds[0] if values[row] else kinds[1]
        yield row, kind, f"{name.replace('_', ' ')}: {column.cells[row].strip()}"


def _photo_events(times: RowTimes, column: CsvColumn) -> Iterator[_Found]:
    """Yield the rows where the mark of a picture begins; one that stands in the first row is no event."""
    values = states(column.cells)
    known = np.flatnonzero((values >= 0) & times.timed)
    began: list[int] = known[1:][np.diff(values[known]) > 0].tolist()
    for row in began:
        yield row, EventKind.PHOTO, ""


def _changes(cells: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the rows where a cell differs from the row before: index, new text, old text ("" before the first)."""
    before = ""
    for row, cell in enumerate(cells):
        if cell != before:
            new, old = cell.strip(), before.strip()
            before = cell
            if new != old:
                yield row, new, old


def _mode_events(times: RowTimes, column: CsvColumn, *, arming: bool) -> Iterator[_Found]:
    for row, new, old in _changes(column.cells):
        if row and new and times.timed[row]:
            yield row, EventKind.MODE, new
            if arming and new.casefold() in _MOTORS_STARTED and old:
                yield row, EventKind.ARM, new


def _message_events(times: RowTimes, column: CsvColumn) -> Iterator[_Found]:
    for row, new, _ in _changes(column.cells):
        if new and times.timed[row]:
            yield row, EventKind.MESSAGE, new


def _home_events(table: Table, times: RowTimes) -> Iterator[_Found]:
    """Yield the home point set or moved after the first row."""
    lat_deg, lon_deg, rows = _home_rows(table)
    moved = (np.diff(lat_deg[rows]) != 0) | (np.diff(lon_deg[rows]) != 0)
    for row in rows[1:][moved].tolist():
        if times.timed[row]:
            yield row, EventKind.HOME, f"{lat_deg[row]:.7f} {lon_deg[row]:.7f}"


def _home_rows(table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    lat, lon = table.column("home_lat"), table.column("home_lon")
    if lat is None or lon is None:
        nothing = np.empty(0)
        return nothing, nothing, np.empty(0, dtype=np.int64)
    lat_deg, lon_deg = lat.numbers[0], lon.numbers[0]
    there = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ~((lat_deg == 0) & (lon_deg == 0))
    return lat_deg, lon_deg, np.flatnonzero(there)


def read_home(table: Table) -> Home | None:
    """Return the first home point of the log (it may be moved later: see the HOME events)."""
    lat_deg, lon_deg, rows = _home_rows(table)
    if not len(rows):
        return None
    height = table.column("home_amsl")
    scale = scale_of("length", height.unit) if height else None
    alt_amsl_m = float(height.numbers[0][rows[0]]) * scale if height and scale else float("nan")
    if not abs(alt_amsl_m) < ABSURD_M:
        alt_amsl_m = float("nan")
    return Home(float(lat_deg[rows[0]]), float(lon_deg[rows[0]]), alt_amsl_m)


def read_vehicle(table: Table) -> Vehicle:
    """Read model, firmware and serial number from cells or from the lines before the header."""
    return Vehicle(model=_fact(table, "model"), firmware=_fact(table, "firmware"), serial=_fact(table, "serial"))


def _fact(table: Table, name: str) -> str:
    for column in table.columns.get(name, ()):
        text = next((cell.strip() for cell in column.cells if cell.strip()), "")
        if text:
            return plain(text, 100)
    keys = (wanted.name for wanted in table.dialect.columns.get(name, ()))
    return plain(next((table.preamble[key] for key in keys if table.preamble.get(key)), ""), 100)
