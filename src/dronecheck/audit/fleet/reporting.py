"""The pages of an audit: the fleet's, and a flight's own, made from its log when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from dronecheck.audit.engine.worker import judged
from dronecheck.audit.fleet.gather import gathered, numbered
from dronecheck.audit.fleet.page import fleet_page
from dronecheck.audit.fleet.words import FACTS, VERDICTS
from dronecheck.audit.ledger import Ledger
from dronecheck.audit.privacy import Row
from dronecheck.audit.tables.write import flights_of, roster_of
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.report.case import Disclosure
from dronecheck.safe.io import make_folder, open_input, plain, refuse_overwriting, write_atomic
from dronecheck.settings import CheckSetup, Options, units_named

__all__ = ["options_of", "write_fleet_page", "write_flight_page"]


def options_of(ledger: Ledger) -> Options:
    """Return the options of the last run."""
    kept = ledger.meta("options")
    if kept is None:
        raise UsageError("the audit has not run yet")
    return Options.from_text(kept)


def _told_in(ledger: Ledger, units: str) -> Options:
    """Return the options of the last run, for pages in these units: the answers are the same."""
    return replace(options_of(ledger), units=units)


def write_fleet_page(
    ledger: Ledger,
    output: Path,
    change: Callable[[Row], Row],
    *,
    by_pilot: bool,
    with_flights: int,
    include_private: bool,
    facts_only: bool = False,
    name: str | None = None,
    units: str = "metric",
) -> int:
    """Write the fleet page, and beside it the pages of flights that are not clear; how many of these.

    `name` is what the audit is called; None is its folder. `units` are those that people read. Raises UsageError.
    """
    serials = ledger.lines.serials()
    names = numbered(serials)
    pages: dict[str, str] = {}
    if with_flights > 0:
        disclosure = Disclosure(include_private, facts_only=facts_only)
        pages = _flight_pages(ledger, output, with_flights, _told_in(ledger, units), disclosure)

    def rows() -> Iterator[tuple[Row, list[Row]]]:
        for flight, findings in flights_of(ledger, roster_of(ledger)):
            shown = change(flight)
            if shown["serial"] is None:
                shown["serial"] = flight["serial"]  # only to number the aircraft; it is not shown
            if by_pilot and shown["pilot"] is None:
                shown["pilot"] = flight["pilot"]
            yield shown, [change(finding) for finding in findings]

    words = FACTS if facts_only else VERDICTS
    fleet = gathered(rows(), names, words)
    text = fleet_page(
        fleet,
        folder=plain(ledger.folder if name is None else name),
        by_pilot=by_pilot,
        pages=pages,
        words=words,
        units=units_named(units),
    )
    write_atomic(output, text.encode())
    return len(pages)


def _flight_pages(ledger: Ledger, output: Path, most: int, options: Options, disclosure: Disclosure) -> dict[str, str]:
    folder = output.with_name(f"{output.stem}_flights")
    make_folder(folder)
    setup = options.setup()
    pages: dict[str, str] = {}
    for flight, _ in flights_of(ledger, roster_of(ledger)):
        if len(pages) == most:
            break
        sha256 = flight["sha256"]
        if flight["status"] != "ok" or flight["verdict"] == "CLEAR" or sha256 in pages:
            continue
        try:
            _page_of(ledger.lines.path_of(sha256), sha256, setup, folder / f"{sha256[:16]}.html", disclosure)
        except (UsageError, UnreadableInput):
            continue  # the log has gone or changed since: no page, and no link to one
        pages[sha256] = f"{folder.name}/{sha256[:16]}.html"
    return pages


def write_flight_page(
    ledger: Ledger,
    name: str,
    output: Path,
    *,
    include_private: bool,
    facts_only: bool = False,
    units: str = "metric",
) -> None:
    """Write the page of one log, read anew. Raises UsageError for a name that is not one log's; UnreadableInput."""
    found = ledger.lines.named(name)
    if len(found) != 1:
        what = "no log" if not found else f"{len(found)} logs"
        raise UsageError(
            f"--flight {plain(name, 120)}: {what} of this audit; give its name there, or the start of its hash"
        )
    ((path, sha256),) = found
    refuse_overwriting([output], [Path(os.fsdecode(path))])
    disclosure = Disclosure(include_private, facts_only=facts_only)
    _page_of(path, sha256, _told_in(ledger, units).setup(), output, disclosure)


def _page_of(path: bytes, sha256: str, setup: CheckSetup, output: Path, disclosure: Disclosure) -> None:
    from dronecheck.report.page import write_page

    source = open_input(Path(os.fsdecode(path)))
    if source.sha256 != sha256:
        raise UsageError(f"{plain(source.path)}: the file is not the one that was audited; run the audit again")
    write_page(judged(source, setup), output, disclosure)
