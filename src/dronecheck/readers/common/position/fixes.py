"""Which rows of a binary log are usable fixes: with a fix, on the globe, in the order flown; the rest is told."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.time_order import UNTIMED, FixOrder, in_order
from dronecheck.readers.common.records import Records

__all__ = ["on_globe", "ordered", "placed", "with_fix"]

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


def ordered(
    account: Account, rows: _R, is_impossible: Bools, lat_deg: Floats, lon_deg: Floats, session: Ints
) -> tuple[_R, FixOrder]:
    """Return the rows in the order flown, and that order; what is odd about their times is noted.

    `is_impossible`, shape (n,), says which times the format rules out; `session` which start of the clock a row is of.
    """
    time_ns = np.where(is_impossible, UNTIMED, rows.time_us * 1000)
    every = np.arange(len(rows), dtype=np.int64)
    order, issues = in_order(every, time_ns, (lat_deg, lon_deg), rows.offset, name=rows.name, session=session)
    account.issues += issues
    return rows if order.rows is every else rows.pick(order.rows), order
