"""`dronecheck rules`: the packs of national rules, told with their paragraphs. All but typer loads when it runs."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.errors import UsageError
from dronecheck.safe.io import plain, write_atomic

if TYPE_CHECKING:
    from dronecheck.rules import Pack

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="National rules for drones as data: each number with its paragraph and the days on which it was law.",
)
OnDay = Annotated[str | None, typer.Option("--on", metavar="DATE", help="Only what was law on this local day.")]
JsonOut = Annotated[str | None, typer.Option("--json", metavar="OUT.json|-", help="Write JSON; - prints it.")]


@app.command(
    "list",
    help="List the packs of rules: what they speak for, and from when.\n\n"
    "Example: dronecheck rules list --territory Japan --on 2022-06-20",
)
def list_(
    territory: Annotated[
        str | None, typer.Option(metavar="ISO3", help="Only packs that speak for it, by code or name.")
    ] = None,
    on: OnDay = None,
    json_out: JsonOut = None,
) -> int:
    from dronecheck.report.terminal.rules import packs_text
    from dronecheck.rules import packs, packs_for

    code, day = _territory(territory), _day(on)
    found = packs() if code is None else packs_for(code)
    if json_out:
        _write(json_out, [(pack, day) for pack in found])
    if json_out != "-":
        typer.echo(packs_text(found, day=day, territory=code, width=_width()), nl=False)
    return 0


@app.command(
    help="Show the rules of a pack: limit, paragraph, source, days, and what no log shows.\n\n"
    "Example: dronecheck rules show uk-open --on 2026-06-01"
)
def show(
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Pack, as `rules list` names it; PACK@DATE too.", show_default=False)
    ],
    on: OnDay = None,
    json_out: JsonOut = None,
) -> int:
    from dronecheck.report.terminal.rules import pack_text
    from dronecheck.rules import rules_on

    if on is not None and "@" in pack:
        raise UsageError(f"{plain(pack, 40)}: give the day once, by --on or behind the @")
    day = _day(on)
    edition = rules_on(pack, day)
    shown = edition.day if day or "@" in pack else None
    if json_out:
        _write(json_out, [(edition.pack, shown)])
    if json_out != "-":
        typer.echo(pack_text(edition.pack, shown, _width()), nl=False)
    return 0


@app.command(
    help="Tell where two packs differ, or one pack on two days.\n\n"
    "Example: dronecheck rules diff uk-open@2025-06-01 uk-open@2026-06-01"
)
def diff(
    one: Annotated[
        str, typer.Argument(metavar="PACK[@DATE]", help="A pack, by default as last read.", show_default=False)
    ],
    other: Annotated[str, typer.Argument(metavar="PACK[@DATE]", help="The other.", show_default=False)],
) -> int:
    from dronecheck.report.terminal.rules import differences_text
    from dronecheck.rules import rules_on

    typer.echo(differences_text(rules_on(one), rules_on(other), _width()), nl=False)
    return 0


def _territory(text: str | None) -> str | None:
    """Return the code of a territory as typed. Raises UsageError for one that there is not."""
    if text is None:
        return None
    from dronecheck.borders.names import code_of
    from dronecheck.borders.territories import is_known

    code = code_of(text)
    if not is_known(code):
        raise UsageError(f"--territory {plain(text, 40)}: no such territory; give a code such as KOR, or a name")
    return code


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    from dronecheck.rules import day_of

    try:
        return day_of(text)
    except UsageError as error:
        raise UsageError(f"--on {plain(error)}") from None


def _width() -> int:
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120)) if sys.stdout.isatty() else 80


def _write(out: str, shown: list[tuple[Pack, date | None]]) -> None:
    from dronecheck.report.json.rules_document import encode, rules_document

    raw = encode(rules_document(shown))
    if out == "-":
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
    else:
        write_atomic(Path(out), raw)
