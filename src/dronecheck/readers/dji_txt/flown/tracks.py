"""Position records of a DJI flight record -> the tracks of the aircraft ("fused") and of the phone ("operator").

The rules are those of the CSV exports of the same records (`csvlog.fixes`): what counts as a fix, what is merged.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.flight import SigmaSource, Track
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import UNTIMED, in_order, signal_lost
from dronecheck.readers.common.position.position_sigma import sigma_by_level, sigma_by_satellites
from dronecheck.readers.common.quality.idle import ON_GROUND_M
from dronecheck.readers.dji_txt.clock import RecordTimes
from dronecheck.readers.dji_txt.records import DjiRecord

__all__ = ["APP_GPS_BYTES", "OSD_BYTES", "aircraft", "operator", "osd_rows"]

OsdRows = NDArray[np.void]

NEAR_ZERO_DEG = 1e-6
OSD_BYTES, APP_GPS_BYTES = 44, 16  # up to the last field that is needed
_OSD = np.dtype({
    "names": [
        "lon", "lat", "height", "vx", "vy", "vz", "pitch", "roll", "yaw", "mode", "state", "level", "satellites",
        "fly_time", "type",
    ],
    "formats": ["<f8", "<f8", *["<i2"] * 7, "u1", "u1", "u1", "u1", "<u2", "u1"],
    "offsets": [0, 8, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 42, 48],
    "itemsize": 49,
})  # fmt: skip


def osd_rows(records: list[DjiRecord]) -> OsdRows:
    """Return the OSD records as a table, shape (n,); the aircraft's type is 0 in version 1, which lacks it."""
    size = _OSD.itemsize
    return np.frombuffer(b"".join(r.payload[:size].ljust(size, b"\0") for r in records), dtype=_OSD)


def aircraft(rows: OsdRows, offsets: Ints, times: RecordTimes) -> tuple[Track, list[Issue]]:
    """Return positions with a satellite fix only; repeats at speed are merged."""
    issues: list[Issue] = []

    def note(code: Code, severity: Severity, text: Message, which: Bools) -> None:
        if which.any():
            issues.append(Issue(code, severity, text, int(offsets[which.argmax()]), int(which.sum())))

    with np.errstate(all="ignore"):  # damaged bytes are any number
        lat, lon = np.degrees(rows["lat"]), np.degrees(rows["lon"])
        on_globe = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
        at_zero = (np.abs(lat) < NEAR_ZERO_DEG) & (np.abs(lon) < NEAR_ZERO_DEG)
    level, satellites = (rows["level"] >> 2 & 0x0F).astype(np.float64), rows["satellites"].astype(np.float64)
    absent = at_zero | signal_lost(level, satellites, lat, lon)
    stray = times.stray & ~absent & on_globe
    note(Code.NO_FIX_ROWS, Severity.INFO, Message("records without a satellite fix, not used"), absent)
    note(
        Code.BAD_POSITION,
        Severity.WARNING,
        Message("positions off the globe or no numbers, not used"),
        ~absent & ~on_globe,
    )
    text = Message("flight times that fit neither their neighbours nor the phone's clock")
    note(Code.BAD_RECORD, Severity.DAMAGE, text, stray)
    time_ns = np.where(stray, UNTIMED, times.time_ns)
    order, more = in_order(np.flatnonzero(~absent & on_globe), time_ns, (lat, lon), offsets)
    issues += more
    keep = order.rows
    speed = np.hypot(rows["vx"].astype(np.float64), rows["vy"].astype(np.float64)) / 10
    here, before = keep[1:], keep[:-1]
    same = (lat[here] == lat[before]) & (lon[here] == lon[before]) & (rows["height"][here] == rows["height"][before])
    repeats = np.zeros(len(rows), dtype=np.bool_)
    repeats[here] = same & (speed[here] > 0)
    note(
        Code.REPEATED_POSITION,
        Severity.INFO,
        Message("records that repeat the last position at speed, merged"),
        repeats,
    )
    order = order.where(~repeats[keep])
    keep = order.rows
    if not len(keep):
        text = Message("no record has a position fix of the aircraft")
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, text, int(offsets[0])))
        return Track.empty(), issues
    track = Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        is_idle=_idle(rows[keep]),
        lat_deg=lat[keep],
        lon_deg=lon[keep],
        alt_home_m=rows["height"][keep] / 10,
        speed_mps=speed[keep],
        h_sigma_m=sigma_by_level(level[keep], sigma_by_satellites(satellites[keep])),
        offset=offsets[keep],
        message="OSD",
        h_sigma_source=SigmaSource.SATELLITES,
    )
    return track, issues


def _idle(rows: OsdRows) -> Bools:
    """Tell in which rows the motors are off and the aircraft is on the ground, as it says and by its height, (n,)."""
    is_off, is_down = (rows["state"] & 0x08) == 0, (rows["state"] & 0x06) <= 2
    return np.asarray(is_off & is_down & (np.abs(rows["height"] / 10) <= ON_GROUND_M), dtype=np.bool_)


def operator(records: list[DjiRecord], offsets: Ints, time_ns: Ints, near_deg: tuple[float, float]) -> Track | None:
    """Return the phone's own positions, one row per change, at the time of the OSD record before each.

    Versions 7 and 8 write the latitude first; whether all others do is not known: the order that lies nearer to the
    aircraft's first fix (`near_deg`, latitude and longitude) is taken for the whole record.
    """
    rows = np.searchsorted(offsets, np.array([record.offset for record in records], dtype=np.int64)) - 1
    pairs = np.array([struct.unpack_from("<dd", record.payload) for record in records], dtype=np.float64)
    pairs = pairs.reshape(-1, 2)
    with np.errstate(all="ignore"):
        away = [
            float(np.min(np.abs(order - near_deg).max(axis=1), initial=np.inf)) for order in (pairs, pairs[:, ::-1])
        ]
        lat, lon = pairs.T if not away[1] < away[0] else pairs[:, ::-1].T
        good = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & (rows >= 0)
        good &= ~((np.abs(lat) < NEAR_ZERO_DEG) & (np.abs(lon) < NEAR_ZERO_DEG))
    kept = np.flatnonzero(good)
    kept = kept[np.argsort(time_ns[rows[kept]], kind="stable")]
    if not len(kept):
        return None
    new = np.concatenate(([True], (np.diff(lat[kept]) != 0) | (np.diff(lon[kept]) != 0)))
    kept = kept[new]
    return Track.build(
        time_ns=time_ns[rows[kept]],
        lat_deg=lat[kept],
        lon_deg=lon[kept],
        offset=[records[i].offset for i in kept.tolist()],
        message="APP GPS",
    )
