"""Tests of a log against itself: Flight in, statements out. One module a test, each pure; the catalogue is `TESTS`.

A log can only be shown inconsistent. Consistency is no proof that it is authentic: who shifts everything alike, or
writes every record anew with care, is not found (docs/integrity.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dronecheck.evidence.consistency.clock.clocks import clocks, has_clocks
from dronecheck.evidence.consistency.clock.gaps import gaps
from dronecheck.evidence.consistency.heights.levels import heights
from dronecheck.evidence.consistency.motion.estimator import estimator, has_estimator
from dronecheck.evidence.consistency.motion.inertia import has_inertia, inertia
from dronecheck.evidence.consistency.motion.limits import limits
from dronecheck.evidence.consistency.motion.positions import positions
from dronecheck.evidence.consistency.receiver.fixes import fixes
from dronecheck.evidence.consistency.receiver.flags import flags, may_have_receiver
from dronecheck.evidence.consistency.receiver.simulator import simulator
from dronecheck.evidence.consistency.records.copies import copies, writes_binary
from dronecheck.evidence.consistency.records.ends import ends, has_ends
from dronecheck.evidence.consistency.records.framing import framing
from dronecheck.evidence.consistency.records.identity import identity
from dronecheck.evidence.consistency.records.phases import phases
from dronecheck.evidence.consistency.records.sources import sources
from dronecheck.evidence.consistency.table.arithmetic import arithmetic
from dronecheck.evidence.consistency.table.copies import copied_rows, is_csv
from dronecheck.evidence.consistency.table.form import text_form
from dronecheck.evidence.consistency.table.home import home_point
from dronecheck.evidence.consistency.table.rows import tells_places
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Integrity, Statement

__all__ = ["TESTS", "Test", "assess"]


@dataclass(frozen=True, slots=True)
class Test:
    """One test: `run` returns what it found, None where this log does not record what it needs.

    `applies` tells whether logs of this format may have what it needs at all.
    """

    id: str
    title: str
    run: Callable[[Flight], tuple[Statement, ...] | None]
    applies: Callable[[Flight], bool] = lambda flight: True


def _catalogue() -> tuple[Test, ...]:
    return (
        Test("KIN-1", "positions against recorded speeds", positions),
        Test("KIN-2", "accelerations, climbs and headings", limits),
        Test("KIN-3", "accelerometers against the way", inertia, has_inertia),
        Test("KIN-4", "what the estimator refused", estimator, has_estimator),
        Test("ALT-1", "heights against each other", heights),
        Test("TIM-1", "times that go on", gaps),
        Test("TIM-2", "clocks against each other, and the date in the file's name", clocks, has_clocks),
        Test("GNS-1", "what the receiver says of itself", flags, may_have_receiver),
        Test("GNS-2", "fixes that are straight, rounded or too quiet", fixes),
        Test("GNS-3", "marks of a simulator", simulator),
        Test("STR-1", "framing, checks and numbers of the records", framing),
        Test("STR-2", "stretches that stand in the log twice", copies, writes_binary),
        Test("STR-3", "a beginning or an end that was cut", ends, has_ends),
        Test("ID-1", "one aircraft in a file", identity),
        Test("CHN-1", "phases of the flight and the battery's charge", phases),
        Test("STR-2", "lines and rows that stand in a table twice", copied_rows, is_csv),
        Test("CSV-1", "columns that are calculated from others", arithmetic, tells_places),
        Test("CSV-2", "how the lines of a table are written", text_form, is_csv),
        Test("HOM-1", "the home point and the distances to it", home_point, tells_places),
        Test("SRC-1", "sources of one log against each other", sources),
    )


TESTS: tuple[Test, ...] = _catalogue()


def assess(flight: Flight) -> Integrity:
    """Return what all tests that apply to a flight's format say of it."""
    run: list[str] = []
    total: list[str] = []
    statements: list[Statement] = []
    for test in TESTS:
        if not test.applies(flight):
            continue
        total.append(test.id)
        found = test.run(flight)
        if found is not None:
            run.append(test.id)
            statements += found
    return Integrity(tuple(run), tuple(total), tuple(statements))
