"""`dronecheck track` and `dronecheck formats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dronecheck.cli.options import DjiKeychain, HideHome, System, disclosure_of
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.readers import READERS, load
from dronecheck.safe.extras import require
from dronecheck.safe.io import as_meant, open_input, plain, refuse_overwriting
from dronecheck.settings import checked_keys, read_log

__all__ = ["HELP", "formats", "track"]

FORMATS_HELP = "List the log and zone formats that are read."
HELP = (
    "Write a log's track as .csv, .parquet, .geojson, .gpx, .kml or .gpkg.\n\n"
    "Example: dronecheck track flight.ulg -o track.csv"
)


def track(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="Flight log.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="File to write.", show_default=False)],
    include_private: Annotated[bool, typer.Option("--include-private", help="Also the pilot's own track.")] = False,
    hide_home: HideHome = None,
    system: System = None,
    dji_keychain: DjiKeychain = None,
) -> int:
    """Write the judged track of one log."""
    from dronecheck.report.export.track import write_track

    log = as_meant(log)
    disclosure = disclosure_of(include_private, hide_home)
    keys = checked_keys(dji_keychain and as_meant(dji_keychain))
    refuse_overwriting([output], [log, *([keys] if keys is not None else [])])
    if output.suffix.lower() == ".parquet":
        require("pyarrow", "parquet", f"-o {plain(output)}")
    source = open_input(log, keys)
    try:
        flight = read_log(source, system)
    except UnreadableInput as error:
        message = error.message if hide_home is None else error.unplaced
        raise UnreadableInput(error.code, f"{plain(log.name)}: {message}") from None
    if flight.header is not None and not len(flight.track):
        text = f"{plain(log.name)}: its track is encrypted; only its header can be read, and that holds no track"
        raise UnreadableInput("header_only", text)
    note = ""
    if hide_home is not None:
        from dronecheck.geofence.engine import check as check_flight
        from dronecheck.report.case import Case
        from dronecheck.report.privacy import redact
        from dronecheck.report.text.words import TERMINAL, words

        result = check_flight(flight)  # the check knows where it took off
        seen = redact(Case(flight, None, result), disclosure)
        flight, note = seen.flight, seen.hiding_note(words("en", TERMINAL))
        if not len(flight.track):
            raise UsageError(f"--hide-home {hide_home:g}: the whole flight lies that near; there is no track to write")
    write_track(flight, output, include_private=include_private)
    typer.echo(f"wrote {plain(output)}: {len(flight.track)} fixes")
    if note:
        typer.echo(note)
    return 0


def formats() -> int:
    """List the formats, logs first."""
    from dronecheck.airspace import ZONE_READERS, load_reader

    for title, found in (
        ("flight logs", [load(name) for name in READERS]),
        ("zone files", [load_reader(name) for name in ZONE_READERS]),
    ):
        typer.echo(title)
        for reader in found:
            typer.echo(f"  {reader.NAME:<9} {reader.TITLE}")
    return 0
