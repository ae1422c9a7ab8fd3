"""The command line: parse options, call one function, map the result to an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    app: typer.Typer

__all__ = ["app", "run"]

_LOOK = "look"  # nobody needs to type it
# Each command's module below this package, its function and the name of its help; what is asked for alone is imported.
_COMMANDS = {
    "check": ("check", "check", "HELP"),
    "app": ("page.app", "app", "HELP"),
    "track": ("track", "track", "HELP"),
    "keygen": ("evidence.case", "keygen", "KEYGEN_HELP"),
    "case": ("evidence.case", "case", "HELP"),
    "verify": ("evidence.verify", "verify", "HELP"),
    "formats": ("track", "formats", "FORMATS_HELP"),
    "dji-keys": ("dji_keys", "dji_keys", "HELP"),
    _LOOK: ("page.look", "look", "HELP"),
}
_GROUPS = {"zones": "zones", "rules": "rules", "audit": "audit", "media": "media"}
_OPTIONS = ("--help", "--version")


def __getattr__(name: str) -> typer.Typer:
    """Return the whole command line as `app`."""
    if name == "app":
        return _app_of((*_COMMANDS, *_GROUPS))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _app_of(names: tuple[str, ...]) -> typer.Typer:
    """Return the command line of these commands, whose modules alone are imported."""
    made = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="Was it where it was allowed to be? Checks a drone's own flight log against country borders and "
        "airspace.\n\n`dronecheck FILE...` checks the files, writes a page and opens it.",
    )
    made.callback()(_root)
    for name in names:
        if name in _GROUPS:
            made.add_typer(import_module(f"{__name__}.{_GROUPS[name]}").app, name=name)
            continue
        path, function, told = _COMMANDS[name]
        module = import_module(f"{__name__}.{path}")
        made.command(name, help=getattr(module, told), hidden=name == _LOOK)(getattr(module, function))
    return made


def run() -> int:
    """Run the command line; the exit code. User mistakes are told in one line."""
    words = sys.argv[1:]
    if words and words[0] not in (*_COMMANDS, *_GROUPS, *_OPTIONS):  # files alone: dragged onto an icon, perhaps
        words = [_LOOK, *words]
    from dronecheck.cli.exits import EXIT_UNREADABLE, EXIT_USAGE

    is_named = bool(words) and words[0] not in _OPTIONS
    made = _app_of((words[0],) if is_named else (*_COMMANDS, *_GROUPS))
    try:
        code = made(words, standalone_mode=False)
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


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass
