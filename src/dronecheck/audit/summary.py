"""What a run did, and how the audit stands after it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Summary"]


@dataclass
class Summary:
    """Counts of files by status and verdict; serial numbers and roster entries that found no partner."""

    finished: bool
    read: int = 0
    judged_again: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    by_verdict: dict[str, int] = field(default_factory=dict)
    unmatched_serials: list[str] = field(default_factory=list)
    unused_roster: list[str] = field(default_factory=list)
