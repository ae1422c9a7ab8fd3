"""The tracks of a DataFlash log: satellite fixes and the autopilot's estimate.

    track    record                    position          height                       accuracy
    gnss     GPS (column I: which),    Lat, Lng          Alt above sea level,         GPA: HAcc, VAcc (655.35: unknown),
             GPS2, GPSB                                  RelAlt above home (to 2014)  else HDop
             PX4 sdlog2: GPS           Lat, Lon          Alt                          EPH, EPV
    fused    POS                       Lat, Lng          Alt, RelHomeAlt              that of the nearest fix
             PX4 sdlog2: GPOS          Lat, Lon          Alt                          EPH, EPV
             AHR2, without GPS and POS Lat, Lng          Alt

A fix is Status (PX4: Fix) 3 to 6. Of several receivers the one is used that knows satellite time and has most fixes:
a second "receiver" may be a companion computer that feeds the autopilot positions of its own making. ORGN (origin and
home) is no evidence of place. POS heights without an origin (RelOriginAlt is not a number) have no datum.
GPA.Und is N with its sign turned round: above the ellipsoid is Alt - Und. Where a receiver means the opposite, the
check of heights against the geoid finds it. BARO.Press (pascals, first barometer) gives the pressure altitude.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import Completeness, SigmaSource, Track
from dronecheck.geo.vertical.datum import static_pressure_altitude_m
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import FixOrder
from dronecheck.readers.common.position.fixes import ordered, placed, with_fix
from dronecheck.readers.common.position.position_sigma import (
    FIX_3D,
    FIX_RTK_FIXED,
    beside_fix,
    of_estimate,
    sigma_of_fixes,
    stated,
)
from dronecheck.readers.common.records import Records, nearest_index
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.readers.dataflash.times import ESTIMATES, satellite_us, timed_records

__all__ = ["ACCURACY_AT_MOST_M", "RECORDS", "dated", "fused_track", "gnss_track", "has_fix", "heard_track", "receivers"]


RECEIVERS = (("GPS", "GPA"), ("GPS2", "GPA2"), ("GPSB", "GPAB"))
HEARD = "VPOS"  # in the log of an antenna tracker: the aircraft that it follows
RECORDS = (*(name for pair in RECEIVERS for name in pair), *ESTIMATES, "AHR2", HEARD, "TIME", "TERR", "RFND", "BARO")

ACCURACY_AT_MOST_M = 655.0  # the largest figure that fits its field, 655.35, means "unknown"
HEIGHTS_APART_M = 50.0
SAME_M = 0.1
NEAR_US = 500_000
SIGMA_NEAR_US = 2_000_000
TERRAIN_OK, RANGE_GOOD, DOWNWARD = 2, 4, 25


def has_fix(rows: Records) -> Bools:
    """Tell which rows have a 3-D fix."""
    fix = rows.numbers("Status", "Fix")
    return (fix >= FIX_3D) & (fix <= FIX_RTK_FIXED)


def dated(rows: Records) -> bool:
    """Tell whether a receiver gave satellite time with any of its fixes."""
    return bool((satellite_us(rows)[has_fix(rows)] > 0).any())


def _apart(rows: Records | None) -> dict[int, Records]:
    """Return the rows of each instance of a record."""
    if rows is None:
        return {}
    instance = np.nan_to_num(rows.numbers("I"), nan=0.0)
    if (instance == instance[0]).all():
        return {int(instance[0]): rows}
    return {int(number): rows.pick(instance == number) for number in np.unique(instance).tolist()}


def _whole_columns(log: DataflashLog, rows: Records | None, *others: tuple[str, ...]) -> Records | None:
    """Return the rows if they have times, a position and one of each of `others`; else a definition is damaged."""
    if rows is None:
        return None
    wanted = (("Lat",), ("Lng", "Lon"), *others)
    missing = [names for names in wanted if not any(rows.has(name) for name in names)]
    if (rows.time_us < 0).all():
        missing.append(("time",))
    if not missing:
        return rows
    listed = ", ".join("/".join(names) for names in missing)
    text = Message(
        "the definition of {table} names no column {listed}: its {rows} rows are not used",
        table=rows.name,
        listed=listed,
        rows=len(rows),
    )
    log.note(Code.BAD_DEFINITION, Severity.DAMAGE, text, int(rows.offset[0]), len(rows))
    log.completeness = Completeness.DAMAGED
    return None


def receivers(log: DataflashLog) -> list[tuple[Records, Records | None]]:
    """Return the fixes of each receiver with its accuracies, the one to use first."""
    found = []
    for name, accuracy in RECEIVERS:
        accuracies = _apart(timed_records(log, accuracy))
        whole = _whole_columns(log, timed_records(log, name), ("Status", "Fix"))
        for instance, rows in _apart(whole).items():
            fix = has_fix(rows)
            found.append((not fix.any(), not dated(rows), -int(fix.sum()), rows, accuracies.get(instance)))
    found.sort(key=lambda one: one[:3])
    return [(rows, accuracy) for *_, rows, accuracy in found]


def gnss_track(log: DataflashLog, notes: DataflashLog, tables: list[tuple[Records, Records | None]]) -> Track | None:
    """Return the fixes of the first receiver, in UTC if it is known; None when there is no fix."""
    if not tables:
        return None
    rows, accuracy = tables[0]
    fixes = with_fix(notes, rows, has_fix(rows))
    others = [other for other, _ in tables[1:] if has_fix(other).any()]
    if others:
        text = Message(
            "{count} more receivers have fixes; that of {table} with satellite time and most fixes is used",
            count=len(others),
            table=rows.name,
        )
        notes.note(Code.OTHER_RECEIVERS, Severity.INFO, text, int(others[0].offset[0]), len(others))
    rows, order = _in_order(log, notes, fixes)
    if not len(rows):
        return None
    sigma_m, source, v_sigma_m = _accuracies(rows, accuracy)
    above_home_m = rows.numbers("RelAlt")
    estimate = timed_records(log, "POS")
    if np.isnan(above_home_m).all() and estimate is not None:
        above_home_m = _nearest(rows, _with_origin(estimate), "RelHomeAlt")
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("Lat"),
        lon_deg=rows.numbers("Lng", "Lon"),
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=source,
        alt_amsl_m=_finite(rows.numbers("Alt")),
        alt_hae_m=_above_ellipsoid(rows, accuracy),
        alt_home_m=_finite(above_home_m),
        alt_agl_m=_above_ground(log, rows),
        pressure_alt_m=_pressure_altitude(log, rows),
        h_sigma_m=sigma_m,
        v_sigma_m=v_sigma_m,
        speed_mps=_speed(rows),
    )


def fused_track(log: DataflashLog, gnss: Track | None, tables: list[tuple[Records, Records | None]]) -> Track | None:
    """Return the autopilot's estimate, in UTC if it is known; None when there is none or nothing stands behind it."""
    names = ESTIMATES if tables else (*ESTIMATES, "AHR2")
    found = (_whole_columns(log, timed_records(log, name)) for name in names)
    rows = next((rows for rows in found if rows is not None), None)
    if rows is None:
        return None
    first, name = int(rows.offset[0]), rows.name
    if gnss is None and tables:
        text = Message(
            "{rows} estimated positions are not used: the receiver had no usable fix, they prove no place",
            rows=len(rows),
        )
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(rows))
        return None
    rows, order = _in_order(log, log, rows)
    if not len(rows):
        return None
    if gnss is None:
        text = Message(
            "the log holds no satellite fixes; all {rows} positions are the autopilot's estimate ({name})",
            rows=len(rows),
            name=name,
        )
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(rows))
    based = _origin_known(rows)
    if not based.all():
        text = Message(
            "{count} heights of {name} were logged before the estimator had an origin; not used",
            count=int((~based).sum()),
            name=name,
        )
        log.note(Code.HEIGHT_FRAME, Severity.INFO, text, int(rows.offset[~based][0]), int((~based).sum()))
    if rows.has("EPH"):
        sigma_m, source, v_sigma_m = _accuracies(rows, None)
        source = SigmaSource.ESTIMATED if source is SigmaSource.LOGGED else source
        speed_mps = _speed(rows)
    else:
        sigma_m, v_sigma_m, speed_mps = (_of_fix(rows, gnss, name) for name in ("h_sigma_m", "v_sigma_m", "speed_mps"))
        if gnss is None:
            sigma_m, source = of_estimate(sigma_m)
        else:
            sigma_m, source = beside_fix(sigma_m, _is_near_fix(rows, gnss), gnss.h_sigma_source)
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("Lat"),
        lon_deg=rows.numbers("Lng", "Lon"),
        offset=rows.offset,
        message=name,
        h_sigma_source=source,
        alt_amsl_m=_sea_height(log, rows, gnss, based),
        alt_home_m=np.where(based, _finite(rows.numbers("RelHomeAlt")), np.nan),
        alt_agl_m=_above_ground(log, rows),
        pressure_alt_m=_pressure_altitude(log, rows),
        h_sigma_m=sigma_m,
        v_sigma_m=v_sigma_m,
        speed_mps=speed_mps,
    )


