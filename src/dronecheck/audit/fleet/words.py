"""What the fleet page says of flights: their verdicts, or where only facts are told what the records show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FACTS", "VERDICTS", "FleetWords"]

_OTHER_STATES = {
    "failed": "failed", "unreadable": "unreadable", "no_flight": "without a flight", "not_a_log": "no log",
    "waiting": "waiting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FleetWords:
    """The words of one fleet page: of each state, of integrity, and what the page says of them all.

    `codes` are what styles and scripts call the states; `causes` takes the place of what a cause says.
    """

    states: Mapping[str, str]
    note: str
    heads: tuple[str, str, str]
    integrity: Mapping[str, str]
    status: Mapping[str, str]
    damaged: str
    simulated: str
    more: str
    not_clear: str
    codes: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, str] = field(default_factory=dict)
    causes: tuple[tuple[str, str], ...] = ()

    @property
    def facts_only(self) -> bool:
        """Tell whether no verdict is told."""
        return bool(self.codes)

    def code(self, state: str) -> str:
        """Return what scripts call a state."""
        return self.codes.get(state, state)

    def look(self, state: str) -> str:
        """Return the class of what is drawn of a state."""
        return self.looks.get(state, state.lower())

    def cause(self, text: str) -> str:
        """Return what a flight's state rests on."""
        for told, instead in self.causes:
            text = text.replace(told, instead)
        return text


VERDICTS = FleetWords(
    states={"VIOLATION": "violation", "INCONCLUSIVE": "cannot tell", "CLEAR": "clear", **_OTHER_STATES},
    note=(
        "Violation: entered, or above a limit, by more than all errors; whether it was authorised no log tells. "
        '"Cannot tell" is open, not clear: somebody has to look. Clear holds for what was checked, as below.'
    ),
    heads=("Violation", "Cannot tell", "Clear"),
    integrity={
        "CONSISTENT": "consistent", "ANOMALIES": "with anomalies", "CANNOT_ASSESS": "that cannot be assessed",
    },
    status={"CONSISTENT": "CONSISTENT", "ANOMALIES": "ANOMALIES", "CANNOT_ASSESS": "CANNOT ASSESS"},
    damaged="{count:,} logs are damaged, cut short or contradict themselves (tables: column damage)",
    simulated="{count:,} flights are simulated by their own logs, or look so; {found:,} violations are among them",
    more="{count:,} more, with {found:,} violations.",
    not_clear="that are not clear",
    causes=(
        ("not entered on the line", "within the errors, or in a gap"), ("altitude limit", "height limit"),
        ("height: height unknown", "height: not recorded as the limit needs it"),
    ),
)  # fmt: skip
FACTS = FleetWords(
    states={"VIOLATION": "inside or above", "INCONCLUSIVE": "cannot be told", "CLEAR": "neither", **_OTHER_STATES},
    note=(
        '"Inside or above": by more than the errors, the record has positions inside the outline of a territory or '
        "zone, or figures above one that was compared, and the territory or zone is not among those named as home or "
        'allowed. "Cannot be told": the record does not decide it; that does not mean outside. "Neither": all others.'
    ),
    heads=("Inside or above", "Cannot be told", "Neither"),
    integrity={
        "CONSISTENT": "without an unusual statement", "ANOMALIES": "with unusual statements",
        "CANNOT_ASSESS": "of which no test could run",
    },
    status={
        "CONSISTENT": "no unusual statement", "ANOMALIES": "unusual statements", "CANNOT_ASSESS": "no test could run",
    },
    damaged="{count:,} logs are damaged, cut short or hold records that cannot all be true (tables: column damage)",
    simulated='{count:,} flights are simulated by their own logs, or look so; {found:,} "inside or above" among them',
    more='{count:,} more, with {found:,} "inside or above".',
    not_clear="with findings or without an answer",
    codes={"VIOLATION": "inside", "INCONCLUSIVE": "open", "CLEAR": "neither"},
    looks={"VIOLATION": "fact", "INCONCLUSIVE": "fact", "CLEAR": "fact"},
    causes=(
        ("border crossing", "territory"), ("zone entry", "zone"), ("altitude limit", "height"), ("rule limit", "rule"),
        ("not entered on the line", "within the errors, or in a gap"), ("log suspect", "records cannot all be true"),
    ),
)  # fmt: skip
