"""Times as every report writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["instant", "iso_utc"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_utc(time_ns: int | None, utc_known: bool = True) -> str | None:
    """ISO 8601 UTC with Z and milliseconds (rounded half up); None when the time or UTC is unknown."""
    if time_ns is None or not utc_known:
        return None
    moment = _EPOCH + timedelta(milliseconds=(time_ns + 500_000) // 1_000_000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def instant(time_ns: int, start_ns: int, utc_known: bool) -> str:
    """As people read it, to the tenth (half up): 12:00:36.4 UTC; +36.4 s since the first fix where UTC is unknown."""
    if not utc_known:
        return f"{(time_ns - start_ns) / 1e9:+.1f} s"
    return (iso_utc(time_ns + 50_000_000) or "")[11:21] + " UTC"
