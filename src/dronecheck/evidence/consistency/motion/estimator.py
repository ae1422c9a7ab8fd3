"""KIN-4: what the autopilot's estimator said of its sensors: measurements it refused, and positions it set anew.

Not evidence of an edit by itself: receivers fail, compasses are disturbed. Who edits positions that were fed to an
estimator leaves its ratios as they were; they tell how good the recorded positions can be.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.stretches import places, runs
from dronecheck.flight import Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["estimator", "has_estimator"]

ID = "KIN-4"
FORMATS = ("ulog", "dataflash", "tlog")
REFUSED = 1.0
LASTS_S, LONG_S = 5.0, 30.0
RATIOS = {
    "pos_ratio": (Message("positions"), Concern.POSITION),
    "vel_ratio": (Message("velocities"), Concern.POSITION),
    "hgt_ratio": (Message("heights"), Concern.HEIGHT),
}
_INNOCENT = (
    Message("a receiver that lost its fix or caught reflected signals"),
    Message("vibration, or a compass that was disturbed"),
)


def has_estimator(flight: Flight) -> bool:
    """Tell whether logs of this format may hold what an estimator said of its sensors."""
    return flight.source.format in FORMATS


def estimator(flight: Flight) -> tuple[Statement, ...] | None:
    """Tell what an estimator refused, and how often it set itself anew (KIN-4); None where it recorded neither."""
    records = [witness for witness in flight.witnesses if witness.name == "estimator" and len(witness) > 1]
    found: list[Statement] = []
    ran = False
    for record in records:
        for column in RATIOS:
            if record.has(column):
                ran = True
                found += _refused(record, column)
        if record.has("reset_count"):
            ran = True
            found += _reset(record)
    return tuple(found) if ran else None


def _refused(record: Witness, column: str) -> list[Statement]:
    title, concern = RATIOS[column]
    over = np.nan_to_num(record.column(column), posinf=0.0, neginf=0.0) > REFUSED
    lasting, longest_s = _lasting(record, over)
    if not lasting.any():
        return []
    observed = Message(
        "{record}: the estimator refused the measured {what} for up to {longest_s}",
        record=record.message,
        what=title,
        longest_s=longest_s,
    )
    weight = Weight.NOTICE if longest_s > LONG_S and concern is Concern.POSITION else Weight.INFO
    return [
        Statement(
            ID, weight, concern, observed, Message("measurements that the estimator can use"),
            Message("a ratio of 1 for {least_s:g} s; unusual for {long_s:g} s", least_s=LASTS_S, long_s=LONG_S),
            _INNOCENT, records=places(record.offset, lasting),
        )
    ]  # fmt: skip


def _lasting(record: Witness, over: Bools) -> tuple[Bools, float]:
    """Return which records belong to runs of LASTS_S or longer, (n,), and the longest of them in seconds."""
    first, end = runs(over)
    lasts_s = (record.time_ns[end - 1] - record.time_ns[first]) / 1e9
    long = lasts_s >= LASTS_S
    edges = np.zeros(len(over) + 1, np.int64)
    edges[first[long]] += 1
    edges[end[long]] -= 1
    return np.cumsum(edges)[:-1] > 0, float(lasts_s.max()) if len(lasts_s) else 0.0


def _reset(record: Witness) -> list[Statement]:
    count = record.column("reset_count")
    again = np.concatenate([[False], np.nan_to_num(np.diff(np.nan_to_num(count))) != 0]) & np.isfinite(count)
    again[: int(np.argmax(np.isfinite(count))) + 1] = False
    if not again.any():
        return []
    observed = Message(
        "{record}: the estimator set its position anew ({count})", record=record.message, count=int(again.sum())
    )
    return [
        Statement(
            ID, Weight.INFO, Concern.POSITION, observed, Message("an estimate that goes on"), Message("none"),
            _INNOCENT, records=places(record.offset, again),
        )
    ]  # fmt: skip
