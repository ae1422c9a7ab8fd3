"""Heights above ground, and by static pressure, in a MAVLink log, at the times of the autopilot's estimate.

    message            field                             is
    DISTANCE_SENSOR    current_distance (cm)             measured: orientation 25 (down), strictly between min and max
    TERRAIN_REPORT     current_height (m)                modelled from the autopilot's terrain data, at its lat, lon
    SCALED_PRESSURE    press_abs (hPa)                   of the first barometer: pressure altitude

A measured height comes before a modelled one. TERRAIN_REPORT also answers questions about other places: only those at
the aircraft's own place count. RANGEFINDER has no limits and no sign of validity: not used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints
from dronecheck.geo.vertical.datum import static_pressure_altitude_m
from dronecheck.readers.common.records import nearest_index
from dronecheck.readers.tlog.clock import Timeline
from dronecheck.readers.tlog.records import MessageLog, MessageRecords

__all__ = ["above_ground", "by_pressure"]


MEASURED_NEAR_US, MODELLED_NEAR_US = 500_000, 1_000_000
HERE_1E7 = 10_000  # about 110 m, what an aircraft flies between a report and an estimate
LOWEST_M, HIGHEST_M = -50.0, 20_000.0  # before its height is set, an autopilot reports hundreds of metres underground
DOWNWARD = 25  # MAV_SENSOR_ROTATION_PITCH_270
QUALITY_INVALID = 1


def above_ground(log: MessageLog, sender: int, line: Timeline, estimate: MessageRecords, time_us: Ints) -> Floats:
    """Return metres above ground at each row of `estimate` (with times `time_us`), shape (n,); NaN where not known."""
    finder = log.of("DISTANCE_SENSOR", sender)
    distance_cm = finder.ints("current_distance")
    finder = finder.pick(
        (finder.values["orientation"] == DOWNWARD)
        & (finder.values["signal_quality"] != QUALITY_INVALID)
        & (distance_cm > finder.ints("min_distance"))
        & (distance_cm < finder.ints("max_distance"))
    )
    finder_us = line.final(finder, finder.ints("time_boot_ms") * 1000)
    row, near = _beside(finder_us, time_us, MEASURED_NEAR_US)
    measured_m = np.where(near, finder.numbers("current_distance")[row] / 100, np.nan) if len(finder) else np.nan
    return np.where(
        np.isnan(measured_m), _modelled(log.of("TERRAIN_REPORT", sender), line, estimate, time_us), measured_m
    )


def by_pressure(log: MessageLog, sender: int, line: Timeline, time_us: Ints) -> Floats:
    """Return metres of pressure altitude at these times, shape (n,).

    NaN where no plausible static pressure is near.
    """
    rows = log.of("SCALED_PRESSURE", sender)
    if not len(rows):
        return np.full(len(time_us), np.nan)
    row, near = _beside(line.final(rows, rows.ints("time_boot_ms") * 1000), time_us, MEASURED_NEAR_US)
    return static_pressure_altitude_m(np.where(near, rows.numbers("press_abs")[row], np.nan))


def _modelled(report: MessageRecords, line: Timeline, estimate: MessageRecords, time_us: Ints) -> Floats:
    height_m = report.numbers("current_height")
    report = report.pick((report.values["spacing"] > 0) & (height_m > LOWEST_M) & (height_m < HIGHEST_M))
    if not len(report):
        return np.full(len(time_us), np.nan)
    row, near = _beside(line.at(report), time_us, MODELLED_NEAR_US)
    for axis in ("lat", "lon"):
        near &= np.abs(report.ints(axis)[row] - estimate.ints(axis)) <= HERE_1E7
    return np.where(near, report.numbers("current_height")[row], np.nan)


def _beside(times_us: Ints, wanted_us: Ints, within_us: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the row nearest in time to each wanted one, and whether it is near; row 0 and never without rows."""
    if not len(times_us):
        return np.zeros(len(wanted_us), np.intp), np.zeros(len(wanted_us), np.bool_)
    order = np.argsort(times_us, kind="stable")
    row = order[nearest_index(times_us[order], wanted_us)]
    return row, np.abs(times_us[row] - wanted_us) <= within_us
