"""Flights with statements of integrity of our own: what reports and verdicts do with them, whatever tests there are."""

from __future__ import annotations

from dataclasses import replace

from dronecheck.flight import Concern, Flight, Integrity, Statement, Weight
from dronecheck.messages import Message

__all__ = ["stated", "with_statements"]


def stated(
    *spans: tuple[int, int],
    concern: Concern = Concern.POSITION,
    severity: Weight = Weight.CONTRADICTION,
    **more: object,
) -> Statement:
    """Return a statement about spans of a file, as a test of positions against speed would make it."""
    made = Statement(
        id="KIN-1",
        severity=severity,
        concern=concern,
        observed=Message(
            "positions move at {moved_mps:.1f} m/s, the logged speed is {logged_mps:.1f} m/s",
            moved_mps=31.0,
            logged_mps=4.0,
        ),
        expected=Message("both within {gate_mps:g} m/s of each other", gate_mps=5.0),
        threshold=Message("{gate_mps:g} m/s over {window_s}", gate_mps=5.0, window_s=1.0),
        innocent=(Message("a receiver that catches up after a loss of its fix"),),
        records=tuple(first for first, _ in spans),
        spans=spans,
    )
    return replace(made, **more)


def with_statements(flight: Flight, *statements: Statement, run: int = 11, total: int = 14) -> Flight:
    """Return the flight as if its tests had found these statements."""
    ids = tuple(f"T-{number}" for number in range(total))
    return replace(flight, integrity=Integrity(ids[:run], ids, statements))
