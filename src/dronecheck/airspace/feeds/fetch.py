"""An official feed into the library: what is fetched is looked at before it becomes an edition.

An edition holds what was on the server between the first and the last time it was seen there, and a cycle of the feed
more. What a file itself says of its dates comes first; before the first time it was seen nothing is known, unless the
user vouches for it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
import numpy as np

from dronecheck.airspace import read_input
from dronecheck.airspace.covers import speaks_for
from dronecheck.airspace.feeds.download import Downloaded, Downloader, FetchFailed
from dronecheck.airspace.feeds.table import Feed
from dronecheck.airspace.library.store import Edition, Library, Manifest
from dronecheck.airspace.zone import CoversFrom, ZoneSet
from dronecheck.borders.nearest import nearest_territory
from dronecheck.borders.territories import Territory, territory_at
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input, plain, write_atomic
from dronecheck.safe.zip import open_zip

__all__ = ["Fetched", "fetch_feed"]

_BESIDE_M = 50_000.0  # of the territories that a feed speaks for: what lies farther is not its
_LEAST_INSIDE, _SAMPLE = 0.95, 400
_WIDEST_DEG = 90.0  # what is wider is a mask of the whole Earth
_LEAST_SHARE = 0.5  # of the zones of the edition before
_MOST_PAGES = 2_000
_PARTS = ".fetching"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed's edition in the library; `is_new` is false where the server still has what was known."""

    edition: Edition
    zones: ZoneSet
    is_new: bool


def fetch_feed(
    feed: Feed,
    library: Library,
    downloader: Downloader,
    now: datetime,
    *,
    valid_from: datetime | None = None,
    accept_smaller: bool = False,
) -> Fetched:
    """Fetch a feed and keep it as an edition; where anything is wrong the library stays as it was.

    `valid_from` is the first day for which the user vouches. Raises FetchFailed, UsageError where the library cannot be
    written.
    """
    got, from_day = _KINDS[feed.kind](feed, library, downloader, now)
    source = Input(Path(_name_of(feed, got.url)), got.body, hashlib.sha256(got.body).hexdigest())
    before = [each for each in library.editions(feed.id) if not each.damage]
    _refuse(feed, _read(source, feed), before, accept_smaller=accept_smaller)
    same = next((each for each in before if each.manifest.sha256 == source.sha256), None)
    given = Manifest(
        name=feed.id,
        authority=feed.authority,
        licence=feed.licence or None,
        valid_from=valid_from or from_day or (same.manifest.valid_from if same else None),
        covers=feed.covers,
        covers_from=CoversFrom.FEED,
        url=got.url,
        last_modified=got.last_modified,
        retrieved=same.manifest.retrieved if same and same.manifest.retrieved else now,
        seen=now,
    )
    try:
        edition, zones = library.add(source, given, unless_stated=(now, now + timedelta(days=feed.cycle_days)))
    except UnreadableInput as error:
        raise FetchFailed(f"{feed.host} answers with what is no edition: {plain(error.message, 200)}") from None
    shutil.rmtree(library.root / f"{_PARTS}-{feed.id}", ignore_errors=True)
    return Fetched(edition, zones, same is None)


def _name_of(feed: Feed, url: str) -> str:
    tail = urlsplit(url).path.rpartition("/")[2]
    return plain(tail, 80) if "." in tail else f"{feed.id.lower()}.json"


def _read(source: Input, feed: Feed) -> ZoneSet:
    try:
        return read_input(source, feed.covers)
    except UnreadableInput as error:
        raise FetchFailed(f"{feed.host} answers with what is no file of zones: {plain(error.message, 200)}") from None


def _refuse(feed: Feed, zones: ZoneSet, before: list[Edition], *, accept_smaller: bool) -> None:
    """Raise FetchFailed for a set of zones that cannot be this feed's, or is much smaller than it was."""
    if not zones.zones:
        raise FetchFailed(f"{feed.host} answers with no zones: that is no edition")
    outside = _share_outside(feed, zones)
    if outside > 1 - _LEAST_INSIDE:
        raise FetchFailed(
            f"{outside:.0%} of the zones lie more than 50 km from {', '.join(feed.territories)}: not what this feed has"
        )
    known = max((each.manifest.zones for each in before[-1:]), default=0)
    if len(zones.zones) < _LEAST_SHARE * known and not accept_smaller:
        raise FetchFailed(
            f"{len(zones.zones)} zones, where the last edition has {known}: --accept-smaller keeps them all the same"
        )


def _share_outside(feed: Feed, zones: ZoneSet) -> float:
    """Return the share of zones whose middle lies far from the territories that the feed speaks for."""
    boxes = zones.boxes_deg[zones.boxes_deg[:, 2] - zones.boxes_deg[:, 0] < _WIDEST_DEG]
    if not len(boxes):
        return 0.0
    some = boxes[np.unique(np.linspace(0, len(boxes) - 1, min(len(boxes), _SAMPLE)).astype(np.int64))]
    middles = np.column_stack([some[:, [0, 2]].mean(axis=1), some[:, [1, 3]].mean(axis=1)])

    def is_own(territory: Territory | None) -> bool:
        return territory is not None and speaks_for(feed.territories, territory)

    out = 0
    for place in middles:
        near = is_own(territory_at(*place.tolist())) or nearest_territory(place[None], _BESIDE_M, is_own)
        out += not near
    return out / len(middles)


