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
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import Completeness, SigmaSource, Track
from dronecheck.geo.vertical.datum import static_pressure_altitude_m
from dronecheck.issues import Code, Severity
from dronecheck.readers.common.position_sigma import FIX_3D, FIX_RTK_FIXED, sigma_of_fixes, stated
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.readers.dataflash.times import STRAY_US, Table, satellite_us, table_of

__all__ = ["RECORDS", "dated", "fused_track", "gnss_track", "has_fix", "receivers"]


RECEIVERS = (("GPS", "GPA"), ("GPS2", "GPA2"), ("GPSB", "GPAB"))
ESTIMATES = ("POS", "GPOS")
RECORDS = (*(name for pair in RECEIVERS for name in pair), *ESTIMATES, "AHR2", "TIME", "TERR", "RFND", "BARO")

ACCURACY_AT_MOST_M = 655.0  # the largest figure that fits its field, 655.35, means "unknown"
HEIGHTS_APART_M = 50.0
NEAR_US = 500_000
SIGMA_NEAR_US = 2_000_000
TERRAIN_OK, RANGE_GOOD, DOWNWARD = 2, 4, 25


def has_fix(table: Table) -> Bools:
    """Which rows have a 3-D fix."""
    fix = table.rows.numbers("Status", "Fix")
    return (fix >= FIX_3D) & (fix <= FIX_RTK_FIXED)


def dated(table: Table) -> bool:
    """Whether a receiver gave satellite time with any of its fixes."""
    return bool((satellite_us(table)[has_fix(table)] > 0).any())


def _apart(table: Table | None) -> dict[int, Table]:
    """The rows of each instance of a record."""
    if table is None:
        return {}
    instance = np.nan_to_num(table.rows.numbers("I"), nan=0.0)
    if (instance == instance[0]).all():
        return {int(instance[0]): table}
    return {int(number): table.pick(instance == number) for number in np.unique(instance).tolist()}


def _whole_columns(log: DataflashLog, table: Table | None, *others: tuple[str, ...]) -> Table | None:
    """The table if it has times, a position and one of each of `others`; else its definition has a wrong letter."""
    if table is None:
        return None
    rows = table.rows
    wanted = (("Lat",), ("Lng", "Lon"), *others)
    missing = [names for names in wanted if not any(rows.has(name) for name in names)]
    if (table.time_us < 0).all():
        missing.append(("time",))
    if not missing:
        return table
    listed = ", ".join("/".join(names) for names in missing)
    text = f"the definition of {rows.name} names no column {listed}: its {len(rows)} rows are not used"
    log.note(Code.BAD_DEFINITION, Severity.DAMAGE, text, int(rows.offset[0]), len(rows))
    log.completeness = Completeness.DAMAGED
    return None


def receivers(log: DataflashLog) -> list[tuple[Table, Table | None]]:
    """The fixes of each receiver with its accuracies, the one to use first."""
    found = []
    for name, accuracy in RECEIVERS:
        accuracies = _apart(table_of(log, accuracy))
        whole = _whole_columns(log, table_of(log, name), ("Status", "Fix"))
        for instance, table in _apart(whole).items():
            fix = has_fix(table)
            found.append((not fix.any(), not dated(table), -int(fix.sum()), table, accuracies.get(instance)))
    found.sort(key=lambda one: one[:3])
    return [(table, accuracy) for *_, table, accuracy in found]


def gnss_track(log: DataflashLog, notes: DataflashLog, tables: list[tuple[Table, Table | None]]) -> Track | None:
    """The fixes of the first receiver, `time_ns` since boot; None when there is no fix."""
    if not tables:
        return None
    (table, accuracy), rows = tables[0], tables[0][0].rows
    fix = has_fix(table)
    if not fix.all():
        text = f"{int((~fix).sum())} rows of {rows.name} have no 3-D satellite fix and are not used"
        notes.note(Code.NO_FIX_ROWS, Severity.INFO, text, int(rows.offset[~fix][0]), int((~fix).sum()))
    others = [other for other, _ in tables[1:] if has_fix(other).any()]
    if others:
        text = (
            f"{len(others)} more receivers have fixes; that of {rows.name} with satellite time and most fixes is used"
        )
        notes.note(Code.OTHER_RECEIVERS, Severity.INFO, text, int(others[0].rows.offset[0]), len(others))
    table = _placed(notes, table.pick(fix))
    rows = table.rows
    if not len(table):
        return None
    sigma_m, source, v_sigma_m = _accuracies(table, accuracy)
    above_home_m = rows.numbers("RelAlt")
    estimate = table_of(log, "POS")
    if np.isnan(above_home_m).all() and estimate is not None:
        above_home_m = _nearest(table, _with_origin(estimate), "RelHomeAlt")
    return Track.build(
        time_ns=table.time_us * 1000,
        lat_deg=rows.numbers("Lat"),
        lon_deg=rows.numbers("Lng", "Lon"),
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=source,
        alt_amsl_m=_finite(rows.numbers("Alt")),
        alt_hae_m=_above_ellipsoid(table, accuracy),
        alt_home_m=_finite(above_home_m),
        alt_agl_m=_above_ground(log, table),
        pressure_alt_m=_pressure_altitude(log, table),
        h_sigma_m=sigma_m,
        v_sigma_m=v_sigma_m,
        speed_mps=_speed(table),
    )


