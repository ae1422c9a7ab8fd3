"""Rows of a CSV log -> tracks: which rows are position fixes, their heights, speed and accuracy.

A row is a fix when it has a position on the globe that is not 0/0, and the satellite signal was not absent. Rows with
the time and position of the row before are one fix. A position repeated while the log reports a speed is an
exporter's filling: merged, unless a height changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import SigmaSource, Track
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import FixOrder, in_order, signal_lost
from dronecheck.readers.common.position.position_sigma import (
    of_estimate,
    sigma_by_level,
    sigma_by_satellites,
    with_step,
)
from dronecheck.readers.common.position.track_choice import Sources, settled
from dronecheck.readers.common.quality.idle import ON_GROUND_M
from dronecheck.readers.csvlog.clock import RowTimes
from dronecheck.readers.csvlog.numbers import scale_of, states
from dronecheck.readers.csvlog.table import CsvColumn, Table

__all__ = ["Fixes", "read_fixes"]

Rows = NDArray[np.int64]

NEAR_ZERO_DEG = 1e-6
RADIANS_LAT, RADIANS_LON = 1.6, 3.2
HELD_NS = 100_000_000  # within this a held fix is one row; the height may move on
DECIMALS_THAT_MATTER = 7
ABSURD = 1e6  # no height or speed in any unit
HEIGHTS = {"height_home": "alt_home_m", "height_amsl": "alt_amsl_m", "height_agl": "alt_agl_m"}


@dataclass(slots=True)
class Fixes:
    """The tracks of a log, and what was left out or merged."""

    sources: Sources = field(default_factory=lambda: Sources({}, ""))
    operator: Track | None = None
    issues: list[Issue] = field(default_factory=list)
    damaged: bool = False

    def note(self, code: Code, severity: Severity, message: Message, lines: NDArray[np.int64]) -> None:
        """Add an issue about these lines, if there are any."""
        if len(lines):
            self.issues.append(Issue(code, severity, message, int(lines[0]), len(lines)))


def read_fixes(table: Table, times: RowTimes) -> Fixes:
    """Return the aircraft's tracks ("fused": the flight controller's position) and the operator's, if logged."""
    fixes = Fixes()
    lines = np.array(table.lines, dtype=np.int64)
    fixes.sources = _aircraft(table, times, fixes, lines)
    fixes.issues += fixes.sources.issues
    fixes.operator = _operator(table, times, fixes, lines)
    return fixes


def _aircraft(table: Table, times: RowTimes, fixes: Fixes, lines: Rows) -> Sources:
    if table.dialect.operator_only:
        fixes.issues.append(Issue(Code.NO_POSITION, Severity.WARNING, Message(table.dialect.operator_only)))
        return Sources({}, "")
    name, places = _places(table, fixes)
    track = _track(table, times, fixes, lines, places)
    if track is None:
        message = Message("no row has a position fix of the aircraft")
        fixes.issues.append(Issue(Code.NO_POSITION, Severity.WARNING, message, table.lines[0] if len(lines) else None))
        return Sources({}, "")
    estimate = _estimate(table)
    if name != "gnss" or estimate is None or _may_be_radians(estimate):
        return Sources({name: track}, name)
    # The estimate only bears witness: what it notes of itself is of no interest.
    return settled(track, _track(table, times, Fixes(), lines, estimate), is_usable=False)


def _track(
    table: Table, times: RowTimes, fixes: Fixes, lines: Rows, places: tuple[CsvColumn, CsvColumn]
) -> Track | None:
    lat_deg, lon_deg, rows = _positions(table, places, fixes, lines)
    if not len(rows):
        return None
    heights = {
        track_column: values
        for name, track_column in HEIGHTS.items()
        if (values := _measure(table, name, "length", fixes)) is not None
    }
    if table.column("height_doubtful") is not None:
        message = Message("the height column has no fixed datum in this dialect, not used")
        fixes.issues.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, message))
    speed_mps = _speed(table, fixes)
    order, disorder = in_order(rows, times.time_ns, (lat_deg, lon_deg), lines)
    fixes.issues += disorder
    fixes.damaged |= not order.is_timed.all()
    if table.dialect.held:
        order = _without_held(order, (lat_deg, lon_deg), fixes, lines)
    if speed_mps is not None:
        order = _distinct(order, (lat_deg, lon_deg), list(heights.values()), speed_mps, fixes, lines)
    rows = order.rows
    sigma_m = _sigma(table)
    source = SigmaSource.ASSUMED if np.isnan(sigma_m[rows]).all() else SigmaSource.SATELLITES
    if places[0] in table.columns.get("lat_estimate", ()) and not _has_place(*_receiver(table)):
        sigma_m, source = of_estimate(np.full(len(sigma_m), np.nan))
    columns: dict[str, Any] = {name: values[rows] for name, values in heights.items()}
    if speed_mps is not None:
        columns["speed_mps"] = speed_mps[rows]
    return Track.build(
        is_idle=_idle(table, heights.get("alt_home_m"))[rows],
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=lat_deg[rows],
        lon_deg=lon_deg[rows],
        h_sigma_m=sigma_m[rows],
        offset=lines[rows],
        message="row",
        h_sigma_source=source,
        **columns,
    )


