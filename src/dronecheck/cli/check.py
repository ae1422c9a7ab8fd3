"""`dronecheck check`: one or more logs, judged; answers on the terminal, outputs in files."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dronecheck.cli.exits import COUNTED, COUNTED_AS_FACTS, EXIT_CODES, EXIT_INTERNAL, EXIT_UNREADABLE, WORST_FIRST
from dronecheck.cli.logs import Named, named
from dronecheck.cli.options import Wanted, grouped
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight.joined import Alone
from dronecheck.recognition import Kind, recognise_file
from dronecheck.report.case import Case, Exhibit, FlightLogs, by_flight
from dronecheck.safe.extras import require
from dronecheck.safe.io import (
    as_meant,
    file_name,
    make_folder,
    plain,
    refuse_overwriting,
    write_atomic,
)
from dronecheck.settings import CheckSetup, Options

if TYPE_CHECKING:
    from dronecheck.report.page.index import IndexEntry
    from dronecheck.report.privacy import Redacted
    from dronecheck.report.privacy.homes import Homes

__all__ = ["HELP", "INDEX_NAME", "Separate", "check", "check_footage", "check_logs", "footage_in", "unique_names"]

HELP = (
    "Check one or more flight logs. Those of one flight, such as the films of it, are judged as one.\n\n"
    "Examples:\n\n  dronecheck check flight.csv\n\n"
    "  dronecheck check flight.ulg --zones zones.geojson --max-height 120 --plots out/\n\n"
    "  dronecheck check flight.ulg --json -\n\n"
    "Exit codes: 0 clear, 1 violation, 2 usage, 3 unreadable input, 4 inconclusive, 70 internal failure. "
    "Several flights: the worst in the order 70, 1, 4, 3, 0."
)


INDEX_NAME = "index.html"  # of the pages of several flights

Separate = Annotated[
    bool, typer.Option("--separate", help="Judge each file by itself, also where several are of one flight.")
]


@grouped
def check(
    logs: Annotated[
        list[Path], typer.Argument(metavar="LOG...", help="Flight logs, or folders of them.", show_default=False)
    ],
    asked: Options,
    wanted: Wanted,
    separate: Separate = False,
) -> int:
    """Check every flight and write what is wanted of each; of photos and films what they say."""
    if footage := footage_in(logs, wanted):
        return check_footage(footage, logs, asked, wanted)
    return check_logs(named(logs), asked, wanted, separate=separate)


def footage_in(paths: list[Path], wanted: Wanted) -> list[Path]:
    """Return the photos and films among files.

    A film that has a track is a log, too: films are taken as logs beside others, and where what only logs have is
    wanted of them.
    """
    kinds = {path: recognise_file(path) for path in map(as_meant, paths) if path.is_file()}
    found = [path for path, kind in kinds.items() if kind in (Kind.PICTURE, Kind.VIDEO)]
    if len(found) < len(paths) or wanted.plots or wanted.paper or wanted.exports:
        return [path for path in found if kinds[path] is Kind.PICTURE]
    return found


def check_footage(footage: list[Path], given: list[Path], asked: Options, wanted: Wanted) -> int:
    """Do `media check` with photos and films that were given to `check`. Raises UsageError beside anything else."""
    from dronecheck.cli.media import MediaWanted, check_media

    if len(footage) < len(given):
        other = next(path for path in given if as_meant(path) not in footage)
        text = f"dronecheck media check {plain(footage[0])} --log {plain(other)}"
        raise UsageError(f"{plain(footage[0])} is a photo or film; beside a log: {text}")
    for option, value in (("--plots", wanted.plots), ("--pdf", wanted.paper), ("--export", wanted.exports)):
        if value:
            raise UsageError(f"{option} is about flight logs; of photos and films there are --report and --json")
    asked = replace(asked, language=wanted.language, units=wanted.units)
    return check_media(footage, [], asked, MediaWanted(wanted.json_out, wanted.page, wanted.disclosure))


def check_logs(given: Named, asked: Options, wanted: Wanted, *, separate: bool = False) -> int:
    """Check logs, print the answers and write the outputs; the exit code. Raises UsageError before any judgement."""
    logs = given.logs
    if wanted.svg and wanted.plots is None:
        raise UsageError("--svg is about --plots; add --plots DIR")
    asked = replace(asked, language=wanted.language, units=wanted.units)
    inputs = [*logs, *asked.files()]
    setup = asked.setup()
    flights = by_flight(logs, setup, separate=separate)
    index = wanted.page / INDEX_NAME if wanted.page is not None and len(flights) > 1 else None
    names = unique_names([each.paths[0] for each in flights], [INDEX_NAME.partition(".")[0]] if index else [])
    is_one_of_many = len(logs) > 1 and len(flights) == 1
    folders = _prepare_outputs(names, inputs, wanted.json_out, wanted.plots)
    pages = _prepare_pages(names, inputs, wanted.page, "--report", ".html", is_folder=is_one_of_many)
    if index is not None:
        refuse_overwriting([index], inputs)
    if wanted.paper is not None:
        from dronecheck.report.pdf.write import require_typst

        require_typst()
    papers = _prepare_pages(names, inputs, wanted.paper, "--pdf", ".pdf", is_folder=is_one_of_many)
    exports = _prepare_exports(names, inputs, wanted.exports)
    if wanted.disclosure.hide_home_m is not None and len(flights) > 1:
        wanted = replace(wanted, disclosure=replace(wanted.disclosure, homes=_homes_in(flights, setup)))
    outputs = _Outputs(asked, wanted, exports, many=len(flights) > 1, separate=separate)
    codes, lines = list[int](), list[bytes]()
    for each, *places in zip(flights, folders, pages, papers, strict=True):
        code, document = _check_one(each, setup, outputs, _Places(*places))
        codes.append(code)
        lines += [document] if document else []
    if index is not None:
        _write_index(index, outputs)
    if not outputs.quiet:
        _print_end(codes, flights, given.others, outputs)
    if wanted.json_out == "-":
        sys.stdout.buffer.write(b"".join(lines))
        sys.stdout.buffer.flush()
    elif wanted.json_out:
        write_atomic(Path(wanted.json_out), b"".join(lines))
    return min(codes, key=WORST_FIRST.index)


def _homes_in(flights: list[FlightLogs], setup: CheckSetup) -> Homes | None:
    """Return what all flights tell of home: one that shows it would tell what another hides."""
    from dronecheck.report.privacy.homes import homes_of

    found: list[Homes] = []
    for each in flights:
        with suppress(UnreadableInput, UsageError):  # told when it is its turn; nothing is written of it
            case = each.judge(setup)
            found.append(homes_of(case.flight, case.result))
    return reduce(lambda one, other: one.with_others(other), found) if found else None


def _prepare_outputs(
    names: list[str], inputs: list[Path], json_out: str | None, plots: Path | None
) -> list[Path] | list[None]:
    """Refuse outputs that cannot be, before any judgement; the folder for each flight's plots."""
    if json_out and json_out != "-":
        refuse_overwriting([Path(json_out)], inputs)
        if not Path(json_out).parent.is_dir():
            raise UsageError(f"--json {plain(json_out)}: there is no folder {plain(Path(json_out).parent)}")
    if plots is None:
        return [None] * len(names)
    make_folder(plots)
    folders = [plots] if len(names) == 1 else [plots / name for name in names]
    for folder in folders:
        make_folder(folder)
        refuse_overwriting((p for p in folder.iterdir() if p.suffix in (".png", ".svg")), inputs)
    return folders


