"""`dronecheck media`: photos and films, judged by their own words and against logs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dronecheck.cli.exits import EXIT_CODES, EXIT_INTERNAL, EXIT_UNREADABLE, WORST_FIRST
from dronecheck.cli.options import (
    FactsOnly,
    HideHome,
    IncludePrivate,
    JsonOut,
    Language,
    ReadUnits,
    disclosure_of,
    grouped,
    hours_of,
)
from dronecheck.errors import UsageError
from dronecheck.safe.io import plain, refuse_overwriting, write_atomic
from dronecheck.settings import Options

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.audit.progress import Progress
    from dronecheck.footage.shots.against_logs import HeldAgainst
    from dronecheck.media.scrub.run import ScrubbedFile, ScrubRun
    from dronecheck.report.case import Disclosure
    from dronecheck.report.json.media_encode import MediaTold

Counted = TypeVar("Counted")

__all__ = ["MediaWanted", "app", "check_media"]

app = typer.Typer(
    no_args_is_help=True, help="Photos and films: where they were taken, what they look into and give away."
)

_SLOW = 25  # shots that are worth a bar


@app.command(
    help="Check photos and films: where each was taken, on whose side, into whose country it looks, what it gives away."
    "\n\nExamples:\n\n  dronecheck media check DCIM/ --home CHN\n\n"
    "  dronecheck media check DJI_0001.JPG --log flight.ulg --report page.html\n\n"
    "Exit codes as of check: 0 clear, 1 violation, 2 usage, 3 unreadable, 4 inconclusive."
)
@grouped
def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Photos, films, or folders of them.", show_default=False)
    ],
    asked: Options,
    logs: Annotated[
        list[Path] | None,
        typer.Option("--log", metavar="LOG", help="Flight log to hold them against; repeatable."),
    ] = None,
    tz: Annotated[
        float | None,
        typer.Option(metavar="OFFSET", help="How far the cameras' clocks are ahead of UTC: +08:00.", parser=hours_of),
    ] = None,
    json_out: JsonOut = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT.html", help="Write one page with map, pictures and table.")
    ] = None,
    hide_home: HideHome = None,
    include_private: IncludePrivate = False,
    facts_only: FactsOnly = False,
    lang: Language = "en",
    units: ReadUnits = "metric",
) -> int:
    disclosure = disclosure_of(include_private, hide_home, facts_only=facts_only)
    wanted = MediaWanted(json_out, report, disclosure, tz)
    return check_media(paths, logs or [], replace(asked, language=lang, units=units), wanted)


@dataclass(frozen=True, slots=True)
class MediaWanted:
    """What is to be written of photos and films; `ahead_h` is how far their clocks are ahead of UTC, where known."""

    json_out: str | None
    report: Path | None
    disclosure: Disclosure
    ahead_h: float | None = None


def check_media(paths: list[Path], logs: list[Path], asked: Options, wanted: MediaWanted) -> int:
    """Check photos and films, print the answers and write the outputs; the exit code. Raises UsageError."""
    from dronecheck.footage.shots.against_logs import held_against_logs
    from dronecheck.footage.shots.answer import answered, read_shot
    from dronecheck.footage.shots.walk import shots_in
    from dronecheck.report.privacy.footage import media_told

    walked = shots_in(paths)
    if not walked.shots:
        raise UsageError(f"{plain(paths[0])}: no photo or film in it")
    inputs = [path for shot in walked.shots for path in (shot.path, *shot.siblings)]
    _prepare(wanted, [*inputs, *logs, *asked.files()])
    setup = asked.setup()
    if setup.settings.rule_packs:
        raise UsageError("--rules holds flight logs against packs of rules: dronecheck check LOG --rules ID")
    progress = _progress(len(walked.shots), is_shown=wanted.json_out != "-")
    reads = [read_shot(files, wanted.ahead_h) for files in _counted(walked.shots, progress)]
    held = held_against_logs(reads, logs, setup)
    answers = list(_counted(answered(held.shots, setup, held.home), progress, len(reads)))
    progress.close()
    told = media_told(answers, held, setup.settings, wanted.disclosure)
    _write(told, held, setup.airspace.given, walked.others, wanted)
    codes = [EXIT_CODES[a.verdict] if a.verdict else EXIT_UNREADABLE for a in answers]
    return min(codes, key=WORST_FIRST.index)


def _prepare(wanted: MediaWanted, inputs: list[Path]) -> None:
    """Refuse outputs that cannot be, before any judgement. Raises UsageError."""
    outputs = [Path(out) for out in (wanted.json_out, wanted.report) if out and str(out) != "-"]
    refuse_overwriting(outputs, inputs)
    for out in outputs:
        if not out.parent.is_dir():
            raise UsageError(f"{plain(out)}: there is no folder {plain(out.parent)}")


def _write(told: MediaTold, held: HeldAgainst, zones: ZoneSet | None, others: int, wanted: MediaWanted) -> None:
    """Print the answer and write what is wanted; JSON alone where that goes to the terminal."""
    from dronecheck.report.json.media_encode import encode, media_document
    from dronecheck.report.terminal.media import media_summary
    from dronecheck.report.text.footage import hiding_words
    from dronecheck.report.text.words import TERMINAL, words_of

    if wanted.json_out == "-":
        sys.stdout.buffer.write(encode(media_document(told)))
        sys.stdout.buffer.flush()
    else:
        width = shutil.get_terminal_size((80, 24)).columns
        hiding = hiding_words(told, words_of(told, TERMINAL, facts_only=told.facts_only))
        text = media_summary(told, others=others, hiding_note=hiding, width=width, colour=sys.stdout.isatty())
        typer.echo(text, nl=False)
    if wanted.report is not None:
        from dronecheck.report.page.media import media_page

        write_atomic(wanted.report, media_page(told, held, zones, others=others).encode())
        if wanted.json_out != "-":
            typer.echo(f"wrote {plain(wanted.report)}")
    if wanted.json_out and wanted.json_out != "-":
        write_atomic(Path(wanted.json_out), encode(media_document(told)))


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


def _progress(count: int, *, is_shown: bool) -> Progress:
    from dronecheck.audit.progress import Bar, Silent

    return Bar() if is_shown and count >= _SLOW and sys.stderr.isatty() else Silent()


def _counted(shots: Iterable[Counted], progress: Progress, before: int = 0) -> Iterator[Counted]:
    """Yield what is done one by one, and tell of each."""
    for done, one in enumerate(shots, before + 1):
        progress.advance(done, max(2 * before, done), 0)
        yield one
