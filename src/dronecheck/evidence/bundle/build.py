"""Makes a case: the members of its archive, from flights that were read, and what they were judged by."""

from __future__ import annotations

import csv
import hashlib
import io
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from dronecheck.errors import UsageError
from dronecheck.evidence.bundle.data_used import UsedFile, used_files
from dronecheck.evidence.bundle.evidence_table import evidence_csv, evidence_table
from dronecheck.evidence.bundle.manifest import (
    MANIFEST,
    CaseFlight,
    CaseInput,
    CaseManifest,
    DataFile,
    digests_of,
    encoded,
    libraries,
    tool,
)
from dronecheck.evidence.bundle.recipe import command_words, option_values
from dronecheck.evidence.bundle.sign import ENVELOPE, seal
from dronecheck.evidence.bundle.transformations import transformation_log
from dronecheck.evidence.consistency.clock.file_times import ID as FILE_TIMES
from dronecheck.evidence.consistency.clock.file_times import file_times
from dronecheck.evidence.withheld.members import NO_PDF, log_name, told_options, withheld_data, withheld_page_of
from dronecheck.flight import OPERATOR, Flight
from dronecheck.geofence.result import Verdict
from dronecheck.report.case import Case, Disclosure, Exhibit
from dronecheck.report.columns import FINDING_COLUMNS, finding_row
from dronecheck.report.export.result import text_cell
from dronecheck.report.export.track import track_csv
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import Redacted, redact
from dronecheck.safe.io import Input, open_input, plain
from dronecheck.settings import CheckSetup, Options
from dronecheck.timebase import iso_utc

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["BuiltCase", "CaseAsked", "CaseLog", "FlightOfCase", "build_case", "data_members", "judged", "opened_log"]

Members = dict[str, bytes | memoryview]


@dataclass(frozen=True, slots=True)
class CaseAsked:
    """What is asked of a case beside the options of `check`."""

    options: Options
    private: bool = False
    exhibit: str | None = None
    analyst: str | None = None
    include_input: bool = False
    separate: bool = False
    without_location: bool = False
    facts_only: bool = False

    def words(self) -> list[str]:
        """Return these as words of a command line."""
        flags = (
            ("--include-private", self.private),
            ("--include-input", self.include_input),
            ("--separate", self.separate),
            ("--without-location", self.without_location),
            ("--facts-only", self.facts_only),
        )
        words = [flag for flag, is_on in flags if is_on]
        texts = (("--exhibit", self.exhibit), ("--analyst", self.analyst))
        return [*words, *(word for flag, text in texts if text is not None for word in (flag, text))]


@dataclass(frozen=True, slots=True)
class CaseLog:
    """A log as it was read, with its bytes and its file time (nanoseconds since 1970, UTC)."""

    source: Input
    flight: Flight
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FlightOfCase:
    """One flight that was judged, and the folder of its files in the case ("" is the top)."""

    folder: str
    logs: tuple[CaseLog, ...]
    case: Case


@dataclass(frozen=True, slots=True)
class BuiltCase:
    """The members of a case, and what it says."""

    members: Members
    manifest: CaseManifest
    verdicts: tuple[Verdict, ...]


def judged(logs: Sequence[CaseLog], setup: CheckSetup, folder: str = "") -> FlightOfCase:
    """Judge the logs of one flight; where they lie is left out of the answer. Raises UnreadableInput, UsageError."""
    flight, zones, result = setup.judge_files([log.flight for log in logs])
    named = {log.source.sha256: log for log in logs}
    in_order = tuple(named[source.sha256] for source in flight.sources)
    return FlightOfCase(folder, in_order, Case(_by_name(flight), zones, result, setup.ground))


def _by_name(flight: Flight) -> Flight:
    """Return a flight whose files are known by their names alone."""
    first, *more = [replace(source, path=Path(source.path.name)) for source in flight.sources]
    return replace(flight, source=first, more_sources=tuple(more))


def data_members(one: FlightOfCase, *, private: bool, without_location: bool = False) -> Members:
    """Return what is said of a flight as data: the same on every machine of one version and its libraries."""
    if without_location:
        return {_below(one.folder, name): content for name, content in withheld_data(one.case).items()}
    seen = redact(one.case, Disclosure(private))
    table = evidence_table(one.case, [log.source for log in one.logs])
    members: Members = {
        "result.json": encode(result_document(seen), indent=True),
        "transformations.json": encoded(transformation_log(one.case)),
        "evidence.json": encoded(table),
        "evidence.csv": evidence_csv(table),
        "tables/findings.csv": _findings_csv(seen),
        "tables/issues.csv": _issues_csv(seen),
        "tables/track.csv": track_csv(seen.flight, seen.flight.track),
    }
    if private and OPERATOR in seen.flight.tracks:
        members["tables/operator.csv"] = track_csv(seen.flight, seen.flight.tracks[OPERATOR])
    return {_below(one.folder, name): content for name, content in members.items()}


