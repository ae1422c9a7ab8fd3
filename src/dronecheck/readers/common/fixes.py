"""Which rows of a binary log are usable fixes: with a fix, on the globe, with a time that can be; the rest is told."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.records import Records

__all__ = ["on_globe", "placed", "timed", "with_fix"]

STRAY_US = 10_000_000

_R = TypeVar("_R", bound=Records)


def with_fix(account: Account, rows: _R, has_fix: Bools) -> _R:
    """Return the rows with a satellite fix; the others are noted (NO_FIX_ROWS)."""
    if not has_fix.all():
        count = int((~has_fix).sum())
        text = Message(
            "{count} rows of {table} have no 3-D satellite fix and are not used", count=count, table=rows.name
        )
        account.note(Code.NO_FIX_ROWS, Severity.INFO, text, int(rows.offset[~has_fix][0]), count)
    return rows.pick(has_fix)


def on_globe(lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Return which positions can be one, shape (n,): numbers, on the globe and not at 0/0."""
    good: Bools = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ((lat_deg != 0) | (lon_deg != 0))
    return good


def placed(account: Account, rows: _R, lat_deg: Floats, lon_deg: Floats) -> _R:
    """Return the rows whose positions can be one; the others are noted (BAD_POSITION)."""
    good = on_globe(lat_deg, lon_deg)
    if not good.all():
        count = int((~good).sum())
        text = Message(
            "{count} positions of {table} are off the globe, at 0/0 or no numbers, and not used",
            count=count,
            table=rows.name,
        )
        account.note(Code.BAD_POSITION, Severity.WARNING, text, int(rows.offset[~good][0]), count)
    return rows.pick(good)


def timed(account: Account, rows: _R, is_impossible: Bools) -> _R:
    """Return the rows with a usable time, ascending, one a time; notes CLOCK_DAMAGED and OUT_OF_ORDER.

    `is_impossible`, shape (n,), says which times the format rules out; a single row far from two neighbours that agree
    has a damaged time as well (a gap or a restart has no such pair).
    """
    time_us, stray = rows.time_us, is_impossible
    if len(rows) > 2:
        before, here, after = time_us[:-2], time_us[1:-1], time_us[2:]
        alone = np.minimum(np.abs(here - before), np.abs(here - after)) > STRAY_US
        stray = stray.copy()
        stray[1:-1] |= alone & (np.abs(after - before) < STRAY_US)
    if stray.any():
        count = int(stray.sum())
        text = Message("{count} rows of {table} have an impossible time and are not used", count=count, table=rows.name)
        account.note(Code.CLOCK_DAMAGED, Severity.DAMAGE, text, int(rows.offset[stray][0]), count)
        rows = rows.pick(~stray)
    back = np.flatnonzero(np.diff(rows.time_us) < 0)
    if len(back):
        text = Message(
            "the time of {table} goes back {times} times (rows of another flight?); sorted by time",
            table=rows.name,
            times=len(back),
        )
        account.note(Code.OUT_OF_ORDER, Severity.WARNING, text, int(rows.offset[back[0] + 1]), len(back))
    return rows.ascending()
