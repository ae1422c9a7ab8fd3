"""`dronecheck audit`: many logs on the command line. Everything but typer loads when a command runs."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dronecheck.cli.options import FactsOnly, ReadUnits, grouped
from dronecheck.errors import UsageError
from dronecheck.safe.io import open_input, plain
from dronecheck.settings import Options

if TYPE_CHECKING:
    from dronecheck.audit.progress import Progress
    from dronecheck.audit.summary import Summary

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Many logs: an audit that goes on where it was stopped.")

EXIT_STOPPED = 130
_FAIL_ON = {"violation": "VIOLATION", "inconclusive": "INCONCLUSIVE", "unreadable": "unreadable", "failed": "failed"}


@app.command(
    help="Audit all logs below folders, of globs or by name. Run it again to go on, or with other zones or options.\n\n"
    "Example: dronecheck audit run logs/ --out audit/ --zones zones.geojson\n\n"
    "Exit codes: 0 completed, 2 usage, 130 stopped; with --fail-on 1 violation, 4 inconclusive, 3 unreadable, "
    "70 failed, the worst of those asked for in this order: 70, 1, 4, 3."
)
@grouped
def run(
    places: Annotated[list[str], typer.Argument(metavar="DIR|GLOB...", help="What to audit.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the audit.", show_default=False)],
    asked: Options,
    workers: Annotated[int | None, typer.Option(metavar="N", help="Processes; default: one a processor.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask: tcp://HOST:PORT, or local. Needs dronecheck[dask].")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Aircraft: columns serial,registration,pilot,base.")
    ] = None,
    progress: Annotated[
        str | None, typer.Option(metavar="json", help="Events as JSON lines on stdout instead of a bar.")
    ] = None,
    fail_on: Annotated[
        str | None, typer.Option(metavar="WHAT,...", help="violation, inconclusive, unreadable, failed.")
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also what is not clear as SARIF 2.1.0, for code scanning.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also a test case a log as JUnit XML, for CI systems.")
    ] = None,
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds that a file may take.")] = 120.0,
    memory_limit: Annotated[int, typer.Option(metavar="MB", help="Memory that a worker may use.")] = 4096,
) -> int:
    from dronecheck.audit.engine.local import Limits, LocalEngine, processors
    from dronecheck.audit.roster import read_roster
    from dronecheck.audit.run import Engine, run_audit

    wanted = _fail_on(fail_on)
    if workers is not None and not 1 <= workers <= 1024:
        raise UsageError("--workers: give a number of processes, such as 4")
    if not time_limit > 0 or memory_limit < 512:
        raise UsageError("--time-limit is in seconds, above 0; --memory-limit in megabytes, at least 512")
    if progress not in (None, "json"):
        raise UsageError(f"--progress {plain(progress, 20)}: use json, or leave it out")
    limits = Limits(time_limit, memory_limit)
    engine: Engine = LocalEngine(workers or processors(), limits)
    if dask is not None:
        from dronecheck.audit.engine.dask import DaskEngine

        engine = DaskEngine(dask, workers, limits)
    text = read_roster(open_input(roster)) if roster else None
    stop = threading.Event()
    shown = _progress(progress)
    before = [(s, signal.signal(s, lambda *_: stop.set())) for s in (signal.SIGINT, signal.SIGTERM)]
    try:
        summary = run_audit(places, out, asked.anchored(), engine, shown, stop, text)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        shown.close()
    shown.event("finish" if summary.finished else "stopped", files=summary.by_status, verdicts=summary.by_verdict)
    if progress is None:
        _tell(summary, out)
    if not summary.finished:
        return EXIT_STOPPED
    _write_gates(out, sarif, junit, is_told=progress is None)
    counts = {**summary.by_verdict, **summary.by_status}
    return next((code for what, code in wanted if counts.get(what)), 0)


def _write_gates(out: Path, sarif: Path | None, junit: Path | None, *, is_told: bool) -> None:
    """Write the audit for the gates of other tools, without what is private."""
    if sarif is None and junit is None:
        return
    from dronecheck.audit.ledger import Ledger
    from dronecheck.audit.privacy import without_private
    from dronecheck.audit.tables.gates import write_junit, write_sarif

    ledger = Ledger(out, write=False)
    try:
        for path, write, words in ((sarif, write_sarif, "results"), (junit, write_junit, "test cases")):
            if path is not None:
                count = write(ledger, path, without_private)
                if is_told:
                    typer.echo(f"wrote {plain(path)}: {count:,} {words}")
    finally:
        ledger.close()


IncludePrivate = Annotated[bool, typer.Option("--include-private", help="Also serial numbers, pilots and folders.")]
Pseudonymise = Annotated[
    Path | None,
    typer.Option(metavar="KEYFILE", help="Serial numbers, names and files' names as pseudonyms by this key."),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the audit.", show_default=False)]


@app.command(help="Write the audit as CSV: one sorted row a finding, or a file without one.")
def export(
    folder: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.csv", show_default=False)],
    include_private: IncludePrivate = False,
    pseudonymise: Pseudonymise = None,
) -> int:
    from dronecheck.audit.ledger import Ledger
    from dronecheck.audit.tables.write import export_csv

    change = _change(include_private, pseudonymise)
    ledger = Ledger(folder, write=False)
    try:
        rows = export_csv(ledger, output, change)
    finally:
        ledger.close()
    typer.echo(f"wrote {plain(output)}: {rows:,} rows")
    return 0


@app.command(
    help="Write the audit as one page, or with --flight the page of one log.\n\n"
    "Examples:\n\n  dronecheck audit report audit/ -o fleet.html\n\n"
    "  dronecheck audit report audit/ --flight 2026-05/flight.ulg -o flight.html"
)
def report(
    folder: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.html", show_default=False)],
    flight: Annotated[
        str | None, typer.Option(metavar="FILE", help="A log by its name in the audit or the start of its SHA-256.")
    ] = None,
    with_flights: Annotated[
        int,
        typer.Option("--with-flights", metavar="N", help="Also the pages of the first N flights that are not clear."),
    ] = 0,
    by_pilot: Annotated[bool, typer.Option("--by-pilot", help="Also counts by pilot, from the roster.")] = False,
    include_private: IncludePrivate = False,
    pseudonymise: Pseudonymise = None,
    facts_only: FactsOnly = False,
    units: ReadUnits = "metric",
) -> int:
    from dronecheck.audit.fleet.reporting import write_fleet_page, write_flight_page
    from dronecheck.audit.ledger import Ledger

    change = _change(include_private, pseudonymise)
    if pseudonymise and (flight or with_flights):
        raise UsageError(
            "--pseudonymise: a flight's own page shows its place and file; leave --flight and --with-flights"
        )
    ledger = Ledger(folder, write=False)
    try:
        if flight is not None:
            write_flight_page(
                ledger, flight, output, include_private=include_private, facts_only=facts_only, units=units
            )
        else:
            made = write_fleet_page(
                ledger, output, change, by_pilot=by_pilot, with_flights=with_flights, include_private=include_private,
                facts_only=facts_only, units=units,
            )  # fmt: skip
            if made:
                typer.echo(f"wrote {made:,} pages of flights in {plain(output.with_suffix(''))}_flights")
    finally:
        ledger.close()
    typer.echo(f"wrote {plain(output)}")
    return 0


def _change(include_private: bool, key: Path | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that takes out of a row what is not to leave the audit."""
    from dronecheck.audit.privacy import pseudonyms, without_private

    if key is not None:
        if include_private:
            raise UsageError("--pseudonymise and --include-private: give one of them")
        return pseudonyms(open_input(key))
    return dict if include_private else without_private