def _places(table: Table, fixes: Fixes) -> tuple[str, tuple[CsvColumn, CsvColumn]]:
    """Return the name of the track and its columns: the autopilot's estimate only where the receiver has no fix at all.

    An estimate that could be radians is not used: nothing in such a log tells.
    """
    receiver, estimate = _receiver(table), _estimate(table)
    if estimate is None or _has_place(*receiver) or not _has_place(*estimate):
        return table.dialect.track, receiver
    if _may_be_radians(estimate):
        message = Message("positions that may be radians (some versions of the exporter write them), not used")
        is_there = estimate[0].numbers[0] != 0
        fixes.note(Code.BAD_POSITION, Severity.WARNING, message, np.array(table.lines, dtype=np.int64)[is_there])
        return table.dialect.track, receiver
    message = Message("no fix of the satellite receiver in the log: positions as the autopilot estimated them")
    fixes.issues.append(Issue(Code.ESTIMATE_ONLY, Severity.WARNING, message))
    return "fused", estimate


def _receiver(table: Table) -> tuple[CsvColumn, CsvColumn]:
    return _must(table, "lat"), _must(table, "lon")


def _estimate(table: Table) -> tuple[CsvColumn, CsvColumn] | None:
    return (_must(table, "lat_estimate"), _must(table, "lon_estimate")) if "lat_estimate" in table.columns else None


def _may_be_radians(places: tuple[CsvColumn, CsvColumn]) -> bool:
    lat, lon = (column.numbers[0] for column in places)
    return not (np.any(np.abs(lat) > RADIANS_LAT) or np.any(np.abs(lon) > RADIANS_LON))