def fused_track(log: DataflashLog, gnss: Track | None, tables: list[tuple[Table, Table | None]]) -> Track | None:
    """The autopilot's estimate, `time_ns` since boot; None when there is none or nothing stands behind it."""
    names = ESTIMATES if tables else (*ESTIMATES, "AHR2")
    found = (_whole_columns(log, table_of(log, name)) for name in names)
    table = next((table for table in found if table is not None), None)
    if table is None:
        return None
    first, name = int(table.rows.offset[0]), table.rows.name
    if gnss is None and tables:
        text = f"{len(table)} estimated positions are not used: the receiver had no usable fix, they prove no place"
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(table))
        return None
    table = _placed(log, table)
    if not len(table):
        return None
    if gnss is None:
        text = f"the log holds no satellite fixes; all {len(table)} positions are the autopilot's estimate ({name})"
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(table))
    rows = table.rows
    based = _origin_known(table)
    if not based.all():
        text = f"{int((~based).sum())} heights of {name} were logged before the estimator had an origin; not used"
        log.note(Code.HEIGHT_FRAME, Severity.INFO, text, int(rows.offset[~based][0]), int((~based).sum()))
    if rows.has("EPH"):
        sigma_m, source, v_sigma_m = _accuracies(table, None)
        speed_mps = _speed(table)
    else:
        sigma_m, v_sigma_m, speed_mps = (_of_fix(table, gnss, name) for name in ("h_sigma_m", "v_sigma_m", "speed_mps"))
        source = gnss.h_sigma_source if gnss is not None else SigmaSource.ASSUMED
    return Track.build(
        time_ns=table.time_us * 1000,
        lat_deg=rows.numbers("Lat"),
        lon_deg=rows.numbers("Lng", "Lon"),
        offset=rows.offset,
        message=name,
        h_sigma_source=source,
        alt_amsl_m=_sea_height(log, table, gnss, based),
        alt_home_m=np.where(based, _finite(rows.numbers("RelHomeAlt")), np.nan),
        alt_agl_m=_above_ground(log, table),
        pressure_alt_m=_pressure_altitude(log, table),
        h_sigma_m=sigma_m,
        v_sigma_m=v_sigma_m,
        speed_mps=speed_mps,
    )


def _sea_height(log: DataflashLog, table: Table, gnss: Track | None, based: Bools) -> Floats:
    """The estimate's height above sea, unless it is grossly another than that of the fixes."""
    height_m = np.where(based, _finite(table.rows.numbers("Alt")), np.nan)
    apart_m = np.abs(height_m - _of_fix(table, gnss, "alt_amsl_m"))
    apart_m = apart_m[np.isfinite(apart_m)]
    if not len(apart_m) or float(np.median(apart_m)) <= HEIGHTS_APART_M:
        return height_m
    text = (
        f"heights of {table.rows.name} are {np.median(apart_m):,.0f} m from those of the fixes; their datum is doubtful"
    )
    log.note(Code.HEIGHT_FRAME, Severity.WARNING, f"{text}, they are not used", int(table.rows.offset[0]), len(table))
    return np.full(len(table), np.nan)


# ---- rows


def _placed(notes: DataflashLog, table: Table) -> Table:
    """The rows with a usable time and position, ascending in time, one a time."""
    table = _timed(notes, table)
    rows = table.rows
    lat, lon = rows.numbers("Lat"), rows.numbers("Lng", "Lon")
    good = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ((lat != 0) | (lon != 0))
    if not good.all():
        text = f"{int((~good).sum())} positions of {rows.name} are off the globe, at 0/0 or no numbers, and not used"
        notes.note(Code.BAD_POSITION, Severity.WARNING, text, int(rows.offset[~good][0]), int((~good).sum()))
        table = table.pick(good)
    return table


def _timed(notes: DataflashLog, table: Table) -> Table:
    time_us, offset, name = table.time_us, table.rows.offset, table.rows.name
    stray = time_us < 0
    if len(table) > 2:
        # A single row far from two neighbours that agree has a damaged time; a gap or a restart has no such pair.
        before, here, after = time_us[:-2], time_us[1:-1], time_us[2:]
        alone = np.minimum(np.abs(here - before), np.abs(here - after)) > STRAY_US
        stray[1:-1] |= alone & (np.abs(after - before) < STRAY_US)
    if stray.any():
        text = f"{int(stray.sum())} rows of {name} have an impossible time and are not used"
        notes.note(Code.CLOCK_DAMAGED, Severity.DAMAGE, text, int(offset[stray][0]), int(stray.sum()))
        table = table.pick(~stray)
    back = np.flatnonzero(np.diff(table.time_us) < 0)
    if len(back):
        text = f"the time of {name} goes back {len(back)} times (rows of another flight?); sorted by time"
        notes.note(Code.OUT_OF_ORDER, Severity.WARNING, text, int(table.rows.offset[back[0] + 1]), len(back))
    return table.in_order()


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _origin_known(table: Table) -> Bools:
    rows = table.rows
    return np.isfinite(rows.numbers("RelOriginAlt")) if rows.has("RelOriginAlt") else np.full(len(rows), True)