def build_case(flights: Sequence[FlightOfCase], asked: CaseAsked, key: Ed25519PrivateKey | None = None) -> BuiltCase:
    """Return a case of judged flights, signed where there is a key. Raises UsageError."""
    members, notes, told = dict[str, bytes | memoryview](), list[str](), list[CaseFlight]()
    if asked.without_location:  # the folders have the names of logs
        flights = [replace(one, folder=one.folder and str(number)) for number, one in enumerate(flights, 1)]
    logs = [log for one in flights for log in one.logs]
    names = [_name_of(log, number, asked) for number, log in enumerate(logs, 1)]
    command = command_words(names, _options_told(asked), asked.words())
    exhibit = Exhibit(asked.exhibit or "", asked.analyst or "", shlex.join(command))
    for one in flights:
        own = data_members(one, private=asked.private, without_location=asked.without_location)
        pictures, why_no_pdf = _documents(one, exhibit, asked, own)
        members |= own | pictures
        notes += [_of_folder(one.folder, note) for note in why_no_pdf]
        numbers = [number for number, log in enumerate(logs) if log in one.logs]
        verdict = one.case.result.verdict.value
        told.append(CaseFlight(folder=one.folder, inputs=numbers, verdict=verdict, pdf=not why_no_pdf))
    inputs = [_input(log, number, asked, members) for number, log in enumerate(logs, 1)]
    used = used_files(asked.options, [one.case for one in flights], [log.source for log in logs])
    if asked.without_location:
        data, more = list[DataFile](), _withheld_by_name(asked, used)
        notes += [f"withheld, for they lead to the place: {', '.join(more)}"] if more else []
        manifest = _without_location(_manifest(flights, asked, command, inputs, told, data, notes, members), more)
    else:
        data = [_data(each, number, asked, members) for number, each in enumerate(used, 1)]
        manifest = _manifest(flights, asked, command, inputs, told, data, notes, members)
    members[MANIFEST] = encoded(manifest)
    if key is not None:
        members[ENVELOPE] = seal({f.name: f.sha256 for f in digests_of(members)}, _predicate(manifest), key)
    return BuiltCase(members, manifest, tuple(one.case.result.verdict for one in flights))


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _of_folder(folder: str, note: str) -> str:
    return f"{folder}: {note}" if folder else note


def _name_of(log: CaseLog, number: int, asked: CaseAsked) -> str:
    return log_name(number) if asked.without_location else plain(log.source.name)


def _options_told(asked: CaseAsked) -> dict[str, Any]:
    values = option_values(asked.options)
    return told_options(values) if asked.without_location else values


def _withheld_by_name(asked: CaseAsked, used: Sequence[UsedFile]) -> list[str]:
    """Return the names of the options, and the roles of the files, that a case without location keeps to itself."""
    values = option_values(asked.options)
    return sorted({*(set(values) - set(told_options(values))), *(each.role for each in used)})


def _without_location(manifest: CaseManifest, more: list[str]) -> CaseManifest:
    """Return the manifest with nothing of zones, terrain and geoid: the document has them, sealed."""
    options = {**manifest.options, "without_location": True, "withheld": more}
    return msgspec.structs.replace(manifest, options=options, zone_sources=[], geoid_sha256=None)


def _documents(one: FlightOfCase, exhibit: Exhibit, asked: CaseAsked, own: Members) -> tuple[Members, list[str]]:
    """Return the page and the document, and why there is no document where there is none."""
    if asked.without_location:
        (data,) = own.values()
        made = withheld_page_of(bytes(data), exhibit, asked.options.language, asked.options.units)
        return {_below(one.folder, name): content for name, content in made.items()}, [NO_PDF]
    from dronecheck.report.page.write import page
    from dronecheck.report.pdf.write import pdf

    seen = redact(one.case, Disclosure(asked.private, facts_only=asked.facts_only))
    members: Members = {_below(one.folder, "page.html"): page(seen, exhibit).encode()}
    try:
        members[_below(one.folder, "report.pdf")] = pdf(seen, exhibit, is_dated=False)
    except UsageError as error:
        return members, [f"there is no report.pdf: {error}"]
    return members, []


def _input(log: CaseLog, number: int, asked: CaseAsked, members: Members) -> CaseInput:
    source, name = log.source, plain(log.source.name)
    dialect = log.flight.source.dialect
    if asked.without_location:
        name, dialect = log_name(number), ""
    member = None
    if asked.include_input:
        member = f"inputs/{number}/{_member_part(name)}"
        members[member] = memoryview(source.data)
    return CaseInput(
        name=name, bytes=source.size_bytes, sha256=source.sha256, sha512=hashlib.sha512(source.data).hexdigest(),
        modified_utc=_instant(log.modified_ns), format=log.flight.source.format, dialect=dialect,
        member=member,
    )  # fmt: skip