def heard_track(log: DataflashLog) -> Track | None:
    """Return the aircraft as an antenna tracker heard it, `time_ns` since boot; None where it heard none.

    What stands behind its positions is not known.
    """
    rows = _whole_columns(log, timed_records(log, HEARD))
    if rows is None:
        return None
    rows, order = _in_order(log, log, rows)
    if not len(rows):
        return None
    sigma_m, source = of_estimate(np.full(len(rows), np.nan))
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("Lat"),
        lon_deg=rows.numbers("Lng", "Lon"),
        offset=rows.offset,
        message=HEARD,
        h_sigma_source=source,
        alt_amsl_m=_finite(rows.numbers("Alt")),
        h_sigma_m=sigma_m,
        speed_mps=_finite(np.hypot(rows.numbers("VelX"), rows.numbers("VelY"))),
    )


def _sea_height(log: DataflashLog, rows: Records, gnss: Track | None, based: Bools) -> Floats:
    """Return the estimate's height above sea, unless it is grossly another than that of the fixes.

    Where the height above take-off stands beside it and is another, its datum is known (ArduPilot since 3.4): that
    both are held against each other is no matter of one format.
    """
    height_m = np.where(based, _finite(rows.numbers("Alt")), np.nan)
    above_home_m = np.abs(height_m - rows.numbers("RelHomeAlt"))
    above_home_m = above_home_m[np.isfinite(above_home_m)]
    if len(above_home_m) and float(np.median(above_home_m)) > SAME_M:
        return height_m
    apart_m = np.abs(height_m - _of_fix(rows, gnss, "alt_amsl_m"))
    apart_m = apart_m[np.isfinite(apart_m)]
    if not len(apart_m) or float(np.median(apart_m)) <= HEIGHTS_APART_M:
        return height_m
    text = Message(
        "heights of {table} are {apart_m:,.0f} m from those of the fixes; their datum is doubtful, they are not used",
        table=rows.name,
        apart_m=np.median(apart_m),
    )
    log.note(Code.HEIGHT_FRAME, Severity.WARNING, text, int(rows.offset[0]), len(rows))
    return np.full(len(rows), np.nan)


