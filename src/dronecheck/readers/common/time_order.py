"""What tracks from text formats share: order in time, and rows without a signal."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["ascending", "signal_lost"]


SATELLITES_FOR_A_FIX = 6


def signal_lost(level: Floats, satellites: Floats | None, lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Return the rows at DJI's signal level 0 before the first signal, or that repeat the position while it is lost."""
    lost = level == 0
    if satellites is not None:
        lost &= ~(satellites >= SATELLITES_FOR_A_FIX)  # enough satellites and level 0: the level was not filled in
    before_first = ~np.logical_or.accumulate(level > 0)
    repeated = np.zeros(len(level), dtype=np.bool_)
    repeated[1:] = (lat_deg[1:] == lat_deg[:-1]) & (lon_deg[1:] == lon_deg[:-1])
    return np.asarray(lost & (before_first | repeated), dtype=np.bool_)


def ascending(rows: Ints, time_ns: Ints, place: tuple[Floats, Floats], offset: Ints) -> tuple[Ints, list[Issue]]:
    """Return the rows by ascending time, one of each time, with notes; columns are those of the file, shape (n,)."""
    issues: list[Issue] = []
    back = np.flatnonzero(np.diff(time_ns[rows]) < 0)
    if len(back):
        text = Message("the times run backwards; fixes are sorted by time")
        issues.append(Issue(Code.OUT_OF_ORDER, Severity.WARNING, text, int(offset[rows[back[0] + 1]]), len(back)))
        rows = rows[np.argsort(time_ns[rows], kind="stable")]
    again = np.flatnonzero(np.diff(time_ns[rows]) == 0) + 1
    if len(again):
        here, before = rows[again], rows[again - 1]
        moved = int(np.sum(np.any([axis[here] != axis[before] for axis in place], axis=0)))
        text = Message(
            "fixes that repeat the time of the one before, left out ({moved} of them with another position)",
            moved=moved,
        )
        severity = Severity.WARNING if moved else Severity.INFO
        issues.append(Issue(Code.REPEATED_POSITION, severity, text, int(offset[here[0]]), len(again)))
    return np.delete(rows, again), issues
