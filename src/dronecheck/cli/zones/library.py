"""`dronecheck zones`: the zone library on the command line. Everything but typer loads when a command runs."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.cli.zones.feeds import feeds, fetch
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe.io import plain, refuse_overwriting, write_atomic

if TYPE_CHECKING:
    from dronecheck.airspace.library.store import Edition, Library
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.issues import Issue
    from dronecheck.safe.io import Input

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The zone library: zone files kept with their dates, for every check.")
app.command("feeds", help="List the official feeds: which `zones fetch` can bring, and where the others are.")(feeds)
app.command(
    help="Fetch official zones into the library. The one command here that uses the network, and only when asked: the "
    "host sees your address, and nothing of your flights.\n\n"
    "Exit codes: 0 fetched, or still the same; 3 nothing was fetched, and the library is as it was.\n\n"
    "Example: dronecheck zones fetch CH"
)(fetch)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Source, as 'zones list' names it.", show_default=False)]
EditionOption = Annotated[
    str | None, typer.Option("--edition", metavar="SHA", help="Which edition: the beginning of its SHA-256.")
]


CoversOption = Annotated[
    str | None,
    typer.Option("--covers", metavar="ISO3,...", help="Territories it speaks for, by code or name; SEA: the open sea."),
]


@app.command(
    help="Read a zone file and keep it. One name holds many editions side by side.\n\n"
    "Example: dronecheck zones add ch-2026.json --name CH --valid-from 2026-01-22 --valid-to 2026-07-08"
)
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zone file.", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The source, such as CH.", show_default=False)],
    authority: Annotated[str | None, typer.Option(metavar="TEXT", help="Who published it.")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="DATE", help="First day or time it holds, UTC.")] = None,
    valid_to: Annotated[str | None, typer.Option(metavar="DATE", help="Last day, or the time it ends, UTC.")] = None,
    licence: Annotated[str | None, typer.Option(metavar="TEXT", help="Terms of the data.")] = None,
    covers: CoversOption = None,
) -> int:
    from dronecheck.airspace import open_zone_file
    from dronecheck.airspace.library.store import Library, Manifest, checked_name, dates_text
    from dronecheck.airspace.zone import CoversFrom
    from dronecheck.quantities import plural
    from dronecheck.report.terminal.zones import covers_text
    from dronecheck.settings import covered

    codes = covered(covers)
    given = Manifest(
        name=checked_name(name),
        authority=authority,
        licence=licence,
        valid_from=_moment(valid_from, "--valid-from"),
        valid_to=_moment(valid_to, "--valid-to", end_of_day=True),
        covers=codes,
        covers_from=CoversFrom.USER if codes else None,
    )
    try:
        edition, zones = Library().add(open_zone_file(file), given)
    except UnreadableInput as error:
        raise UnreadableInput(error.code, f"{plain(file.name)}: {error.message}") from None
    dates = dates_text(edition.period)
    when = f"valid {dates}" if dates else "without dates (--valid-from and --valid-to give them)"
    count = plural(len(zones.zones), "zone")
    typer.echo(f"added {plain(edition.manifest.name)} edition {edition.manifest.sha256[:12]}: {count}, {when}")
    typer.echo(covers_text(zones.sources[0]), nl=False)
    _tell(zones.issues)
    return 0


@app.command("list", help="List the editions in the library.")
def list_() -> int:
    from dronecheck.report.terminal.zones import editions_table

    library = _library()
    typer.echo(editions_table(library.editions(), str(library.root)), nl=False)
    return 0


@app.command(help="Show the zones of a source: of the edition in force today, else of its newest.")
def show(
    name: Name,
    edition: EditionOption = None,
    plot: Annotated[Path | None, typer.Option(metavar="OUT.png", help="Draw the zones, too.")] = None,
) -> int:
    from dronecheck.report.terminal.zones import covers_text, editions_table, zones_table

    chosen, zones = _open(name, edition)
    typer.echo(editions_table([chosen]), nl=False)
    typer.echo(covers_text(zones.sources[0]))
    typer.echo(zones_table(zones.zones), nl=False)
    _tell(zones.issues)
    if plot is not None:
        from dronecheck.report.figures.zones import zones_png

        terms = [text for text in (chosen.manifest.authority, chosen.manifest.licence) if text]
        write_atomic(plot, zones_png(zones.zones, f"{chosen.manifest.name} ({chosen.label})", terms))
        typer.echo(f"wrote {plain(plot)}")
    return 0


@app.command(help="Read a zone file and say what is in it and what is wrong with it. Exit codes: 0 read, 3 unreadable.")
def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zone file.", show_default=False)],
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT.json|-", help="Write JSON; - prints it.")
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(metavar="SCHEMA.json", help="Also list where the file departs from this JSON schema."),
    ] = None,
) -> int:
    from dronecheck.airspace import open_zone_file, read_input
    from dronecheck.quantities import plural
    from dronecheck.report.json.zones_document import encode, error_document, zones_document
    from dronecheck.report.terminal.zones import covers_text, decisions_text, zones_table

    if json_out and json_out != "-":
        refuse_overwriting([Path(json_out)], [file])
    source = None
    try:
        source = open_zone_file(file)
        zones = read_input(source)
    except UnreadableInput as error:
        if json_out:
            _write(json_out, encode(error_document(file, source, error.code, error.message)))
        raise UnreadableInput(error.code, f"{plain(file.name)}: {error.message}") from None
    if json_out:
        _write(json_out, encode(zones_document(source, zones)))
    if json_out != "-":
        typer.echo(zones_table(zones.zones), nl=False)
        found = plural(sum(issue.count for issue in zones.issues), "note")
        typer.echo(f"{plural(len(zones.zones), 'zone')}, {found}")
        typer.echo(covers_text(zones.sources[0]), nl=False)
        typer.echo(decisions_text(zones.zones), nl=False)
        _tell(zones.issues)
    if schema:
        _departures(source, schema, err=json_out == "-")
    return 0


def _departures(source: Input, schema: Path, *, err: bool) -> None:
    from dronecheck.airspace.json.schema_report import departures
    from dronecheck.quantities import plural

    found = departures(source, schema)
    where = f"of {plain(schema.name)}"
    typer.echo(f"keeps every rule {where}" if not found else f"{plural(len(found), 'rule')} {where} not kept:", err=err)
    for one in found:
        first = f", first in feature {one.first}" if one.first else ""
        typer.echo(f"  {one.place} {one.rule}: {one.example} ({plural(one.count, 'time')}{first})", err=err)


@app.command(help="Write an edition as GeoJSON in dronecheck's profile (docs/zones.md).")
def export(
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.geojson", show_default=False)],
    edition: EditionOption = None,
) -> int:
    from dronecheck.airspace.json.write import write

    _, zones = _open(name, edition)
    write_atomic(output, write(zones.zones, zones.sources[0]))
    typer.echo(f"wrote {plain(output)}: {len(zones.zones)} zones")
    return 0


@app.command(help="Remove a source with all its editions, or one edition of it.")
def remove(name: Name, edition: EditionOption = None) -> int:
    library = _library()
    for chosen in _editions(library, name, edition):
        library.remove(chosen)
        typer.echo(f"removed {plain(chosen.manifest.name)} edition {chosen.manifest.sha256[:12]}")
    return 0


def _library() -> Library:
    from dronecheck.airspace.library.store import Library

    return Library()


def _editions(library: Library, name: str, sha256: str | None) -> list[Edition]:
    found = library.editions(name)
    if not found:
        known = ", ".join(dict.fromkeys(plain(edition.manifest.name) for edition in library.editions()))
        raise UsageError(f"the zone library has no {plain(name, 80)!r}; it has {known or 'none (zones add)'}")
    chosen = [e for e in found if e.manifest.sha256.startswith((sha256 or "").lower())]
    if not chosen or (sha256 is not None and len(chosen) > 1):
        have = ", ".join(edition.manifest.sha256[:12] for edition in found)
        raise UsageError(f"--edition {plain(sha256, 64)}: {plain(name)} has {have}; give the beginning of one")
    return chosen


def _open(name: str, sha256: str | None) -> tuple[Edition, ZoneSet]:
    """Open one edition with its zones: the one asked for, the one in force now, or the newest."""
    import time

    from dronecheck.airspace.library.editions import in_force
    from dronecheck.airspace.library.for_flight import zones_of
    from dronecheck.airspace.library.index import Damaged

    library = _library()
    found = _editions(library, name, sha256)
    now = time.time_ns()
    choice = in_force([edition.period for edition in found], now, now)
    holding = [index for index, _ in choice.used] or list(choice.either) or [len(found) - 1]
    chosen = found[holding[-1]]
    try:
        return chosen, zones_of(library, chosen)
    except Damaged as why:
        raise UsageError(
            f"edition {chosen.manifest.sha256[:12]} of {plain(name)} cannot be read: {why}; add its file again, or "
            f"remove it: dronecheck zones remove {plain(name)!r} --edition {chosen.manifest.sha256[:12]}"
        ) from None


def _moment(text: str | None, option: str, *, end_of_day: bool = False) -> datetime | None:
    from dronecheck.timebase import moment_ns, utc_of

    if text is None:
        return None
    try:
        return utc_of(moment_ns(text, end_of_day=end_of_day))
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {plain(text, 40)}: give a day as 2026-01-22, or UTC as 2026-01-22T06:00Z") from None


def _tell(issues: tuple[Issue, ...]) -> None:
    from dronecheck.report.terminal.zones import issue_lines

    for line in issue_lines(issues):
        typer.echo(line)


def _write(out: str, raw: bytes) -> None:
    if out == "-":
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    else:
        write_atomic(Path(out), raw)
