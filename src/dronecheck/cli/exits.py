"""Exit codes, a contract: 0 clear, 1 violation, 2 usage, 3 unreadable input, 4 inconclusive, 70 internal failure."""

from __future__ import annotations

from dronecheck.geofence.result import Verdict

__all__ = ["COUNTED", "COUNTED_AS_FACTS", "EXIT_CODES", "EXIT_INTERNAL", "EXIT_UNREADABLE", "EXIT_USAGE", "WORST_FIRST"]

EXIT_CODES = {Verdict.CLEAR: 0, Verdict.VIOLATION: 1, Verdict.INCONCLUSIVE: 4}
EXIT_USAGE, EXIT_UNREADABLE, EXIT_INTERNAL = 2, 3, 70
COUNTED = {1: "violation", 4: "cannot tell", EXIT_INTERNAL: "failed", EXIT_UNREADABLE: "unreadable", 0: "clear"}
COUNTED_AS_FACTS = {
    1: "with positions inside or figures above", 4: "of which it cannot be told", EXIT_INTERNAL: "failed",
    EXIT_UNREADABLE: "unreadable", 0: "with neither",
}  # fmt: skip
WORST_FIRST = (EXIT_INTERNAL, 1, 4, EXIT_UNREADABLE, 0)
