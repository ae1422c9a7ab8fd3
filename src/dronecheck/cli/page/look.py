"""`dronecheck FILE...`: check the files, write a page for each log, open it. For files dragged onto an icon."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from dronecheck.cli.check import INDEX_NAME, Separate, check_footage, check_logs, footage_in
from dronecheck.cli.logs import named
from dronecheck.cli.options import Wanted, grouped
from dronecheck.errors import UsageError
from dronecheck.recognition import Kind, recognise_file
from dronecheck.safe.io import as_meant, meant, plain
from dronecheck.settings import Options

__all__ = ["HELP", "NAME", "look"]

NAME = "look"  # nobody needs to type it
HELP = (
    "Check the files, write a page for each flight into a temporary folder, and open it. Zone files among them are "
    "used as --zones.\n\nExample: dronecheck flight.csv zones.geojson"
)
_PAGES_OPENED = 5


@grouped
def look(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Flight logs, folders of them, zone files.", show_default=False),
    ],
    asked: Options,
    wanted: Wanted,
    separate: Separate = False,
    no_open: Annotated[bool, typer.Option("--no-open", help="Write the page and do not open it.")] = False,
) -> int:
    """Check logs by the zone files among them; the exit code is that of `check`."""
    logs, zones = _sorted(files)
    footage, folder = footage_in(logs, wanted), None
    given = named(logs) if not footage else None
    if wanted.page is None:
        folder = Path(mkdtemp(prefix="dronecheck-"))
        wanted = replace(wanted, page=folder / "footage.html" if footage else folder)
    asked = replace(asked, zones=(*asked.zones, *zones))
    try:
        if given is None:
            code = check_footage(footage, logs, asked, wanted)
        else:
            code = check_logs(given, asked, wanted, separate=separate)
    finally:
        if folder is not None:
            with suppress(OSError):  # it holds pages
                folder.rmdir()
    assert wanted.page is not None
    pages = sorted(wanted.page.glob("*.html")) if wanted.page.is_dir() else [wanted.page]
    index = wanted.page / INDEX_NAME
    if given is not None and len(given.logs) > 1 and index.is_file():
        pages = [index]  # it leads to all
    written = [page for page in pages if page.is_file()]
    if written and not no_open:
        import webbrowser

        for page in written[:_PAGES_OPENED]:
            webbrowser.open(page.absolute().as_uri())
    return code


def _sorted(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Part logs from zone files, by content. Raises UsageError for what cannot be opened, or without any log."""
    logs, zones = list[Path](), list[Path]()
    for path in map(as_meant, files):
        if not path.exists():
            advice = meant(path) or ", nor a command; dronecheck --help lists the commands"
            raise UsageError(f"{plain(path)}: no such file{advice}")
        (zones if recognise_file(path) is Kind.ZONES else logs).append(path)
    if not logs:
        raise UsageError(f"{plain(files[0])} has zones, not a flight log; name a log, too")
    return logs, zones