def _fail_on(text: str | None) -> list[tuple[str, int]]:
    """Return what to fail on, the worst first, with the exit code of each."""
    asked = [word.strip() for word in (text or "").split(",") if word.strip()]
    wrong = [word for word in asked if word not in _FAIL_ON]
    if wrong:
        raise UsageError(f"--fail-on {plain(wrong[0], 40)}: use {', '.join(_FAIL_ON)}")
    codes = (("failed", 70), ("violation", 1), ("inconclusive", 4), ("unreadable", 3))
    return [(_FAIL_ON[word], code) for word, code in codes if word in asked]


def _progress(how: str | None) -> Progress:
    from dronecheck.audit.progress import Bar, Events, Silent

    if how == "json":
        return Events(sys.stdout)
    return Bar() if sys.stderr.isatty() else Silent()


def _tell(summary: Summary, out: Path) -> None:
    """Tell the counts, in plain words."""
    from dronecheck.quantities import plural

    total = sum(summary.by_status.values())
    if not summary.finished:
        left = summary.by_status.get("waiting", 0)
        typer.echo(f"stopped: {total - left:,} of {plural(total, 'file')} done; run the same command again to go on")
        return
    typer.echo(f"{plural(total, 'file')}: {_listed(summary.by_status, _STATUS_WORDS)}")
    typer.echo(f"verdicts: {_listed(summary.by_verdict, _VERDICT_WORDS) or 'none'}")
    typer.echo(f"this run: {summary.read:,} read, {summary.judged_again:,} judged again from stored tracks")
    for what, serials in (
        ("serial numbers of logs are not in the roster", summary.unmatched_serials),
        ("roster entries have no log", summary.unused_roster),
    ):
        if serials:
            more = f" and {len(serials) - 5} more" if len(serials) > 5 else ""
            typer.echo(f"{len(serials)} {what}: {', '.join(plain(s, 40) for s in serials[:5])}{more}")
    typer.echo(f"in {plain(out)}: ledger.sqlite, flights.parquet, findings.parquet, tracks/")


_STATUS_WORDS = {
    "ok": "flights checked", "no_flight": "without a flight", "not_a_log": "no logs", "unreadable": "unreadable",
    "failed": "failed", "waiting": "waiting",
}  # fmt: skip
_VERDICT_WORDS = {"VIOLATION": "violation", "INCONCLUSIVE": "cannot tell", "CLEAR": "clear"}


def _listed(counts: dict[str, int], words: dict[str, str]) -> str:
    return ", ".join(f"{counts[key]:,} {word}" for key, word in words.items() if counts.get(key))