def _prepare_pages(
    names: list[str], inputs: list[Path], out: Path | None, option: str, suffix: str, *, is_folder: bool
) -> list[Path] | list[None]:
    """Refuse pages that cannot be, before any judgement; the page of each flight.

    A folder is one that is there, what has to hold several pages, and, where it `is_folder`, a name without a suffix.
    """
    if out is None:
        return [None] * len(names)
    if len(names) > 1 and out.suffix.lower() in (suffix, ".htm") and not out.is_dir():
        kept = plain(out.with_suffix(""))
        raise UsageError(f"{option} {plain(out)}: the logs are of {len(names)} flights; name a folder such as {kept}")
    if len(names) > 1 or out.is_dir() or (is_folder and not out.suffix):
        make_folder(out)
        pages = [out / f"{name}{suffix}" for name in names]
    else:
        pages = [out]
        if not out.parent.is_dir():
            raise UsageError(f"{option} {plain(out)}: there is no folder {plain(out.parent)}")
    refuse_overwriting(pages, inputs)
    return pages


def _prepare_exports(names: list[str], inputs: list[Path], exports: tuple[Path, ...]) -> tuple[Path, ...]:
    """Refuse exports that cannot be, before any judgement."""
    if not exports:
        return ()
    from dronecheck.report.export.result import SUFFIXES

    if len(names) > 1:
        raise UsageError("--export writes the result of one flight; name one log, or use --json for many")
    for path in exports:
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"--export {plain(path)}: name it as one of {', '.join(SUFFIXES)}")
        if path.suffix.lower() == ".parquet":
            require("pyarrow", "parquet", f"--export {plain(path)}")
        if not path.parent.is_dir():
            raise UsageError(f"--export {plain(path)}: there is no folder {plain(path.parent)}")
    refuse_overwriting(exports, inputs)
    return exports


