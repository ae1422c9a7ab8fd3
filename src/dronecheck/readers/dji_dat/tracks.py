"""Records of a DJI .DAT file, with their times and heights above take-off -> tracks."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import SigmaSource, Track
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.mapping import Starts
from dronecheck.readers.common.position.fixes import ordered, placed, with_fix
from dronecheck.readers.common.position.position_sigma import beside_fix
from dronecheck.readers.common.records import Records, nearest_index

__all__ = ["fused_track", "gnss_track"]

NEAR_FIX_US = 2_000_000
NEAR_HEIGHT_US = 1_000_000
_SPEED_AT_MOST_MPS = 200.0
_HEIGHT_AT_MOST_M = 20_000.0


def gnss_track(rows: Records, estimate: tuple[Records, Floats], starts: Starts, account: Account) -> Track | None:
    """Return the receiver's fixes; None when there is none. Heights above take-off are those of the estimate before."""
    rows = _with_place(rows, account)
    lat, lon = (rows.numbers(name) / 1e7 for name in ("lat", "lon"))
    rows = placed(account, rows, lat, lon)
    rows, order = ordered(
        account, rows, rows.time_us < 0, rows.numbers("lat") / 1e7, rows.numbers("lon") / 1e7, _session(rows, starts)
    )
    if not len(rows):
        return None
    text = Message("what the receiver's heights are measured from is not known; only their differences are used")
    account.note(Code.HEIGHT_FRAME, Severity.INFO, text, int(rows.offset[0]), len(rows))
    speed_mps = np.hypot(rows.numbers("north"), rows.numbers("east")) / 100
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=rows.numbers("lat") / 1e7,
        lon_deg=rows.numbers("lon") / 1e7,
        alt_unframed_m=_height(rows.numbers("height") / 1000),
        alt_home_m=_before(rows, *estimate),
        speed_mps=np.where(speed_mps < _SPEED_AT_MOST_MPS, speed_mps, np.nan),
        offset=rows.offset,
        message=rows.name,
    )


def fused_track(rows: Records, height_m: Floats, gnss: Track | None, starts: Starts, account: Account) -> Track | None:
    """Return the aircraft's own estimate with its heights above take-off, shape (n,); None when there is none."""
    if not len(rows):
        return None
    by_offset = rows.offset, height_m
    rows = _with_place(rows, account)
    rows = placed(account, rows, np.degrees(rows.numbers("lat")), np.degrees(rows.numbers("lon")))
    lat, lon = (np.degrees(rows.numbers(name)) for name in ("lat", "lon"))
    rows, order = ordered(account, rows, rows.time_us < 0, lat, lon, _session(rows, starts))
    if not len(rows):
        return None
    is_near = np.zeros(len(rows), dtype=np.bool_)
    if gnss is not None:
        time_us = gnss.time_ns // 1000
        is_near = np.abs(time_us[nearest_index(time_us, rows.time_us)] - rows.time_us) <= NEAR_FIX_US
    sigma_m, _ = beside_fix(np.full(len(rows), np.nan), is_near, SigmaSource.ASSUMED)
    if gnss is None:
        text = Message(
            "the log holds no satellite fixes; all {rows} positions are the autopilot's estimate ({name})",
            rows=len(rows),
            name=rows.name,
        )
        account.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, int(rows.offset[0]), len(rows))
    home_m = _height(by_offset[1][np.searchsorted(by_offset[0], rows.offset)])
    pressure_m = _height(rows.numbers("height"))
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=np.degrees(rows.numbers("lat")),
        lon_deg=np.degrees(rows.numbers("lon")),
        alt_home_m=home_m,
        alt_unframed_m=np.where(np.isnan(home_m), pressure_m, np.nan),
        h_sigma_m=sigma_m,
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=SigmaSource.ASSUMED if is_near.any() else SigmaSource.ESTIMATE,
    )


def _with_place(rows: Records, account: Account) -> Records:
    return with_fix(account, rows, (rows.numbers("lat") != 0) | (rows.numbers("lon") != 0))


def _session(rows: Records, starts: Starts) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return starts.index(rows.offset).astype(np.int64)


def _height(metres: Floats) -> Floats:
    return np.where(np.abs(metres) <= _HEIGHT_AT_MOST_M, metres, np.nan)


def _before(rows: Records, estimate: Records, height_m: Floats) -> Floats:
    """Return the height of the last estimate before each row in the file, at most a second old; else NaN."""
    if not len(estimate):
        return np.full(len(rows), np.nan)
    at = np.searchsorted(estimate.offset, rows.offset) - 1
    near = np.abs(rows.time_us - estimate.time_us[np.maximum(at, 0)]) <= NEAR_HEIGHT_US
    return np.where((at >= 0) & near, _height(height_m)[np.maximum(at, 0)], np.nan)