# ---- kinds of feeds


_Got = tuple[Downloaded, datetime | None]  # the file, and the day from which it holds where its name says so


def _whole_file(feed: Feed, library: Library, downloader: Downloader, now: datetime) -> _Got:
    return downloader.get(feed.url), None


def _linked_file(feed: Feed, library: Library, downloader: Downloader, now: datetime) -> _Got:
    """Get the file that a page links to: of several with a day, the newest that is not in the future."""
    page = downloader.get(feed.url).body.decode("utf-8", "replace")
    dated = []
    for found in re.finditer(feed.href, page, re.IGNORECASE):
        day = found.groupdict().get("date")
        try:
            begin = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) if day else None
        except ValueError:
            continue
        dated.append((begin or now, begin, unescape(found[1])))
    if not dated:
        raise FetchFailed(f"the page of {feed.host} links to no file of zones any more")
    _, begin, href = max([each for each in dated if each[0] <= now] or [min(dated)])
    got = downloader.get(urljoin(feed.url, href))
    return (_from_archive(feed, got) if feed.member else got), begin


def _from_archive(feed: Feed, got: Downloaded) -> Downloaded:
    """Return the file of zones in an archive, checked by the digest beside it. Raises FetchFailed."""
    try:
        archive = open_zip(got.body)
        wanted = (m for m in archive.members if m.suffix == ".sha256" or re.fullmatch(feed.member, _tail(m.name)))
        found = {member.name: archive.read(member) for member in wanted}
    except UnreadableInput as error:
        raise FetchFailed(f"{feed.host} answers with an archive that cannot be read: {error.message}") from None
    named = [name for name in found if re.fullmatch(feed.member, _tail(name))]
    if len(named) != 1:
        raise FetchFailed(f"the archive of {feed.host} holds {len(named)} files of zones, not one")
    body = found[named[0]]
    for name, content in found.items():
        if name.endswith(".sha256") and hashlib.sha256(body).hexdigest().encode() not in content.lower():
            raise FetchFailed(f"the file in the archive of {feed.host} is not the one that its digest is of")
    return Downloaded(body, got.url, got.last_modified)


def _tail(name: str) -> str:
    return name.rpartition("/")[2]


def _most_bytes(feed: Feed) -> int:
    return feed.max_mb * 1_000_000


class _ArcgisPage(msgspec.Struct):
    """What is read of a page: its features as they are, and whether there are more."""

    features: list[msgspec.Raw] | None = None
    exceededTransferLimit: bool = False  # the service's own name
    properties: dict[str, object] = {}
    error: msgspec.Raw | None = None


def _paged(feed: Feed, library: Library, downloader: Downloader, now: datetime) -> _Got:
    """Get all pages of a query, one collection; pages that came before an interruption are taken from the disk."""
    folder = library.root / f"{_PARTS}-{feed.id}"
    features: list[msgspec.Raw] = []
    size, seen, last = 0, set[bytes](), None
    for number in range(_MOST_PAGES):
        kept = folder / f"{number:05}.json"
        body = kept.read_bytes() if kept.is_file() else None
        if body is None:
            query = {"where": "1=1", "outFields": "*", "outSR": "4326", "f": "geojson", "orderByFields": "OBJECTID"}
            got = downloader.get(f"{feed.url}?{urlencode({**query, 'resultOffset': str(len(features))})}")
            body, last = got.body, got.last_modified
        page = _page(feed, body)
        digest = hashlib.sha256(body).digest()
        if digest in seen:
            raise FetchFailed(f"{feed.host} answers with the same page twice")
        seen.add(digest)
        if not kept.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(kept, body)
        features += page.features or []
        size += len(body)
        if size > _most_bytes(feed):
            raise FetchFailed(f"{feed.host} answers with more than {feed.max_mb} MB in its pages, which is not taken")
        if not (page.exceededTransferLimit or page.properties.get("exceededTransferLimit")):
            whole = b'{"type":"FeatureCollection","features":[' + b",".join(map(bytes, features)) + b"]}\n"
            return Downloaded(whole, feed.url, last), None
        if not page.features:
            raise FetchFailed(f"{feed.host} says that there are more features, and gives none")
    raise FetchFailed(f"{feed.host} gives pages without end")


def _page(feed: Feed, body: bytes) -> _ArcgisPage:
    try:
        page = msgspec.json.decode(body, type=_ArcgisPage)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FetchFailed(f"{feed.host} answers with what is no page of features ({plain(error, 120)})") from None
    if page.error is not None or page.features is None:
        said = plain(bytes(page.error).decode("utf-8", "replace"), 200) if page.error is not None else "no features"
        raise FetchFailed(f"{feed.host} answers with an error of its own: {said}")
    return page


_KINDS: dict[str, Callable[[Feed, Library, Downloader, datetime], _Got]] = {
    "file": _whole_file,
    "page": _linked_file,
    "arcgis": _paged,
}