# ---- rows


def _in_order(log: DataflashLog, notes: DataflashLog, rows: Records) -> tuple[Records, FixOrder]:
    """Return the rows with a usable position in the order flown, and that order."""
    rows = placed(notes, rows, rows.numbers("Lat"), rows.numbers("Lng", "Lon"))
    session = log.starts.index(rows.offset).astype(np.int64)
    return ordered(notes, rows, rows.time_us < 0, rows.numbers("Lat"), rows.numbers("Lng", "Lon"), session)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _origin_known(rows: Records) -> Bools:
    return np.isfinite(rows.numbers("RelOriginAlt")) if rows.has("RelOriginAlt") else np.full(len(rows), True)


def _with_origin(rows: Records) -> Records:
    return rows.pick(_origin_known(rows)).ascending()


# ---- accuracy, speed, height above ground


def _accuracies(rows: Records, accuracy: Records | None) -> tuple[Floats, SigmaSource, Floats]:
    """Return the sigma per horizontal axis (HAcc is radial; else HDOP times a range error), and vertically."""
    logged_m, vertical_m = rows.numbers("EPH"), rows.numbers("EPV")
    if accuracy is not None:
        logged_m, vertical_m = (_nearest(rows, accuracy.ascending(), name, within_us=0) for name in ("HAcc", "VAcc"))
    logged_m, vertical_m = (stated(metres, ACCURACY_AT_MOST_M) for metres in (logged_m, vertical_m))
    return *sigma_of_fixes(logged_m, rows.numbers("HDop"), rows.numbers("Status", "Fix")), vertical_m


