"""`dronecheck zones feeds` and `zones fetch`: official zones, on request. All but typer loads when they run."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.cli.exits import EXIT_UNREADABLE
from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

if TYPE_CHECKING:
    from dronecheck.airspace.feeds.fetch import Fetched
    from dronecheck.airspace.feeds.table import Feed
    from dronecheck.airspace.library.store import Library

__all__ = ["feeds", "fetch"]


def feeds() -> int:
    """List the feeds of the table, with when each was last fetched."""
    from dronecheck.airspace.feeds.table import feeds as known
    from dronecheck.airspace.library.store import Library
    from dronecheck.report.terminal.zones import feeds_table

    typer.echo(feeds_table(known(), Library().editions()), nl=False)
    return 0


def fetch(
    codes: Annotated[
        list[str], typer.Argument(metavar="CODE...", help="Feeds, as `zones feeds` names them.", show_default=False)
    ],
    edition_from: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="First day from which you vouch for the zones; else from now on."),
    ] = None,
    accept_smaller: Annotated[
        bool, typer.Option("--accept-smaller", help="Keep it though it has less than half the zones of the last one.")
    ] = False,
) -> int:
    """Fetch each feed, one after the other; one that fails leaves the others."""
    from dronecheck.airspace.feeds.download import FetchFailed
    from dronecheck.airspace.feeds.table import feed_of
    from dronecheck.airspace.library.store import Library
    from dronecheck.timebase import moment_ns, utc_of

    wanted = [feed_of(code) for code in codes]
    for feed in wanted:
        if not feed.can_be_fetched:
            raise UsageError(
                f"zones fetch {feed.id}: its address is not known from any code that fetches it; its zones are at "
                f"{feed.page} - save the file, then: dronecheck zones add FILE --name {feed.id}"
            )
    try:
        begin = utc_of(moment_ns(edition_from)) if edition_from is not None else None
    except (ValueError, OverflowError):
        raise UsageError(f"--edition-from {plain(edition_from, 40)}: give a day as 2026-01-22") from None
    failed = 0
    for feed in wanted:
        try:
            _tell(feed, _fetched(feed, Library(), begin, accept_smaller))
        except FetchFailed as error:
            typer.echo(f"{feed.id}: nothing fetched: {error}", err=True)
            failed += 1
    return EXIT_UNREADABLE if failed else 0


def _fetched(feed: Feed, library: Library, begin: datetime | None, accept_smaller: bool) -> Fetched:
    from datetime import UTC

    from dronecheck.airspace.feeds.download import Downloader
    from dronecheck.airspace.feeds.fetch import fetch_feed
    from dronecheck.report.json.encode import tool_version

    hosts = ", ".join(sorted(feed.every_host))
    typer.echo(
        f"asking {hosts} for {feed.title} ({feed.format}, at most {feed.max_mb} MB; {feed.licence}): "
        f"{feed.url}\nit sees your network address, and nothing of your flights",
        err=True,
    )

    def progress(done: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done / 1e6:,.1f} MB")
            sys.stderr.flush()

    downloader = Downloader(feed.every_host, feed.max_mb * 1_000_000, f"dronecheck/{tool_version()}", progress=progress)
    try:
        return fetch_feed(feed, library, downloader, datetime.now(UTC), valid_from=begin, accept_smaller=accept_smaller)
    finally:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")


def _tell(feed: Feed, fetched: Fetched) -> None:
    from dronecheck.airspace.library.store import dates_text
    from dronecheck.quantities import plural
    from dronecheck.report.terminal.zones import issue_lines

    edition, count = fetched.edition, plural(len(fetched.zones.zones), "zone")
    what = "fetched" if fetched.is_new else "still the same:"
    dates = dates_text(edition.period)
    typer.echo(f"{what} {feed.id} edition {edition.manifest.sha256[:12]}: {count}, taken to hold {dates}")
    spoken = ", ".join(feed.covers) or "no territory as a whole: it can show an entry, and clears nothing"
    typer.echo(f"speaks for {spoken}; checks there use it from now on")
    for line in issue_lines(fetched.zones.issues):
        typer.echo(line)
