"""The offsets that a camera's clock may have: a time zone, and a few minutes that it goes wrong."""

from __future__ import annotations

__all__ = ["OFFSET_AT_MOST_S", "zone_of"]

QUARTER_S, SLACK_S = 900.0, 300.0
OFFSET_AT_MOST_S = 14 * 3600.0 + SLACK_S


def zone_of(delta_s: float) -> int | None:
    """Return how many quarters of an hour an offset is, within five minutes; None where it is no zone's.

    >>> zone_of(-28_800.0 + 37), zone_of(450.0)
    (-32, None)
    """
    quarters = round(delta_s / QUARTER_S)
    return quarters if abs(delta_s - quarters * QUARTER_S) <= SLACK_S else None