def _speed(rows: Records) -> Floats:
    speed = rows.numbers("Spd")
    if np.isnan(speed).all():
        speed = np.hypot(rows.numbers("VelN"), rows.numbers("VelE"))
    return np.where(np.isfinite(speed) & (speed >= 0), speed, np.nan)


def _above_ground(log: DataflashLog, rows: Records) -> Floats:
    """Return heights above ground (m), at most half a second off.

    Measured by a range finder that looks down, else from the autopilot's terrain data.
    """
    height_m = np.full(len(rows), np.nan)
    terrain = timed_records(log, "TERR")
    if terrain is not None:
        usable = terrain.pick(terrain.numbers("Status") == TERRAIN_OK).ascending()
        height_m = _nearest(rows, usable, "CHeight")
    finder = timed_records(log, "RFND")
    if finder is not None and finder.has("Dist", "Stat", "Orient"):
        down = (finder.numbers("Stat") == RANGE_GOOD) & (finder.numbers("Orient") == DOWNWARD)
        usable = finder.pick(down).ascending()
        measured_m = _nearest(rows, usable, "Dist")
        height_m = np.where(np.isnan(measured_m), height_m, measured_m)
    return height_m


def _pressure_altitude(log: DataflashLog, rows: Records) -> Floats:
    """Return pressure altitudes (m) from the first barometer's static pressure (Pa).

    It is at most half a second off.
    """
    baro = _apart(timed_records(log, "BARO")).get(0)
    if baro is None or not baro.has("Press"):
        return np.full(len(rows), np.nan)
    return static_pressure_altitude_m(_nearest(rows, baro.ascending(), "Press") / 100)


def _above_ellipsoid(rows: Records, accuracy: Records | None) -> Floats:
    """Return heights above the ellipsoid (m): sea height less GPA.Und of the same fix.

    ArduPilot means by it how far the ellipsoid lies above the sea.
    """
    if accuracy is None or not accuracy.has("Und"):
        return np.full(len(rows), np.nan)
    undulation_m = _nearest(rows, accuracy.ascending(), "Und", within_us=0)
    return np.where(undulation_m == 0, np.nan, _finite(rows.numbers("Alt")) - undulation_m)


def _nearest(rows: Records, other: Records, name: str, within_us: int = NEAR_US) -> Floats:
    """Return another record's column at the row nearest in time, at most so far off; else NaN."""
    return other.nearest(rows.time_us, other.numbers(name), within_us)


def _is_near_fix(rows: Records, gnss: Track) -> Bools:
    time_us = gnss.time_ns // 1000
    return np.asarray(np.abs(time_us[nearest_index(time_us, rows.time_us)] - rows.time_us) <= SIGMA_NEAR_US)


def _of_fix(rows: Records, gnss: Track | None, column: str) -> Floats:
    """Return a column of the satellite fix nearest in time, at most two seconds off."""
    if gnss is None:
        return np.full(len(rows), np.nan)
    index = nearest_index(gnss.time_ns // 1000, rows.time_us)
    values: Floats = getattr(gnss, column)
    return np.where(_is_near_fix(rows, gnss), values[index], np.nan)
