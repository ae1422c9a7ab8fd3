"""What a process of the pool does with a zone file: says what is in it, and keeps it in the library when told to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.issues import Severity
from dronecheck.report.text.words import words
from dronecheck.safe.io import plain

__all__ = ["added", "validated"]

_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z .+&()\-_]+")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class _Dates:
    """When an edition holds, as it was typed."""

    begin: datetime | None
    end: datetime | None


def validated(path: Path, language: str) -> dict[str, object]:
    """Return what is in a zone file and what is wrong with it. Raises UsageError for one that cannot be read."""
    from dronecheck.airspace import choose, open_zone_file, read_input

    say = words(language)
    try:
        source = open_zone_file(path)
        zones = read_input(source)
    except UnreadableInput as error:
        raise UsageError(f"{plain(path.name)}: {error.message}") from None
    shown = sorted(zones.issues, key=lambda issue: issue.severity is Severity.INFO)
    try:
        title = choose(source.head, source.name).TITLE
    except UnreadableInput:
        title = ""
    return {
        "zones": len(zones.zones),
        "issues": [
            {"severity": i.severity.value, "code": i.code.value, "text": plain(say.message(i)), "count": i.count}
            for i in shown
        ],
        "covers": list(zones.sources[0].covers) if zones.sources else [],
        "title": title,
        "suggested": _NOT_IN_NAMES.sub(" ", path.stem)[:_LONGEST_NAME].strip() or "zones",
    }


def added(path: Path, given: Mapping[str, Any]) -> str:
    """Keep a zone file in the library, and return its edition's SHA-256. Raises UsageError."""
    from dronecheck.airspace import open_zone_file
    from dronecheck.airspace.library.store import Library, Manifest, checked_name
    from dronecheck.airspace.zone import CoversFrom
    from dronecheck.settings import covered

    codes = covered(str(given.get("covers") or "") or None)
    dates = _Dates(_moment(given.get("valid_from")), _moment(given.get("valid_to"), end_of_day=True))
    manifest = Manifest(
        name=checked_name(str(given.get("source") or "")),
        authority=str(given.get("authority") or "") or None,
        licence=str(given.get("licence") or "") or None,
        valid_from=dates.begin,
        valid_to=dates.end,
        covers=codes,
        covers_from=CoversFrom.USER if codes else None,
    )
    try:
        edition, _ = Library().add(open_zone_file(path), manifest)
    except UnreadableInput as error:
        raise UsageError(f"{plain(path.name)}: {error.message}") from None
    return edition.manifest.sha256


def _moment(text: object, *, end_of_day: bool = False) -> datetime | None:
    from dronecheck.timebase import moment_ns, utc_of

    if text in (None, ""):
        return None
    try:
        return utc_of(moment_ns(str(text), end_of_day=end_of_day))
    except (ValueError, OverflowError):
        raise UsageError(f"{plain(text, 40)}: give a day as 2026-01-22, or UTC as 2026-01-22T06:00Z") from None
