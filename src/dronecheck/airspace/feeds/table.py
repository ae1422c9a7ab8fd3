"""The table of official feeds: feeds.toml, as data.

`DRONECHECK_FEEDS` names another table, for mirrors within a company and for tests.
"""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

__all__ = ["Feed", "feed_of", "feeds", "feeds_for"]

_VARIABLE = "DRONECHECK_FEEDS"


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One official feed; without a `url` it is only named, with the `page` where it is published."""

    id: str
    covers: tuple[str, ...]
    lies_in: tuple[str, ...] = ()
    title: str
    authority: str
    format: str
    page: str
    kind: str = ""
    url: str = ""
    href: str = ""
    member: str = ""
    hosts: tuple[str, ...] = ()
    max_mb: int = 64
    cycle_days: int = 28
    cadence: str = ""
    licence: str = ""
    reuse: str = ""
    seen: str = ""

    @property
    def can_be_fetched(self) -> bool:
        """Tell whether its address is known from code that fetches it."""
        return bool(self.url)

    @property
    def territories(self) -> tuple[str, ...]:
        """Return the territories that its zones lie in."""
        return self.covers or self.lies_in

    @property
    def host(self) -> str:
        """Return the host that is asked first."""
        return urlsplit(self.url).hostname or ""

    @property
    def every_host(self) -> frozenset[str]:
        """Return all hosts that may be asked."""
        return frozenset({self.host, *self.hosts})


class _FeedTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: str
    feed: tuple[Feed, ...]


def feeds() -> tuple[Feed, ...]:
    """Return all feeds, those that can be fetched first. Raises UsageError for a table of the user's that is none."""
    given = os.environ.get(_VARIABLE)
    return _read(Path(given) if given else Path(__file__).with_name("feeds.toml"))


@lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Feed, ...]:
    try:
        table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _FeedTable)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise UsageError(f"{_VARIABLE}: {plain(path)} is no table of feeds ({plain(error, 200)})") from None
    return tuple(sorted(table.feed, key=lambda feed: (not feed.can_be_fetched, feed.id)))


def feed_of(code: str) -> Feed:
    """Return a feed by its id. Raises UsageError for one that there is not."""
    known = {feed.id: feed for feed in feeds()}
    feed = known.get(code.strip().upper())
    if feed is None:
        raise UsageError(f"zones fetch {plain(code, 20)}: no such feed; zones feeds lists them ({', '.join(known)})")
    return feed


def feeds_for(territories: tuple[str, ...]) -> tuple[Feed, ...]:
    """Return the feeds that speak for any of these territories (ISO alpha-3)."""
    return tuple(feed for feed in feeds() if set(feed.territories) & set(territories))
