"""`dronecheck media`: photos and films on the command line. Everything but typer loads when a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.cli.exits import EXIT_INTERNAL, EXIT_UNREADABLE
from dronecheck.errors import UsageError
from dronecheck.safe.io import plain, refuse_overwriting, write_atomic

if TYPE_CHECKING:
    from dronecheck.media.scrub.run import ScrubbedFile, ScrubRun

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Photos and films: copies of them that are safe to share.")


@app.callback()
def _group() -> None:
    pass  # a group of one command would be that command


@app.command(
    help="Write copies without metadata to a folder. JPEG, PNG, HEIC and films (MP4, MOV, LRF and others); picture and "
    "sound stay as they are, and each copy is proved clean: read again and searched for every place, serial, name and "
    "date of its source. A file without such a proof gets no copy. Exit codes: 0 all copied, 3 some were not.\n\n"
    "Example: dronecheck media scrub DJI_0001.JPG DJI_0002.MP4 -o to-share"
)
def scrub(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Photos, films, folders of them.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="Folder for the copies.", show_default=False)
    ],
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="time", help="Keep the time of capture, nothing else.")
    ] = None,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT.json|-", help="Write the proof as JSON; - prints it.")
    ] = None,
) -> int:
    from dronecheck.media.scrub.run import scrub_files
    from dronecheck.report.json.scrub_document import scrub_json
    from dronecheck.report.terminal.scrub import file_lines, run_lines

    if keep not in (None, "time"):
        raise UsageError(f"--keep {plain(keep, 40)}: only the time can be kept: --keep time")
    if json_out and json_out != "-":
        refuse_overwriting([Path(json_out)], paths)
        if Path(json_out).resolve().is_relative_to(out.resolve()):
            raise UsageError(
                f"--json {plain(json_out)}: {plain(out)} holds copies and nothing else; name another place"
            )
    is_quiet, keeps_time = json_out == "-", keep is not None

    def tell(one: ScrubbedFile) -> None:
        for line in () if is_quiet else file_lines(one, keeps_time=keeps_time):
            typer.echo(line)

    run = scrub_files(paths, out, keep_time=keeps_time, tell=tell)
    if is_quiet:
        sys.stdout.buffer.write(scrub_json(run))
        sys.stdout.buffer.flush()
        return _exit_code(run)
    for line in run_lines(run):
        typer.echo(line)
    if json_out:
        write_atomic(Path(json_out), scrub_json(run))
    return _exit_code(run)


def _exit_code(run: ScrubRun) -> int:
    if any(one.has_failed for one in run.files):
        return EXIT_INTERNAL
    return 0 if run.is_complete else EXIT_UNREADABLE
