"""The zone library and the table of official feeds, as the page shows them. Nothing is fetched here."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import groupby

from dronecheck.airspace.feeds.table import feeds
from dronecheck.airspace.library.editions import in_force
from dronecheck.airspace.library.store import Edition, Library
from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

__all__ = ["edition_told", "feeds_told", "library_told", "removed"]


def library_told() -> dict[str, object]:
    """Return the sources of the library with their editions. Raises UsageError."""
    library = Library()
    sources = []
    for name, group in groupby(library.editions(), key=lambda edition: edition.manifest.name):
        editions = list(group)
        holding = _holding(editions)
        told = [edition_told(edition, is_in_force=number in holding) for number, edition in enumerate(editions)]
        sources.append({"id": name, "title": plain(name), "editions": told})
    return {"folder": plain(library.root), "sources": sources}


def edition_told(edition: Edition, *, is_in_force: bool | None = None) -> dict[str, object]:
    """Return one edition; `is_in_force` tells whether it holds now, None where nobody asked."""
    manifest = edition.manifest
    return {
        "id": manifest.sha256, "valid_from": _text(manifest.valid_from), "valid_to": _text(manifest.valid_to),
        "retrieved": _text(manifest.retrieved), "zones": manifest.zones, "in_force": is_in_force,
        "licence": manifest.licence, "authority": manifest.authority, "damage": str(edition.damage),
        "label": edition.label, "file": manifest.file_name, "covers": list(manifest.covers),
    }  # fmt: skip


def removed(source: str, sha256: str | None) -> int:
    """Take a source out of the library, or one edition of it, and return how many editions went. Raises UsageError."""
    library = Library()
    found = [one for one in library.editions(source) if sha256 is None or one.manifest.sha256 == sha256]
    if not found:
        raise UsageError(f"the zone library has no {plain(source, 80)!r} of that edition")
    for edition in found:
        library.remove(edition)
    return len(found)


def feeds_told() -> list[dict[str, object]]:
    """Return the official feeds: who publishes them, and the command that fetches one. Raises UsageError."""
    return [
        {
            "code": feed.id, "title": feed.title, "authority": feed.authority, "host": feed.host,
            "size_mb": feed.max_mb, "command": f"dronecheck zones fetch {feed.id}" if feed.can_be_fetched else "",
            "page": feed.page, "licence": feed.licence, "can_be_fetched": feed.can_be_fetched,
        }
        for feed in feeds()
    ]  # fmt: skip


def _holding(editions: list[Edition]) -> set[int]:
    now = time.time_ns()
    choice = in_force([edition.period for edition in editions], now, now)
    return {index for index, _ in choice.used} | set(choice.either)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
