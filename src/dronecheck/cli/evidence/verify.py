"""`dronecheck verify`: one table of what of a case holds, and what was changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe.io import as_meant, open_input, plain

if TYPE_CHECKING:
    from dronecheck.evidence.bundle.verify import Verification, VerifiedRow

__all__ = ["HELP", "verify"]

EXIT_HOLDS, EXIT_CHANGED = 0, 1
HELP = (
    "Verify a case: every digest, every byte of the archive, its signature, its time stamp, its logs; with --rerun "
    "that this version says the same of them.\n\n"
    "Examples:\n\n  dronecheck verify case.zip\n\n"
    "  dronecheck verify signed.zip --key my.key.pub --input flight.csv --rerun\n\n"
    "  dronecheck verify proof.zip --rows rows.json\n\n"
    "Exit codes: 0 all that was checked holds, 1 something does not, 2 usage."
)
_RED, _GREEN, _PLAIN = "\033[31m", "\033[32m", "\033[0m"


def verify(
    case: Annotated[Path, typer.Argument(metavar="CASE.zip", help="Case.", show_default=False)],
    key: Annotated[Path | None, typer.Option(metavar="PUB", help="Public key of who signed it.")] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--input", metavar="PATH", help="Its log, or a folder with it; may be repeated."),
    ] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Judge the logs again, and say what differs.")] = False,
    tsr: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answer of a time stamp authority (RFC 3161).")
    ] = None,
    tsa_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates of that authority, PEM; the root among them.")
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="ROWS.json", help="Rows disclosed of a case without location, held against its root."),
    ] = None,
) -> int:
    """Print the table; 0 where all that was checked holds, 1 where anything does not."""
    from dronecheck.evidence.bundle.keys import read_public_key
    from dronecheck.evidence.bundle.verify import VerifyAsked
    from dronecheck.evidence.bundle.verify import verify as verify_case

    if tsa_cert is not None and tsr is None:
        raise UsageError("--tsa-cert is about a time stamp; --tsr FILE names it")
    if tsr is not None:
        from dronecheck.evidence.bundle.timestamp import read_certificates, require_stamps

        require_stamps("--tsr")
    case = as_meant(case)
    asked = VerifyAsked(
        read_public_key(key) if key is not None else None,
        tuple(map(as_meant, inputs or ())),
        rerun,
        tsr,
        tuple(read_certificates(tsa_cert)) if tsa_cert is not None else (),
        as_meant(rows) if rows is not None else None,
    )
    try:
        source = open_input(case)
    except UnreadableInput as error:
        typer.echo(f"{plain(case)}: CHANGED: {error.message}")
        return EXIT_CHANGED
    done = verify_case(source, asked)
    typer.echo(_table(done, colour=sys.stdout.isatty()))
    typer.echo(f"{plain(case.name)}: {_summary(done)}")
    return EXIT_HOLDS if done.holds else EXIT_CHANGED


def _table(done: Verification, *, colour: bool) -> str:
    whats, standings = (
        max((len(text) for text in texts), default=0)
        for texts in ([row.what for row in done.rows], [row.standing.value for row in done.rows])
    )

    def line(row: VerifiedRow) -> str:
        standing = f"{row.standing.value:<{standings}}"
        if colour:
            standing = f"{_RED if row.is_bad else _GREEN if row.standing.value == 'holds' else ''}{standing}{_PLAIN}"
        return f"{row.what:<{whats}}  {standing}  {row.told}".rstrip()

    return "\n".join(map(line, done.rows))


def _summary(done: Verification) -> str:
    bad, unchecked = (
        sum(row.is_bad for row in done.rows),
        sum(not row.is_bad and row.standing.value != "holds" for row in done.rows),
    )
    said = f"{bad} of {len(done.rows)} lines do not hold" if bad else "all that was checked holds"
    said += f"; {unchecked} not checked" if unchecked else ""
    manifest = done.manifest
    if bad or manifest is None:
        return said
    verdicts = ", ".join(plain(each.verdict, 20) for each in manifest.flights)
    about = f"it says {verdicts} of {plain(', '.join(each.name for each in manifest.inputs), 200)}"
    named = [("exhibit", manifest.exhibit), ("analyst", manifest.analyst)]
    about += "".join(f", {what} {plain(text, 100)}" for what, text in named if text)
    return f"{said}\n{about}\nThat it was not changed since does not prove that the logs are authentic."