def unique_names(logs: list[Path], kept: Iterable[str] = ()) -> list[str]:
    """Return a name for each flight's outputs: its first log's own, numbered where several would share it.

    None is one of those `kept` for something else.
    """
    names: list[str] = []
    taken = set(kept)
    for path in logs:
        own = file_name(path.stem)
        name, number = own, 1
        while name.casefold() in taken:
            number += 1
            name = f"{own}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class _Outputs:
    """What is written of every log, and what of all of them is said once, at the end."""

    asked: Options
    wanted: Wanted
    exports: tuple[Path, ...]
    many: bool
    separate: bool
    small_print: dict[str, None] = field(default_factory=dict)
    entries: list[IndexEntry] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Tell whether JSON goes to the terminal, and nothing else may."""
        return self.wanted.json_out == "-"

    def exhibit(self, case: Case) -> Exhibit:
        """Return the command that gives a flight's page or document; files by their names."""
        from dronecheck.evidence.bundle.recipe import check_command

        return Exhibit(command=check_command(case, self.asked, self.wanted.disclosure, separate=self.separate))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the plots, the page and the document of one log go."""

    plots: Path | None
    page: Path | None
    paper: Path | None


def _check_one(logs: FlightLogs, setup: CheckSetup, outputs: _Outputs, places: _Places) -> tuple[int, bytes | None]:
    """Check one flight: print the summary (unless JSON goes to the terminal) and return code and document."""
    many, wanted = outputs.many, outputs.wanted

    def failed(exit_code: int, code: str, message: str) -> tuple[int, bytes | None]:
        print(f"dronecheck: {plain(logs.paths[0].name)}: {message}", file=sys.stderr)
        if places.page is not None:
            _index_failure(logs, message, outputs, is_our_fault=exit_code == EXIT_INTERNAL)
        if not wanted.json_out:
            return exit_code, None
        from dronecheck.report.json.encode import failure_json

        private = wanted.disclosure.private
        return exit_code, failure_json(logs.paths, code, message, private=private, indent=not many)

    try:
        case = logs.judge(setup)
    except UnreadableInput as error:
        is_hiding = wanted.disclosure.hide_home_m is not None
        return failed(EXIT_UNREADABLE, error.code, error.unplaced if is_hiding else error.message)
    except UsageError as error:
        if not many:
            raise
        return failed(EXIT_UNREADABLE, "cannot_be_opened", str(error))
    except Exception as error:
        if not many:
            raise
        text = f"failed; no verdict ({plain(f'{type(error).__name__}: {error}')})"
        return failed(EXIT_INTERNAL, "internal_failure", text)
    from dronecheck.report.privacy import redact

    seen = redact(case, wanted.disclosure)
    if not outputs.quiet:
        _print_summary(seen, outputs)
    _write_pictures(case, seen, outputs, places)
    if not wanted.json_out:
        return EXIT_CODES[case.result.verdict], None
    from dronecheck.report.json.encode import encode, result_document

    return EXIT_CODES[case.result.verdict], encode(result_document(seen), indent=not many)


def _write_pictures(case: Case, seen: Redacted, outputs: _Outputs, places: _Places) -> None:
    """Write the plots, page, document and exports that were asked for; say so unless JSON goes to the terminal."""
    written: list[Path] = []
    if places.plots is not None:
        from dronecheck.report.figures import language_drawn, write_plots

        kind: Literal["png", "svg"] = "svg" if outputs.wanted.svg else "png"
        plots = write_plots(seen, places.plots, kind)
        if not plots and not outputs.quiet:
            left = "nothing is left to draw" if len(case.flight.track) else "the log has no position"
            typer.echo(f"no plots: {left}")
        if plots and not outputs.quiet and language_drawn(case.result) != case.result.settings.language:
            typer.echo(
                f"plots: in English, for no font with the letters of {case.result.settings.language} is installed"
            )
        written += plots
    if places.page is not None:
        from dronecheck.report.page import write_page

        write_page(case, places.page, outputs.wanted.disclosure, outputs.exhibit(case))
        written.append(places.page)
        if outputs.many:
            from dronecheck.report.page.index import IndexEntry

            outputs.entries.append(IndexEntry.of(seen, places.page))
    if places.paper is not None:
        from dronecheck.report.pdf.write import write_pdf

        write_pdf(case, places.paper, outputs.wanted.disclosure, outputs.exhibit(case))
        written.append(places.paper)
    if outputs.exports:
        from dronecheck.report.export.result import write_result

        for path in outputs.exports:
            write_result(seen, path)
        written += outputs.exports
    for path in written if not outputs.quiet else ():
        typer.echo(f"wrote {plain(path)}")


def _index_failure(logs: FlightLogs, message: str, outputs: _Outputs, *, is_our_fault: bool) -> None:
    from dronecheck.report.page.index import IndexEntry

    outputs.entries.append(IndexEntry.without(logs.paths[0].name, message, is_our_fault=is_our_fault))


def _write_index(path: Path, outputs: _Outputs) -> None:
    """Write the index of all flights' pages; say so unless JSON goes to the terminal."""
    from dronecheck.report.page.index import write_index

    facts_only = outputs.wanted.disclosure.facts_only
    write_index(outputs.entries, path, outputs.asked.language, facts_only=facts_only)
    if not outputs.quiet:
        typer.echo(f"wrote {plain(path)}")


