"""The command line: parse options, call one function, map the result to an exit code."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dronecheck.cli.audit import app as audit_app
from dronecheck.cli.options import judged_by
from dronecheck.cli.zones import app as zones_app
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.geofence.result import Result, Verdict
from dronecheck.options import Judging, Options, read_log
from dronecheck.readers import READERS, load
from dronecheck.safe.io import Input, file_name, make_folder, open_input, plain, refuse_overwriting, write_atomic

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.flight import Flight
    from dronecheck.geo.vertical.terrain import Terrain

__all__ = ["app", "run"]

EXIT_CODES = {Verdict.CLEAR: 0, Verdict.VIOLATION: 1, Verdict.INCONCLUSIVE: 4}
EXIT_USAGE, EXIT_UNREADABLE, EXIT_INTERNAL = 2, 3, 70
_COUNTED = {1: "violation", 4: "cannot tell", EXIT_INTERNAL: "failed", EXIT_UNREADABLE: "unreadable", 0: "clear"}
_WORST_FIRST = (EXIT_INTERNAL, 1, 4, EXIT_UNREADABLE, 0)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Was it where it was allowed to be? Checks a drone's own flight log against country borders and airspace.",
)
app.add_typer(zones_app, name="zones")
app.add_typer(audit_app, name="audit")


def run() -> int:
    """Run the command line; the exit code. User mistakes are told in one line."""
    try:
        code = app(standalone_mode=False)
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


HideHome = Annotated[
    float | None, typer.Option(metavar="M", help="Leave out all places within M metres of the take-off.")
]


def _check_hide_home(hide_home: float | None) -> None:
    if hide_home is not None and not 0 < hide_home <= 100_000:
        raise UsageError("--hide-home: give metres around the take-off, such as 200")


@app.command(
    help="Check one or more flight logs.\n\nExamples:\n\n  dronecheck check flight.csv\n\n"
    "  dronecheck check flight.ulg --zones zones.geojson --max-height 120 --plots out/\n\n"
    "  dronecheck check flight.ulg --json -\n\n"
    "Exit codes: 0 clear, 1 violation, 2 usage, 3 unreadable input, 4 inconclusive, 70 internal failure. "
    "Several logs: the worst in the order 70, 1, 4, 3, 0."
)
@judged_by
def check(
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Flight logs.", show_default=False)],
    asked: Options,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT.json|-", help="Write JSON; - prints it.")
    ] = None,
    plots: Annotated[Path | None, typer.Option(metavar="DIR", help="Write plots into this folder.")] = None,
    svg: Annotated[bool, typer.Option("--svg", help="Write the plots as SVG.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="OUT.html", help="Write one self-contained page; of several logs, into this folder."),
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option(metavar="OUT.pdf", help="Write the document; needs dronecheck[pdf]."),
    ] = None,
    export: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="OUT", help="Write the result as .geojson, .gpkg, .parquet, .kml, .gpx or .csv; may be repeated."
        ),
    ] = None,
    lang: Annotated[
        str,
        typer.Option(metavar="en|zh|ko", help="Language of terminal and page; zh, ko unreviewed."),
    ] = "en",
    include_private: Annotated[
        bool,
        typer.Option("--include-private", help="Also the log's folder, the serial number, the controller's track."),
    ] = False,
    hide_home: HideHome = None,
) -> int:
    _check_hide_home(hide_home)
    if svg and plots is None:
        raise UsageError("--svg is about --plots; add --plots DIR")
    asked = replace(asked, language=lang)
    beside = asked.files()
    folders = _prepare_outputs(logs, beside, json_out, plots)
    pages = _prepare_pages(logs, beside, report, "--report", ".html")
    if pdf is not None:
        from dronecheck.report.pdf.write import require_typst

        require_typst()
    papers = _prepare_pages(logs, beside, pdf, "--pdf", ".pdf")
    exports = _prepare_exports(logs, beside, export)
    judging = asked.judging()
    outputs = _Outputs(json_out, include_private, hide_home, svg, exports, many=len(logs) > 1)
    codes, lines = list[int](), list[bytes]()
    for path, *places in zip(logs, folders, pages, papers, strict=True):
        code, document = _check_one(path, judging, outputs, _Places(*places))
        codes.append(code)
        lines += [document] if document else []
    if outputs.many and not outputs.quiet:
        _print_counts(codes, outputs)
    if json_out == "-":
        sys.stdout.buffer.write(b"".join(lines))
        sys.stdout.buffer.flush()
    elif json_out:
        write_atomic(Path(json_out), b"".join(lines))
    return min(codes, key=_WORST_FIRST.index)


def _prepare_outputs(
    logs: list[Path], zones: list[Path], json_out: str | None, plots: Path | None
) -> list[Path] | list[None]:
    """Refuse outputs that cannot be, before any work; the folder for each log's plots."""
    inputs = [*logs, *zones]
    if json_out and json_out != "-":
        refuse_overwriting([Path(json_out)], inputs)
        if not Path(json_out).parent.is_dir():
            raise UsageError(f"--json {plain(json_out)}: there is no folder {plain(Path(json_out).parent)}")
    if plots is None:
        return [None] * len(logs)
    make_folder(plots)
    folders = [plots] if len(logs) == 1 else [plots / name for name in _unique_names(logs)]
    for folder in folders:
        make_folder(folder)
        refuse_overwriting((p for p in folder.iterdir() if p.suffix in (".png", ".svg")), inputs)
    return folders


