"""Writes docs/cli.md from the command line itself; a test holds the page to it. `make cli-reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import typer

from dronecheck.cli import app

TARGET = Path(__file__).with_name("cli.md")
HEAD = """# Command-line reference

Written by `make cli-reference` from the commands themselves. What the answers mean: [verdicts.md](verdicts.md); how an
audit works: [audit.md](audit.md).
"""


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    if not isinstance(command, click.Group) and not hasattr(command, "commands"):
        yield name, command
        return
    for own, inner in command.commands.items():
        yield from commands(inner, name if inner.hidden else f"{name} {own}")  # one is hidden: it needs no word


def section(name: str, command: click.Command) -> str:
    """One command: usage, what it does, arguments and options as a table."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help" and not p.hidden]
    usage = " ".join(
        [name, *(str(p.metavar or p.human_readable_name) for p in arguments), "[options]" if options else ""]
    )
    lines = [f"## {name}", "", *paragraphs(command.help or ""), "```", usage.strip(), "```", ""]
    if options:
        lines += ["| option | |", "|---|---|"]
        lines += [f"| {spelling(p)} | {cell(p.help or '')}{default(p)} |" for p in options]
        lines.append("")
    return "\n".join(lines)


def paragraphs(text: str) -> Iterator[str]:
    """The help's paragraphs; examples as code."""
    for part in text.split("\n\n"):
        told = " ".join(part.split())
        if told:
            yield f"    {told}" if told.startswith("dronecheck ") else told
            yield ""


def spelling(option: click.Parameter) -> str:
    """The option's names and what it takes."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    takes = "" if getattr(option, "is_flag", False) else f" `{cell(str(option.metavar or option.type.name.upper()))}`"
    return names + takes


def default(option: click.Parameter) -> str:
    """What it is where it is not given, if that says anything."""
    value = option.default
    return f" Default: {value}." if isinstance(value, (int, float)) and not isinstance(value, bool) and value else ""


def cell(text: str) -> str:
    """Text in a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def page() -> str:
    """The whole page."""
    found = commands(typer.main.get_command(app), "dronecheck")
    return "\n".join([HEAD, *(section(name, command) for name, command in found)])


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
