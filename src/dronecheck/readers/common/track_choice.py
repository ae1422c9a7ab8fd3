"""Two tracks of one aircraft: whether they agree, and which of them is judged."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import Track
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account

__all__ = ["choose_primary", "compare"]


BRIDGE_US = 5_000_000
CONFLICT_M, CONFLICT_SIGMAS, CONFLICT_ROWS = 200.0, 5.0, 3
LATE_START_US, EARLY_END_US, GAP_US = 10_000_000, 2_000_000, 2_000_000
EARTH_M = 6_371_000.0


def compare(log: Account, one: Track, other: Track) -> bool:
    """Tell whether two tracks of one aircraft agree; note a conflict when they are grossly apart for several rows."""
    if len(one) < 1 or len(other) < 2:
        return True
    after = np.searchsorted(other.time_ns, one.time_ns, "left")
    inside = (after > 0) & (after < len(other))
    rows, after = np.flatnonzero(inside), after[inside]
    before = after - 1
    span = other.time_ns[after] - other.time_ns[before]
    rows, before, after, span = (a[span < BRIDGE_US * 1000] for a in (rows, before, after, span))
    share = (one.time_ns[rows] - other.time_ns[before]) / np.maximum(span, 1)
    lat = other.lat_deg[before] + share * (other.lat_deg[after] - other.lat_deg[before])
    lon = other.lon_deg[before] + share * _turn(other.lon_deg[after] - other.lon_deg[before])
    north = np.radians(lat - one.lat_deg[rows]) * EARTH_M
    east = np.radians(_turn(lon - one.lon_deg[rows])) * EARTH_M * np.cos(np.radians(lat))
    apart_m = np.hypot(north, east)
    sigma_m = np.hypot(np.nan_to_num(one.h_sigma_m[rows]), np.nan_to_num(other.h_sigma_m[after]))
    conflict = apart_m > CONFLICT_M + CONFLICT_SIGMAS * sigma_m
    if int(conflict.sum()) < CONFLICT_ROWS:
        return True
    far_m = float(apart_m[conflict].max())
    text = Message(
        "{one} and {other} are up to {far_m:,.0f} m apart in {count} of {rows} rows: records "
        "of one log contradict each other",
        one=one.message,
        other=other.message,
        far_m=far_m,
        count=int(conflict.sum()),
        rows=len(rows),
    )
    first = int(one.offset[rows[conflict][0]])
    count = int(conflict.sum())
    log.note(Code.POSITION_CONFLICT, Severity.TAMPER, text, first, count)
    log.contradicted_m = max(log.contradicted_m, far_m)
    return False


def _turn(degrees: Floats) -> Floats:
    return (degrees + 180.0) % 360.0 - 180.0


def choose_primary(gnss: Track | None, fused: Track | None, agree: bool) -> str:
    """Return the estimate where it agrees with the fixes and covers them, else the fixes; "" without positions."""
    if gnss is None or fused is None:
        return "gnss" if gnss is not None else "fused" if fused is not None else ""
    late_us = (fused.time_ns[0] - gnss.time_ns[0]) // 1000
    early_us = (gnss.time_ns[-1] - fused.time_ns[-1]) // 1000
    widest_us = max(2 * int(np.diff(gnss.time_ns).max(initial=0)) // 1000, GAP_US)
    whole = int(np.diff(fused.time_ns).max(initial=0)) // 1000 <= widest_us
    return "fused" if agree and whole and late_us <= LATE_START_US and early_us <= EARLY_END_US else "gnss"