def _prepare_pages(
    logs: list[Path], zones: list[Path], out: Path | None, option: str, suffix: str
) -> list[Path] | list[None]:
    """Refuse pages that cannot be, before any work; the page of each log."""
    if out is None:
        return [None] * len(logs)
    if len(logs) > 1:
        make_folder(out)
        pages = [out / f"{name}{suffix}" for name in _unique_names(logs)]
    else:
        pages = [out]
        if out.is_dir():
            raise UsageError(f"{option} {plain(out)} is a folder; name a file such as {plain(out / f'page{suffix}')}")
        if not out.parent.is_dir():
            raise UsageError(f"{option} {plain(out)}: there is no folder {plain(out.parent)}")
    refuse_overwriting(pages, [*logs, *zones])
    return pages


def _prepare_exports(logs: list[Path], zones: list[Path], exports: list[Path] | None) -> list[Path]:
    """Refuse exports that cannot be, before any work."""
    if not exports:
        return []
    from dronecheck.report.export.result import SUFFIXES

    if len(logs) > 1:
        raise UsageError("--export writes the result of one log; name one log, or use --json for many")
    for path in exports:
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"--export {plain(path)}: name it as one of {', '.join(SUFFIXES)}")
        if not path.parent.is_dir():
            raise UsageError(f"--export {plain(path)}: there is no folder {plain(path.parent)}")
    refuse_overwriting(exports, [*logs, *zones])
    return exports