def _with_origin(table: Table) -> Table:
    return table.pick(_origin_known(table)).in_order()


# ---- accuracy, speed, height above ground


def _accuracies(table: Table, accuracy: Table | None) -> tuple[Floats, SigmaSource, Floats]:
    """Standard deviation per horizontal axis (HAcc is radial; without it HDOP times a range error), and vertically."""
    rows = table.rows
    logged_m, vertical_m = rows.numbers("EPH"), rows.numbers("EPV")
    if accuracy is not None:
        logged_m, vertical_m = (_nearest(table, accuracy.in_order(), name, within_us=0) for name in ("HAcc", "VAcc"))
    logged_m, vertical_m = (stated(metres, ACCURACY_AT_MOST_M) for metres in (logged_m, vertical_m))
    return *sigma_of_fixes(logged_m, rows.numbers("HDop"), rows.numbers("Status", "Fix")), vertical_m


def _speed(table: Table) -> Floats:
    speed = table.rows.numbers("Spd")
    if np.isnan(speed).all():
        speed = np.hypot(table.rows.numbers("VelN"), table.rows.numbers("VelE"))
    return np.where(np.isfinite(speed) & (speed >= 0), speed, np.nan)


def _above_ground(log: DataflashLog, table: Table) -> Floats:
    """Measured by a range finder that looks down, else from the autopilot's terrain data, at most half a second off."""
    height_m = np.full(len(table), np.nan)
    terrain = table_of(log, "TERR")
    if terrain is not None:
        usable = terrain.pick(terrain.rows.numbers("Status") == TERRAIN_OK).in_order()
        height_m = _nearest(table, usable, "CHeight")
    finder = table_of(log, "RFND")
    if finder is not None and finder.rows.has("Dist", "Stat", "Orient"):
        rows = finder.rows
        usable = finder.pick((rows.numbers("Stat") == RANGE_GOOD) & (rows.numbers("Orient") == DOWNWARD)).in_order()
        measured_m = _nearest(table, usable, "Dist")
        height_m = np.where(np.isnan(measured_m), height_m, measured_m)
    return height_m


def _pressure_altitude(log: DataflashLog, table: Table) -> Floats:
    """From the first barometer's static pressure in pascals, at most half a second off."""
    baro = _apart(table_of(log, "BARO")).get(0)
    if baro is None or not baro.rows.has("Press"):
        return np.full(len(table), np.nan)
    return static_pressure_altitude_m(_nearest(table, baro.in_order(), "Press") / 100)


def _above_ellipsoid(table: Table, accuracy: Table | None) -> Floats:
    """Sea height less GPA.Und of the same fix: ArduPilot means by it how far the ellipsoid lies above the sea."""
    if accuracy is None or not accuracy.rows.has("Und"):
        return np.full(len(table), np.nan)
    undulation_m = _nearest(table, accuracy.in_order(), "Und", within_us=0)
    return np.where(undulation_m == 0, np.nan, _finite(table.rows.numbers("Alt")) - undulation_m)


def _nearest_index(time_us: NDArray[np.int64], other_us: NDArray[np.int64]) -> NDArray[np.intp]:
    after = np.clip(np.searchsorted(other_us, time_us), 1, max(len(other_us) - 1, 1))
    after = np.minimum(after, len(other_us) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(time_us - other_us[before] < other_us[after] - time_us, before, after)


def _nearest(table: Table, other: Table, name: str, within_us: int = NEAR_US) -> Floats:
    """Another record's column at the row nearest in time, at most so far off; else NaN."""
    if not len(other):
        return np.full(len(table), np.nan)
    value = other.rows.numbers(name)
    index = _nearest_index(table.time_us, other.time_us)
    near = np.abs(other.time_us[index] - table.time_us) <= within_us
    return np.where(near & np.isfinite(value[index]), value[index], np.nan)


def _of_fix(table: Table, gnss: Track | None, column: str) -> Floats:
    """A column of the satellite fix nearest in time, at most two seconds off."""
    if gnss is None:
        return np.full(len(table), np.nan)
    time_us = gnss.time_ns // 1000
    index = _nearest_index(table.time_us, time_us)
    near = np.abs(time_us[index] - table.time_us) <= SIGMA_NEAR_US
    values: Floats = getattr(gnss, column)
    return np.where(near, values[index], np.nan)