def _has_place(lat: CsvColumn, lon: CsvColumn) -> bool:
    lat_deg, lon_deg = lat.numbers[0], lon.numbers[0]
    return bool(np.any((np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ~_at_zero(lat_deg, lon_deg)))


def _positions(
    table: Table, places: tuple[CsvColumn, CsvColumn], fixes: Fixes, lines: NDArray[np.int64]
) -> tuple[Floats, Floats, Rows]:
    """Return latitudes and longitudes of all rows, and the indices of the rows that are fixes."""
    (lat_deg, lat_bad), (lon_deg, lon_bad) = (column.numbers for column in places)
    unreadable = lat_bad | lon_bad
    absent = ~unreadable & (np.isnan(lat_deg) | np.isnan(lon_deg) | _at_zero(lat_deg, lon_deg))
    absent |= ~unreadable & _without_signal(table, lat_deg, lon_deg)
    off_globe = ~unreadable & ~absent & ~((np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180))
    fixes.note(Code.NO_FIX_ROWS, Severity.INFO, Message("rows without a position fix, not used"), lines[absent])
    fixes.note(Code.BAD_POSITION, Severity.WARNING, Message("positions off the globe, not used"), lines[off_globe])
    unusable = lines[unreadable]
    fixes.note(Code.BAD_LINE, Severity.DAMAGE, Message("rows whose position is no number, not used"), unusable)
    fixes.damaged = bool(len(unusable))
    return lat_deg, lon_deg, np.flatnonzero(~(unreadable | absent | off_globe))


def _must(table: Table, name: str) -> CsvColumn:
    column = table.column(name)
    return column if column is not None else CsvColumn([""] * len(table.lines), "")


def _at_zero(lat_deg: Floats, lon_deg: Floats) -> Bools:
    return (np.abs(lat_deg) < NEAR_ZERO_DEG) & (np.abs(lon_deg) < NEAR_ZERO_DEG)


def _without_signal(table: Table, lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Return the rows at signal level 0 before the first signal, or that repeat the position while it is lost."""
    level = table.column("gps_level")
    proof = table.column("fix_proof")
    if proof is not None and not np.isnan(proof.numbers[0]).all():
        return np.asarray(np.isnan(proof.numbers[0]), dtype=np.bool_)
    if level is None or not len(lat_deg):
        return np.zeros(len(lat_deg), dtype=np.bool_)
    satellites = table.column("satellites")
    return signal_lost(level.numbers[0], satellites.numbers[0] if satellites else None, lat_deg, lon_deg)


def _measure(table: Table, name: str, kind: str, fixes: Fixes) -> Floats | None:
    """Return a height or speed in SI units; without a known unit it is not used, and that is said."""
    column = table.column(name)
    if column is None:
        return None
    scale = scale_of(kind, column.unit)
    if scale is None:
        message = Message(
            "column {column} has no known unit ({unit}), not used",
            column=name.replace("_", " "),
            unit=column.unit or "none",
        )
        fixes.issues.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, message))
        return None
    values = column.numbers[0]
    return np.where(np.abs(values) < ABSURD, values, np.nan) * scale


def _speed(table: Table, fixes: Fixes) -> Floats | None:
    """Return horizontal speed (m/s), or the length of its components; a negative speed is none."""
    speed = _measure(table, "speed", "speed", fixes)
    if speed is None:
        along, across = (_measure(table, name, "speed", fixes) for name in ("speed_x", "speed_y"))
        return None if along is None or across is None else np.hypot(along, across)
    negative = speed < 0
    lines = np.array(table.lines, dtype=np.int64)
    fixes.note(Code.BAD_RECORD, Severity.INFO, Message("negative speeds, not used"), lines[negative])
    return np.where(negative, np.nan, speed)


def _without_held(order: FixOrder, position: tuple[Floats, Floats], fixes: Fixes, lines: Rows) -> FixOrder:
    """Return the fixes that begin a position or a tenth of a second; the others only repeat the last fix."""
    held = np.zeros(len(order.rows), dtype=np.bool_)
    held[1:] = (np.diff(order.time_ns // HELD_NS) == 0) & (np.diff(order.part) == 0)
    for values in position:
        held[1:] &= np.diff(values[order.rows]) == 0
    text = Message("rows between two fixes, merged")
    fixes.note(Code.REPEATED_POSITION, Severity.INFO, text, lines[order.rows[held]])
    return order.where(~held)


def _distinct(
    order: FixOrder,
    position: tuple[Floats, Floats],
    heights: Sequence[Floats],
    speed_mps: Floats,
    fixes: Fixes,
    lines: NDArray[np.int64],
) -> FixOrder:
    """Return one row per fix: drop positions repeated at speed."""
    here, before = order.rows[1:], order.rows[:-1]
    same_place = np.diff(order.part) == 0
    for values in position:
        same_place &= values[here] == values[before]
    for values in heights:
        # A new height is news even where the position was filled in: the highest point must not get lost.
        same_place &= (values[here] == values[before]) | np.isnan(values[here])
    repeated = np.zeros(len(order.rows), dtype=np.bool_)
    repeated[1:] = same_place & (speed_mps[here] > 0)
    text = Message("rows that repeat the last position at speed, merged")
    fixes.note(Code.REPEATED_POSITION, Severity.INFO, text, lines[order.rows[repeated]])
    return order.where(~repeated)


def _idle(table: Table, height_home_m: Floats | None) -> Bools:
    """Tell in which rows the motors are off and the aircraft is on the ground, as it says or by its height, (n,)."""
    motors, ground = table.column("motors"), table.column("on_ground")
    if motors is None:
        return np.zeros(len(table.lines), dtype=np.bool_)
    is_low = np.zeros(len(table.lines), dtype=np.bool_)
    if height_home_m is not None:
        is_low = np.abs(height_home_m) <= ON_GROUND_M
    if ground is not None:
        is_low &= states(ground.cells) == 1
    return np.asarray((states(motors.cells) == 0) & is_low, dtype=np.bool_)


def _sigma(table: Table) -> Floats:
    """Return per-axis sigma (m) by signal level and satellites, with the printed decimals' step; NaN when unknown."""
    sigma_m = np.full(len(table.lines), np.nan)
    satellites = table.column("satellites")
    if satellites is not None:
        sigma_m = sigma_by_satellites(satellites.numbers[0])
    level = table.column("gps_level")
    if level is not None:
        sigma_m = sigma_by_level(level.numbers[0], sigma_m)
    step_deg = 10.0 ** -max((_decimals(table, name) for name in ("lat", "lon")), default=DECIMALS_THAT_MATTER)
    return with_step(sigma_m, step_deg)


def _decimals(table: Table, name: str) -> int:
    """Return how many digits follow the decimal point, the most that any of the first cells shows."""
    most = 0
    for cell in _must(table, name).cells[:2000]:
        _, _, digits = cell.strip().replace(",", ".").partition(".")
        most = max(most, len(digits))
        if most >= DECIMALS_THAT_MATTER:
            break
    return most


def _operator(table: Table, times: RowTimes, fixes: Fixes, lines: Rows) -> Track | None:
    """Return the phone's or controller's own position, one row per change."""
    if table.column("operator_lat") is None or table.column("operator_lon") is None:
        return None
    lat_deg, _ = _must(table, "operator_lat").numbers
    lon_deg, _ = _must(table, "operator_lon").numbers
    usable = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ~_at_zero(lat_deg, lon_deg) & times.timed
    if table.dialect.operator_only:  # elsewhere a phone without a position is the rule
        fixes.note(
            Code.NO_FIX_ROWS, Severity.INFO, Message("rows without a position and a time, not used"), lines[~usable]
        )
    rows = np.flatnonzero(usable)
    rows = rows[np.argsort(times.time_ns[rows], kind="stable")]
    if not len(rows):
        return None
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (np.diff(lat_deg[rows]) != 0) | (np.diff(lon_deg[rows]) != 0)
    new[1:] &= np.diff(times.time_ns[rows]) > 0
    rows = rows[new]
    return Track.build(
        time_ns=times.time_ns[rows], lat_deg=lat_deg[rows], lon_deg=lon_deg[rows], offset=lines[rows], message="row"
    )
