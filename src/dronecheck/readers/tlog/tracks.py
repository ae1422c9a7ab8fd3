"""The tracks of a MAVLink log: satellite fixes and the autopilot's estimate.

    track    message                position               height                           accuracy
    gnss     GPS_RAW_INT,           lat, lon (1e-7 deg)    alt, alt_ellipsoid (mm; the      h_acc, v_acc (mm), else
             else GPS2_RAW                                 latter MAVLink 2 only)           eph (HDOP * 100)
    fused    GLOBAL_POSITION_INT    lat, lon (1e-7 deg)    alt, relative_alt (mm), above    that of the fix nearest
                                                           ground: see `heights`

A fix is fix_type 3 to 8 (3-D, differential, RTK, static, precise point). The estimate is used when satellite fixes
stand behind it or none were sent at all; with a receiver that never had a fix it is no evidence of place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import Home, Track
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import FixOrder, in_order
from dronecheck.readers.common.position.fixes import with_fix
from dronecheck.readers.common.position.position_sigma import FIX_3D, beside_fix, of_estimate, sigma_of_fixes, stated
from dronecheck.readers.common.position.track_choice import Sources, SourceWitness, settled
from dronecheck.readers.common.quality.simulation import is_copy_of_sea_heights
from dronecheck.readers.common.records import nearest_index
from dronecheck.readers.tlog.clock import Timeline
from dronecheck.readers.tlog.heights import above_ground, by_pressure
from dronecheck.readers.tlog.records import MessageLog, MessageRecords

__all__ = ["has_fix", "tracks_of"]


FIX_MESSAGES = ("GPS_RAW_INT", "GPS2_RAW")
FIX_LAST = 8
UNKNOWN_U16 = 65535
GEOID_LOWEST_M, GEOID_HIGHEST_M = -120.0, 100.0
NEAR_US = 5_000_000
_AT_ZERO = "{count} positions of {table} are at 0/0 and not used"
_AT_ZERO_AT_FIRST = "{count} positions of {table} are at 0/0 (before the first fix) and not used"


def has_fix(rows: MessageRecords) -> Bools:
    """Tell which rows have a 3-D fix."""
    fix = rows.values["fix_type"]
    return (fix >= FIX_3D) & (fix <= FIX_LAST)


def tracks_of(log: MessageLog, sender: int, line: Timeline, home: Home | None) -> Sources:
    """Return the tracks of one vehicle."""
    tables = [log.of(name, sender) for name in FIX_MESSAGES]
    tables = sorted((rows for rows in tables if len(rows)), key=lambda rows: not has_fix(rows).any())
    gnss = _gnss(log, tables[0], line, home) if tables else None
    fused = _fused(log, sender, line, gnss, bool(tables))
    witnesses = []
    for rows in tables[1:]:
        if has_fix(rows).any():
            text = Message("a second receiver ({table}) is not used; {other} is", table=rows.name, other=tables[0].name)
            log.note(Code.OTHER_RECEIVERS, Severity.INFO, text, int(rows.offset[0]))
            witness = _gnss(replace(log, issues=[]), rows, line, home)
            witnesses += [SourceWitness(witness)] if witness is not None else []
    sources = settled(gnss, fused, witnesses)
    log.issues += sources.issues
    return sources


def _gnss(log: MessageLog, rows: MessageRecords, line: Timeline, home: Home | None) -> Track | None:
    rows = _on_globe(log, with_fix(log, rows, has_fix(rows)))
    rows, _, order = _in_order(log, rows, line, line.of_fixes(rows))
    if not len(rows):
        return None
    amsl_m = rows.numbers("alt") / 1e3
    hdop = rows.numbers("eph") / 100  # 655.35 is unknown, and beyond what a fix can have
    h_sigma_m, source = sigma_of_fixes(stated(rows.numbers("h_acc") / 1e3), hdop, rows.values["fix_type"])
    speed = rows.numbers("vel")
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("lat") / 1e7,
        lon_deg=rows.numbers("lon") / 1e7,
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=source,
        alt_amsl_m=amsl_m,
        alt_hae_m=_hae(log, rows, amsl_m),
        alt_home_m=amsl_m - (home.alt_amsl_m if home else np.nan),
        h_sigma_m=h_sigma_m,
        v_sigma_m=stated(rows.numbers("v_acc") / 1e3),
        speed_mps=np.where(speed == UNKNOWN_U16, np.nan, speed / 100),
    )


def _fused(log: MessageLog, sender: int, line: Timeline, gnss: Track | None, receiver: bool) -> Track | None:
    rows = log.of("GLOBAL_POSITION_INT", sender)
    if not len(rows):
        return None
    if gnss is None:
        text = Message(
            "the log holds no satellite fixes; all {rows} positions are the autopilot's estimate", rows=len(rows)
        )
        if receiver:
            text = Message(
                "{rows} estimated positions are not used: the receiver never had a fix, they prove no place",
                rows=len(rows),
            )
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, int(rows.offset[0]), len(rows))
        if receiver:
            return None
    rows = _on_globe(log, rows, is_estimate=True)
    rows, time_us, order = _in_order(log, rows, line, line.final(rows, rows.ints("time_boot_ms") * 1000))
    if not len(rows):
        return None
    amsl_m, sigma_m = rows.numbers("alt") / 1e3, np.full(len(rows), np.nan)
    if gnss is not None:
        fix = nearest_index(gnss.time_ns // 1000, time_us)
        near = np.abs(gnss.time_ns[fix] // 1000 - time_us) <= NEAR_US
        sigma_m, source = beside_fix(gnss.h_sigma_m[fix], near, gnss.h_sigma_source)
    else:
        sigma_m, source = of_estimate(sigma_m)
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("lat") / 1e7,
        lon_deg=rows.numbers("lon") / 1e7,
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=source,
        alt_amsl_m=amsl_m,
        alt_home_m=rows.numbers("relative_alt") / 1e3,
        alt_agl_m=above_ground(log, sender, line, rows, time_us),
        pressure_alt_m=by_pressure(log, sender, line, time_us),
        h_sigma_m=sigma_m,
        speed_mps=np.hypot(rows.numbers("vx"), rows.numbers("vy")) / 100,
    )


def _on_globe(log: MessageLog, rows: MessageRecords, *, is_estimate: bool = False) -> MessageRecords:
    lat, lon = rows.ints("lat"), rows.ints("lon")
    empty = (lat == 0) & (lon == 0)
    off = (np.abs(lat) > 900_000_000) | (np.abs(lon) > 1_800_000_000)
    template = _AT_ZERO_AT_FIRST if is_estimate else _AT_ZERO
    at_zero = Message(template, table=rows.name, count=int(empty.sum()))
    off_globe = Message(
        "{count} positions of {table} are off the globe and not used", table=rows.name, count=int(off.sum())
    )
    for bad, text, severity in ((empty, at_zero, Severity.INFO), (off, off_globe, Severity.WARNING)):
        if bad.any():
            log.note(Code.BAD_POSITION, severity, text, int(rows.offset[bad][0]), int(bad.sum()))
    return rows.pick(~(empty | off))


def _in_order(
    log: MessageLog, rows: MessageRecords, line: Timeline, time_us: Ints
) -> tuple[MessageRecords, Ints, FixOrder]:
    """Return the rows in the order flown with their times (us), and that order."""
    place = rows.numbers("lat") / 1e7, rows.numbers("lon") / 1e7
    every = np.arange(len(rows), dtype=np.int64)
    session = line.sessions(rows.offset).astype(np.int64)
    order, issues = in_order(every, time_us * 1000, place, rows.offset, name=rows.name, session=session)
    log.issues += issues
    return rows.pick(order.rows), order.time_ns // 1000, order


def _hae(log: MessageLog, rows: MessageRecords, amsl_m: Floats) -> Floats:
    """Return the ellipsoidal height where it was sent and can be one; simulators copy the height above sea."""
    hae_m = rows.numbers("alt_ellipsoid") / 1e3
    sent = rows.values["alt_ellipsoid"] != 0
    if sent.any() and np.array_equal(hae_m[sent], amsl_m[sent]):
        lon, lat = rows.numbers("lon")[sent] / 1e7, rows.numbers("lat")[sent] / 1e7
        if not is_copy_of_sea_heights(hae_m[sent], amsl_m[sent], lon, lat):
            return np.where(sent, hae_m, np.nan)
        text = Message(
            "{table} gives the same height above ellipsoid and sea, as simulators do; the former is not used",
            table=rows.name,
        )
        log.note(Code.SIMULATED, Severity.INFO, text, int(rows.offset[0]))
        log.is_simulated = True
        return np.full(len(rows), np.nan)
    geoid_m = hae_m - amsl_m
    wrong = sent & ~((geoid_m > GEOID_LOWEST_M) & (geoid_m < GEOID_HIGHEST_M))
    if wrong.any():
        text = Message(
            "{count} ellipsoidal heights of {table} are too far from those above sea; not used",
            count=int(wrong.sum()),
            table=rows.name,
        )
        log.note(Code.HEIGHT_FRAME, Severity.WARNING, text, int(rows.offset[wrong][0]), int(wrong.sum()))
    return np.where(sent & ~wrong, hae_m, np.nan)
