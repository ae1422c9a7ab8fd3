"""The command line: parse options, call one function, map the result to an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dronecheck.cli import check, dji_keys, track
from dronecheck.cli.audit import app as audit_app
from dronecheck.cli.evidence import case, verify
from dronecheck.cli.exits import EXIT_UNREADABLE, EXIT_USAGE
from dronecheck.cli.media import app as media_app
from dronecheck.cli.page import app as page
from dronecheck.cli.page import look
from dronecheck.cli.rules import app as rules_app
from dronecheck.cli.zones import app as zones_app
from dronecheck.errors import UnreadableInput, UsageError

__all__ = ["app", "run"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Was it where it was allowed to be? Checks a drone's own flight log against country borders and airspace.\n\n"
    "`dronecheck FILE...` checks the files, writes a page and opens it.",
)
app.command("check", help=check.HELP)(check.check)
app.command("app", help=page.HELP)(page.app)
app.command("track", help=track.HELP)(track.track)
app.command("keygen", help=case.KEYGEN_HELP)(case.keygen)
app.command("case", help=case.HELP)(case.case)
app.command("verify", help=verify.HELP)(verify.verify)
app.command("formats", help="List the log and zone formats that are read.")(track.formats)
app.command(dji_keys.NAME, help=dji_keys.HELP)(dji_keys.dji_keys)
app.command(look.NAME, help=look.HELP, hidden=True)(look.look)
app.add_typer(zones_app, name="zones")
app.add_typer(rules_app, name="rules")
app.add_typer(audit_app, name="audit")
app.add_typer(media_app, name="media")
_COMMANDS = (
    *(command.name for command in app.registered_commands),
    *(group.name for group in app.registered_groups),
    "--help",
    "--version",
)


def run() -> int:
    """Run the command line; the exit code. User mistakes are told in one line."""
    words = sys.argv[1:]
    if words and words[0] not in _COMMANDS:  # files without a command: a file can be dragged onto an icon
        words = [look.NAME, *words]
    try:
        code = app(words, standalone_mode=False)
    except UsageError as error:
        print(f"dronecheck: {error}", file=sys.stderr)
        return EXIT_USAGE
    except UnreadableInput as error:
        print(f"dronecheck: {error.message}", file=sys.stderr)
        return EXIT_UNREADABLE
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort:
        return 130
    except Exception as error:
        show = getattr(error, "show", None)  # click's own usage errors word themselves
        if show is None or not hasattr(error, "exit_code"):
            raise
        show()
        return EXIT_USAGE
    return int(code or 0)


def _print_version(asked: bool) -> None:
    if asked:
        from dronecheck.report.json.encode import tool_version

        typer.echo(f"dronecheck {tool_version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass
