"""`dronecheck case`: what was found of logs, with all that others need to verify it; `keygen`: keys to sign it with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.cli.check import Separate, unique_names
from dronecheck.cli.exits import EXIT_CODES, WORST_FIRST
from dronecheck.cli.logs import named
from dronecheck.cli.options import FactsOnly, IncludePrivate, Language, ReadUnits, grouped
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.report.case import FlightLogs, by_flight
from dronecheck.safe.io import as_meant, open_input, plain, refuse_overwriting, write_atomic, written_anew
from dronecheck.settings import CheckSetup, Options

if TYPE_CHECKING:
    from dronecheck.evidence.bundle.build import BuiltCase, FlightOfCase

__all__ = ["HELP", "KEYGEN_HELP", "case", "keygen"]

EXIT_DISCLOSED = 0
HELP = (
    "Write a case: one file with the answer as JSON, page, PDF and tables, what was done to the figures, the records "
    "that decided with their bytes, the zone files, and a manifest with the digest of everything.\n\n"
    "Examples:\n\n  dronecheck case flight.ulg -o case.zip\n\n"
    "  dronecheck case flight.csv -o signed.zip --sign my.key --exhibit 'AB/1' --analyst 'J. Doe' --timestamp\n\n"
    "  dronecheck case flight.ulg -o proof.zip --without-location\n\n"
    "  dronecheck case flight.ulg --disclose 234,235 --of proof.zip -o rows.json\n\n"
    "The same logs, options, version and data give the same bytes. `dronecheck verify` verifies it. "
    "Exit codes are those of `check`."
)
KEYGEN_HELP = (
    "Make a pair of keys to sign cases with: KEY stays with you, KEY.pub is what others verify with.\n\n"
    "Examples:\n\n  dronecheck keygen -o my.key"
)


@grouped
def case(
    logs: Annotated[
        list[Path], typer.Argument(metavar="LOG...", help="Flight logs, or folders of them.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="CASE.zip", help="File to write.", show_default=False)
    ],
    asked: Options,
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="Sign with this key; dronecheck keygen makes one.")
    ] = None,
    timestamp: Annotated[
        bool, typer.Option("--timestamp", help="Write the request for a time stamp (RFC 3161) beside: CASE.zip.tsq.")
    ] = False,
    exhibit: Annotated[str | None, typer.Option(metavar="TEXT", help="What the exhibit is called.")] = None,
    analyst: Annotated[str | None, typer.Option(metavar="TEXT", help="Who made the case.")] = None,
    include_input: Annotated[
        bool, typer.Option("--include-input", help="The logs go into the case, and the keys that open them.")
    ] = False,
    include_private: IncludePrivate = False,
    without_location: Annotated[
        bool, typer.Option("--without-location", help="Leave out all places; rows can be disclosed later, one by one.")
    ] = False,
    disclose: Annotated[
        str | None,
        typer.Option(metavar="ROW,...", help="Write these rows of the case --of, with proofs, and no case."),
    ] = None,
    of: Annotated[
        Path | None, typer.Option(metavar="CASE.zip", help="The case without location whose rows --disclose discloses.")
    ] = None,
    separate: Separate = False,
    facts_only: FactsOnly = False,
    lang: Language = "en",
    units: ReadUnits = "metric",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a case; write into a folder that was given as input.")
    ] = False,
) -> int:
    """Judge the logs and write the case whole or not at all; the exit code is that of the worst verdict."""
    from dronecheck.evidence.bundle.build import CaseAsked, build_case
    from dronecheck.evidence.bundle.keys import read_private_key

    asked = replace(asked, language=lang, units=units)
    if without_location and (include_input or include_private):
        raise UsageError("--without-location: the log and what is private in it would tell the place; leave them out")
    if without_location and facts_only:
        raise UsageError("--without-location: its page is another one, which states answers; leave --facts-only out")
    if disclose is not None or of is not None:
        if without_location or include_input or include_private or timestamp or sign is not None:
            raise UsageError("--disclose writes rows of a case that is there; sign, stamp or include nothing with it")
        return _disclose(logs, output, asked, rows=disclose, of=of, separate=separate, force=force)
    request = output.with_name(f"{output.name}.tsq")
    _refuse_places([output, *([request] if timestamp else [])], [*logs, *([sign] if sign else [])], asked, force)
    key = read_private_key(sign) if sign is not None else None
    setup = asked.setup()
    flights = _judged(by_flight(named(logs).logs, setup, separate=separate), setup)
    exhibit, analyst = (text and plain(text) for text in (exhibit, analyst))
    wanted = CaseAsked(asked, include_private, exhibit, analyst, include_input, separate, without_location, facts_only)
    built = build_case(flights, wanted, key)
    digest = _write(built, output, replaces=force)
    if timestamp:
        from dronecheck.evidence.bundle.timestamp import stamp_request

        write_atomic(request, stamp_request(digest))
    _tell(built, flights, output, digest, request if timestamp else None, facts_only=facts_only)
    return min((EXIT_CODES[verdict] for verdict in built.verdicts), key=WORST_FIRST.index)


def _disclose(
    logs: list[Path], output: Path, asked: Options, *, rows: str | None, of: Path | None, separate: bool, force: bool
) -> int:
    """Write the file of disclosed rows. Raises UnreadableInput, UsageError."""
    from dronecheck.evidence.bundle.zip_file import read_archive
    from dronecheck.evidence.withheld.members import disclosure_of_rows, documents_in

    if rows is None or of is None:
        raise UsageError("--disclose ROW,... and --of CASE.zip go together: which rows, of which case")
    numbers = [text.strip() for text in rows.split(",")]
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in numbers):
        raise UsageError(f"--disclose {plain(rows, 60)}: give numbers of rows from 0, such as 234,235")
    of = as_meant(of)
    _refuse_places([output], [*logs, of], asked, force)
    documents = documents_in(read_archive(open_input(of)).members)
    if not documents:
        raise UsageError(f"{plain(of)}: no case without location; `dronecheck case --without-location` makes one")
    setup = asked.setup()
    flights = _judged(by_flight(named(logs).logs, setup, separate=separate), setup)
    content = disclosure_of_rows((one.case.flight for one in flights), documents, list(map(int, numbers)))
    write_atomic(output, content)
    typer.echo(
        f"wrote {plain(output)}: rows {', '.join(numbers)}; each tells a place, and about where its neighbours are"
    )
    return EXIT_DISCLOSED


def _refuse_places(outputs: list[Path], given: list[Path], asked: Options, force: bool) -> None:
    """Refuse, before any work, to write where something is, over an input, or into a folder of evidence."""
    inputs = [as_meant(path) for path in given]
    refuse_overwriting(outputs, [*inputs, *asked.files()])
    for output in outputs:
        if output.is_dir():
            raise UsageError(f"-o {plain(output)}: a folder; name a file such as {plain(output / 'case.zip')}")
        if not output.parent.is_dir():
            raise UsageError(f"-o {plain(output)}: there is no folder {plain(output.parent)}")
        if force:
            continue
        if output.exists() or output.is_symlink():
            raise UsageError(f"{plain(output)} is there already; --force overwrites it")
        for path in inputs:
            if path.is_dir() and output.resolve().is_relative_to(path.resolve()):
                text = f"-o {plain(output)} lies in {plain(path)}, which was given as input"
                raise UsageError(f"{text}; write elsewhere, or use --force")


def _judged(found: list[FlightLogs], setup: CheckSetup) -> list[FlightOfCase]:
    """Judge each flight. Raises UnreadableInput, with the name of the log where there are several, and UsageError."""
    from dronecheck.evidence.bundle.build import judged, opened_log

    folders = [""] if len(found) == 1 else unique_names([each.paths[0] for each in found])
    flights = []
    for each, folder in zip(found, folders, strict=True):
        if each.failed is not None:
            raise each.failed
        try:
            flights.append(judged([opened_log(path, setup) for path in each.paths], setup, folder))
        except UnreadableInput as error:
            text = f"{plain(each.paths[0].name)}: {error.message}"
            raise UnreadableInput(error.code, f"{text}; no case was written") from None
    return flights


def _write(built: BuiltCase, output: Path, *, replaces: bool) -> str:
    """Write the archive in one pass; its SHA-256, hex."""
    import hashlib

    from dronecheck.evidence.bundle.zip_file import pieces

    digest = hashlib.sha256()
    with written_anew(output, replaces=replaces) as temporary, temporary.open("wb") as file:
        for piece in pieces(built.members):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _tell(
    built: BuiltCase,
    flights: list[FlightOfCase],
    output: Path,
    digest: str,
    request: Path | None,
    *,
    facts_only: bool,
) -> None:
    from dronecheck.report.text.headline import headline
    from dronecheck.report.text.words import TERMINAL, words_of

    for one in flights:
        name = f"{plain(one.logs[0].source.name)}: "
        say = words_of(one.case.result.settings, TERMINAL, facts_only=facts_only)
        typer.echo(f"{name}{headline(one.case.result, say)}")
    for note in built.manifest.notes:
        typer.echo(plain(note))
    typer.echo(f"wrote {plain(output)}: {len(built.members)} files, SHA-256 {digest}")
    if request is not None:
        typer.echo(f"wrote {plain(request)}: send it to a time stamp authority, and keep what it answers")


def keygen(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="KEY", help="The key; KEY.pub beside it.", show_default=False)
    ],
) -> int:
    """Write an Ed25519 key and its public half; nothing is overwritten."""
    from dronecheck.evidence.bundle.keys import key_id, make_key, read_public_key

    public = make_key(output)
    typer.echo(f"wrote {plain(output)}: the private key, for you alone (mode 0600, no password)")
    typer.echo(f"wrote {plain(public)}: to hand on; its SHA-256 is {key_id(read_public_key(public))}")
    return 0
