"""The charge of the battery against time: it falls, as fast as current can flow, and does not come back in flight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.stretches import finite, places, spans
from dronecheck.flight import Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["charge"]

ROWS_AT_LEAST = 10
NEAR_S = 3.0  # rows farther apart say nothing: the battery may have been changed
LEAST_MAH = 5.0
FASTER = 3.0  # than all but one in a hundred of the log's own rates
USUAL_SHARE = 0.99
BACK_AT_LEAST_MAH = 2.0
PERCENT = 5.0  # at once: of 30 real logs 4 at most

_EXPECTED = Message("a charge that falls no faster than the log's own current, and does not rise in flight")
_INNOCENT = (
    Message("the battery was changed, or its monitor was set back"),
    Message("the monitor corrected its estimate as the load changed"),
)


def charge(witness: Witness) -> Iterator[Statement]:
    """Give a statement for steps of the charge used, and of what remains."""
    step_s = np.diff(witness.time_ns) / 1e9
    is_near = (step_s > 0) & (step_s <= NEAR_S)
    is_near &= np.abs(witness.time_ns[1:] - witness.time_ns[:1]) > NEAR_S * 1e9  # what apps show at first is stale
    used, left = (finite(witness.column(name)) for name in ("used_mah", "remaining_percent"))
    if int(np.isfinite(used).sum()) >= ROWS_AT_LEAST:
        yield from _used(witness, np.diff(used), step_s, is_near)
    if int(np.isfinite(left).sum()) >= ROWS_AT_LEAST:
        known = (left[1:] > 0) & (left[:-1] > 0)  # before the first message the app writes 0
        steps = np.where(known, np.diff(np.where(np.isfinite(left), left, 0.0)), 0.0)
        usual = np.sort(np.abs(steps[is_near]))
        most = max(PERCENT, FASTER * float(usual[int(USUAL_SHARE * (len(usual) - 1))]) if len(usual) else PERCENT)
        rows = is_near & (np.abs(steps) > most)
        observed = Message(
            "{record}: the remaining charge steps by up to {percent:.0f} % between two records (places: {count})",
            record=witness.message,
            percent=float(np.abs(steps[rows]).max(initial=0.0)),
            count=int(rows.sum()),
        )
        yield from _told(witness, rows, observed, Message("a step of more than {percent:.0f} %", percent=most))


def _used(witness: Witness, steps_mah: Floats, step_s: Floats, is_near: Bools) -> Iterator[Statement]:
    """Find steps of the charge used that current cannot make, or that go back."""
    known = is_near & np.isfinite(steps_mah)
    if int(known.sum()) < ROWS_AT_LEAST:
        return
    sign = -1.0 if float(steps_mah[known].sum()) < 0 else 1.0  # a current sensor that is wired the other way round
    steps_mah = np.where(known, steps_mah * sign, 0.0)
    seconds = np.where(known, step_s, 1.0)
    rates = np.sort(steps_mah[known] / seconds[known])
    usual = max(float(rates[int(USUAL_SHARE * (len(rates) - 1))]), 0.0)
    most_mah = LEAST_MAH + FASTER * usual * seconds
    for rows, template, threshold in (
        (
            known & (steps_mah > most_mah),
            "{record}: {mah:.0f} mAh are gone from one record to the next, {seconds:.1f} s later (places: {count})",
            Message("more than {faster:g} times the usual current, and {least:g} mAh", faster=FASTER, least=LEAST_MAH),
        ),
        (
            known & (steps_mah < -np.maximum(BACK_AT_LEAST_MAH, usual * seconds)),
            "{record}: {mah:.0f} mAh come back from one record to the next, {seconds:.1f} s later (places: {count})",
            Message("a step back of more than {least:g} mAh, and the usual current", least=BACK_AT_LEAST_MAH),
        ),
    ):
        if rows.any():
            most = int(np.argmax(np.where(rows, np.abs(steps_mah), 0.0)))
            observed = Message(
                template,
                record=witness.message,
                mah=float(abs(steps_mah[most])),
                seconds=float(seconds[most]),
                count=int(rows.sum()),
            )
            yield from _told(witness, rows, observed, threshold)


def _told(witness: Witness, steps: Bools, observed: Message, threshold: Message) -> Iterator[Statement]:
    if not steps.any():
        return
    after, both = np.concatenate([[False], steps]), np.concatenate([[False], steps]) | np.concatenate([steps, [False]])
    yield Statement(
        id="CHN-1",
        severity=Weight.NOTICE,
        concern=Concern.TIME,
        observed=observed,
        expected=_EXPECTED,
        threshold=threshold,
        innocent=_INNOCENT,
        records=places(witness.offset, after),
        spans=spans(witness.offset, both),
    )