def _unique_names(logs: list[Path]) -> list[str]:
    """A name for each log's outputs: its own, numbered where several would share it."""
    names: list[str] = []
    taken: set[str] = set()
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
    """What is written of every log."""

    json_out: str | None
    private: bool
    hide_home_m: float | None
    svg: bool
    exports: list[Path]
    many: bool
    small_print: dict[str, None] = field(default_factory=dict)  # of many logs, each text once, at the end

    @property
    def quiet(self) -> bool:
        """Whether JSON goes to the terminal, and nothing else may."""
        return self.json_out == "-"


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the plots, the page and the document of one log go."""

    plots: Path | None
    page: Path | None
    paper: Path | None


def _check_one(path: Path, judging: Judging, outputs: _Outputs, places: _Places) -> tuple[int, bytes | None]:
    """Check one log: print the summary (unless JSON goes to the terminal) and return code and document."""
    many, private = outputs.many, outputs.private
    source: Input | None = None

    def failed(exit_code: int, code: str, message: str) -> tuple[int, bytes | None]:
        print(f"dronecheck: {plain(path.name)}: {message}", file=sys.stderr)
        return exit_code, _failure(path, source, code, message, private, many) if outputs.json_out else None

    try:
        source = open_input(path)
        flight, zones, result = judging.judge(source)
    except UnreadableInput as error:
        return failed(EXIT_UNREADABLE, error.code, error.message)
    except UsageError as error:
        if not many:
            raise
        return failed(EXIT_UNREADABLE, "cannot_be_opened", str(error))
    except Exception as error:
        if not many:
            raise
        text = f"failed; no verdict ({plain(f'{type(error).__name__}: {error}')})"
        return failed(EXIT_INTERNAL, "internal_failure", text)
    if not outputs.quiet:
        _print_summary(flight, result, outputs)
    _write_pictures(flight, result, zones, outputs, places, judging.ground)
    if not outputs.json_out:
        return EXIT_CODES[result.verdict], None
    from dronecheck.report.json.encode import encode, result_document

    facts = result_document(flight, result, include_private=private, hide_home_m=outputs.hide_home_m)
    document = encode(facts, indent=not many)
    return EXIT_CODES[result.verdict], document


def _write_pictures(
    flight: Flight,
    result: Result,
    zones: ZoneSet | None,
    outputs: _Outputs,
    places: _Places,
    ground: Terrain | None,
) -> None:
    """Write the plots, page, document and exports that were asked for; say so unless JSON goes to the terminal."""
    written: list[Path] = []
    if places.plots is not None:
        from dronecheck.report.figures import language_drawn, write_plots
        from dronecheck.report.privacy import shown

        seen = shown(flight, result, outputs.hide_home_m)
        kind: Literal["png", "svg"] = "svg" if outputs.svg else "png"
        plots = write_plots(seen.flight, seen.result, zones, places.plots, ground, kind, seen.hiding_note())
        if not plots and not outputs.quiet:
            typer.echo(f"no plots: {'nothing is left to draw' if len(flight.track) else 'the log has no position'}")
        if plots and not outputs.quiet and language_drawn(result) != result.rules.language:
            typer.echo(f"plots: in English, for no font with the letters of {result.rules.language} is installed")
        written += plots
    hiding = outputs.hide_home_m
    if places.page is not None:
        from dronecheck.report.page import write_page

        write_page(flight, result, zones, places.page, ground, include_private=outputs.private, hide_home_m=hiding)
        written.append(places.page)
    if places.paper is not None:
        from dronecheck.report.pdf.write import write_pdf

        write_pdf(flight, result, zones, places.paper, ground, include_private=outputs.private, hide_home_m=hiding)
        written.append(places.paper)
    if outputs.exports:
        from dronecheck.report.export.result import write_result
        from dronecheck.report.privacy import shown

        seen = shown(flight, result, outputs.hide_home_m)
        for path in outputs.exports:
            write_result(seen, path, include_private=outputs.private)
        written += outputs.exports
    for path in written if not outputs.quiet else ():
        typer.echo(f"wrote {plain(path)}")


def _failure(path: Path, source: Input | None, code: str, message: str, private: bool, many: bool) -> bytes:
    from dronecheck.report.json.encode import encode, error_document

    return encode(error_document(path, source, code, message, include_private=private), indent=not many)


def _print_summary(flight: Flight, result: Result, outputs: _Outputs) -> None:
    from dronecheck.report.privacy import shown
    from dronecheck.report.terminal.check import small_print, summary

    colour = sys.stdout.isatty()
    width = shutil.get_terminal_size((80, 24)).columns
    seen = shown(flight, result, outputs.hide_home_m)
    text = summary(seen.whole, seen.told, width=width, colour=colour)
    if seen.hidden_m is not None:
        rest = "" if len(seen.rows) else ": that is the whole flight"
        text += f"All within {seen.hidden_m:g} m of the take-off is left out, here and in every output{rest}.\n"
    small = small_print(seen.whole, seen.told, width=width)
    if outputs.many:
        outputs.small_print[small] = None
    else:
        text += f"\n{small}" * bool(small)
    typer.echo(text, nl=outputs.many)


def _print_counts(codes: list[int], outputs: _Outputs) -> None:
    """The end of many logs: their small print, once, and how many there are of each answer."""
    for small in filter(None, outputs.small_print):
        typer.echo(small)
    counts = {words: codes.count(code) for code, words in _COUNTED.items()}
    typer.echo(f"{len(codes)} logs: " + ", ".join(f"{n} {words}" for words, n in counts.items() if n))


@app.command(
    help="Write a log's track as .csv, .parquet, .geojson, .gpx, .kml or .gpkg.\n\n"
    "Example: dronecheck track flight.ulg -o track.csv"
)
def track(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="Flight log.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="File to write.", show_default=False)],
    include_private: Annotated[bool, typer.Option("--include-private", help="Also the pilot's own track.")] = False,
    hide_home: HideHome = None,
) -> int:
    from dronecheck.report.export.track import write_track

    _check_hide_home(hide_home)

    refuse_overwriting([output], [log])
    source = open_input(log)
    try:
        flight = read_log(source)
    except UnreadableInput as error:
        raise UnreadableInput(error.code, f"{plain(log.name)}: {error.message}") from None
    if hide_home is not None:
        from dronecheck.geofence.engine import check as check_flight
        from dronecheck.report.privacy import shown

        flight = shown(flight, check_flight(flight), hide_home).flight  # the check knows where it took off
        if not len(flight.track):
            raise UsageError(f"--hide-home {hide_home:g}: the whole flight lies that near; there is no track to write")
    write_track(flight, output, include_private=include_private)
    typer.echo(f"wrote {plain(output)}: {len(flight.track)} fixes")
    return 0


@app.command(help="List the log and zone formats that are read.")
def formats() -> int:
    from dronecheck.airspace import ZONE_READERS, load_reader

    for title, found in (
        ("flight logs", [load(name) for name in READERS]),
        ("zone files", [load_reader(name) for name in ZONE_READERS]),
    ):
        typer.echo(title)
        for reader in found:
            typer.echo(f"  {reader.NAME:<9} {reader.TITLE}")
    return 0