def _print_summary(seen: Redacted, outputs: _Outputs) -> None:
    from dronecheck.report.terminal.check import small_print, summary
    from dronecheck.report.text.around.aerodromes import aerodromes_line
    from dronecheck.report.text.around.zone_feeds import feeds_line
    from dronecheck.report.text.words import TERMINAL

    width = shutil.get_terminal_size((80, 24)).columns
    say = seen.words(TERMINAL)
    text = summary(
        seen.whole, seen.told, logged=seen.logged, shown=seen.flight.track,
        nearby=(aerodromes_line(seen.aerodromes, say) if seen.aerodromes else "", feeds_line(seen.told, say)),
        hiding_note=seen.hiding_note(say), facts_only=say.facts_only, width=width, colour=sys.stdout.isatty(),
    )  # fmt: skip
    small = small_print(seen.told, width=width)
    if outputs.many:
        outputs.small_print[small] = None
    else:
        text += f"\n{small}" * bool(small)
    typer.echo(text, nl=outputs.many)


_ALONE = {
    Alone.NO_POSITION: "no position",
    Alone.HEADER_ONLY: "a track that is encrypted",
    Alone.SEVERAL_VEHICLES: "several vehicles",
    Alone.NO_DATE: "no date",
    Alone.CLOCK_RESTARTS: "a clock that starts again",
}
_MOST_NAMED = 6


def _print_end(codes: list[int], flights: list[FlightLogs], others: int, outputs: _Outputs) -> None:
    """Print the end of many flights: their small print, once, how many there are of each answer, and what was left."""
    if outputs.many:
        for small in filter(None, outputs.small_print):
            typer.echo(small)
        named = COUNTED_AS_FACTS if outputs.wanted.disclosure.facts_only else COUNTED
        counts = {words: codes.count(code) for code, words in named.items()}
        logs = sum(len(flight.paths) for flight in flights)
        counted = f"{logs} logs" if logs == len(codes) else f"{logs} logs of {len(codes)} flights"
        typer.echo(f"{counted}: " + ", ".join(f"{n} {words}" for words, n in counts.items() if n))
        alone = [f"{plain(each.paths[0].name)} ({_ALONE[each.alone]})" for each in flights if each.alone]
        if alone:
            more = f" and {len(alone) - _MOST_NAMED} more" if len(alone) > _MOST_NAMED else ""
            typer.echo(f"judged alone, whatever flight it is of: {', '.join(alone[:_MOST_NAMED])}{more}")
    if others:
        typer.echo(f"{others} other files, which are no flight logs" if others > 1 else "one other file, no flight log")