def _instant(time_ns: int) -> str:
    """Return an instant with its nanoseconds, ISO 8601 UTC."""
    return f"{iso_utc(time_ns // 10**9 * 10**9) or ''}".removesuffix(".000Z") + f".{time_ns % 10**9:09d}Z"


def _member_part(name: str) -> str:
    """Return a file's name as a member may have it: without control characters and what some systems forbid."""
    kept = "".join("_" if char in '\\/:*?"<>|' or not char.isprintable() else char for char in name)
    return kept if kept.strip(".") else f"_{kept}"


def _data(used: UsedFile, number: int, asked: CaseAsked, members: Members) -> DataFile:
    member = None
    if used.role != "keys" or asked.include_input:  # keys open the log: they go where it goes
        member = f"data/{number}/{_member_part(used.name)}"
        members[member] = used.content
    return DataFile(
        role=used.role, name=plain(used.name), bytes=len(used.content), sha256=hashlib.sha256(used.content).hexdigest(),
        member=member, edition=used.edition,
    )  # fmt: skip


def _manifest(
    flights: Sequence[FlightOfCase],
    asked: CaseAsked,
    command: list[str],
    inputs: list[CaseInput],
    told: list[CaseFlight],
    data: list[DataFile],
    notes: list[str],
    members: Members,
) -> CaseManifest:
    values = _options_told(asked)
    documents = [result_document(redact(one.case, Disclosure(asked.private))) for one in flights]
    sources = {source.sha256: source for document in documents for source in document.zone_sources}
    borders = flights[0].case.result.borders
    geoids = [one.case.result.geoid_sha256 for one in flights]
    return CaseManifest(
        schema="dronecheck.case/1",
        tool=tool(),
        libraries=libraries(documents[0].method.versions),
        locale="C",
        time_zone="UTC",
        command=command,
        options={
            **values, "include_private": asked.private, "include_input": asked.include_input,
            "separate": asked.separate, **({"facts_only": True} if asked.facts_only else {}),
        },
        exhibit=asked.exhibit,
        analyst=asked.analyst,
        inputs=inputs,
        flights=told,
        borders={"name": borders.name, "edition": borders.edition, "sha256": borders.sha256},
        geoid_sha256=next(filter(None, geoids), None),
        zone_sources=[_source(source) for source in sources.values()],
        data=data,
        notes=notes,
        files=digests_of(members),
    )  # fmt: skip


def _source(source: Any) -> dict[str, Any]:
    return {name: getattr(source, name) for name in ("name", "sha256", "edition", "licence", "accuracy_m")}


def _predicate(manifest: CaseManifest) -> dict[str, Any]:
    """Return what the statement says of how the files came about."""
    inputs = [
        {"name": each.name, "bytes": each.bytes, "digest": {"sha256": each.sha256, "sha512": each.sha512}}
        for each in manifest.inputs
    ]
    verdicts = [{"folder": each.folder, "verdict": each.verdict} for each in manifest.flights]
    made_by = {"name": manifest.tool.name, "version": manifest.tool.version, "files_sha256": manifest.tool.files_sha256}
    return {
        "inputs": inputs, "verdicts": verdicts, "tool": made_by, "command": manifest.command,
        "exhibit": manifest.exhibit, "analyst": manifest.analyst,
    }  # fmt: skip


def _csv(columns: Sequence[str], rows: Iterator[Sequence[object]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if c is None else text_cell(str(c)) if isinstance(c, str) else repr(c) for c in row])
    return sink.getvalue().encode("utf-8", "replace")


def _findings_csv(seen: Redacted) -> bytes:
    known = seen.whole.clock.utc_known
    return _csv(list(FINDING_COLUMNS), (list(finding_row(f, utc_known=known).values()) for f in seen.result.findings))


def _issues_csv(seen: Redacted) -> bytes:
    issues = result_document(seen).issues
    columns = ("code", "severity", "message", "offset", "count", "file")
    return _csv(
        columns,
        ([i.code, i.severity.value, i.message, i.offset, i.count, i.file] for i in issues),
    )


def opened_log(path: Path, setup: CheckSetup, modified_ns: int | None = None) -> CaseLog:
    """Read a log for a case; its file time is the file's own unless given. Raises UnreadableInput, UsageError."""
    source = open_input(path)
    at_ns = path.stat().st_mtime_ns if modified_ns is None else modified_ns
    return CaseLog(source, _with_file_time(setup.read(source), at_ns), at_ns)


def _with_file_time(flight: Flight, modified_ns: int) -> Flight:
    """Return a flight whose integrity tests are one more: only a case takes its file times for evidence."""
    known = flight.integrity
    if known is None:
        return flight
    can_run = flight.clock.utc_known and bool(flight.track.is_timed.any())
    run = (*known.run, FILE_TIMES) if can_run else known.run
    told = (*known.statements, *file_times(flight, modified_ns))
    return replace(flight, integrity=replace(known, run=run, total=(*known.total, FILE_TIMES), statements=told))
