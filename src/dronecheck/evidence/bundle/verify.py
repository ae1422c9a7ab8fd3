"""Verifies a case: what of it holds, what was changed, and what was not looked at; nothing of it is trusted.

A case that holds was not changed since it was made, and by a signature it is its signer who made it. That its logs are
authentic it does not say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.evidence.bundle.manifest import MANIFEST, CaseInput, CaseManifest, decoded, tool
from dronecheck.evidence.bundle.sign import ENVELOPE, is_signed_by, open_envelope
from dronecheck.evidence.bundle.zip_file import CaseArchive, read_archive
from dronecheck.messages import Message
from dronecheck.safe.io import Input, hash_file, open_input, plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.x509 import Certificate

__all__ = ["Standing", "Verification", "VerifiedRow", "VerifyAsked", "verify"]

_MOST_FILES = 20_000  # looked at below folders of --input


class Standing(StrEnum):
    """What came out of one thing that was verified."""

    HOLDS = "holds"
    CHANGED = "CHANGED"
    MISSING = "MISSING"
    ADDED = "ADDED"
    DIFFERS = "DIFFERS"  # a second run says something else
    NOT_CHECKED = "NOT CHECKED"  # nothing to check it by was given


@dataclass(frozen=True, slots=True)
class VerifiedRow:
    """One line of the table: what was looked at, what came out, and what is to be said of it."""

    what: str
    standing: Standing
    told: Message = Message("")

    @property
    def is_bad(self) -> bool:
        """Tell whether it does not hold; what was not checked is no such."""
        return self.standing not in (Standing.HOLDS, Standing.NOT_CHECKED)


@dataclass(frozen=True, slots=True)
class VerifyAsked:
    """What a case is held against; of an empty one only the archive itself is looked at."""

    key: Ed25519PublicKey | None = None
    inputs: tuple[Path, ...] = ()
    rerun: bool = False
    stamp: Path | None = None
    authority: tuple[Certificate, ...] = ()
    rows: Path | None = None  # rows that are disclosed of a case without location


@dataclass(frozen=True, slots=True)
class Verification:
    """The table, and the manifest where it can be read."""

    rows: tuple[VerifiedRow, ...]
    manifest: CaseManifest | None

    @property
    def holds(self) -> bool:
        """Tell whether nothing was found that does not hold."""
        return not any(row.is_bad for row in self.rows)


def verify(source: Input, asked: VerifyAsked) -> Verification:
    """Verify a case. Raises UsageError for files of `asked` that cannot be used; a damaged case is a result."""
    archive = read_archive(source)
    rows = [*_archive(archive, source)]
    manifest, row = _manifest(archive)
    rows.append(row)
    if manifest is not None:
        rows += _files(archive, manifest)
    rows += _signature(archive, asked.key)
    if asked.rows is not None:
        rows += _disclosed(archive, asked.rows)
    if asked.stamp is not None:
        rows += _stamp(source, asked.stamp, asked.authority)
    if manifest is not None:
        found, input_rows = _inputs(manifest, archive, asked.inputs, source.path.parent)
        rows += input_rows
        if asked.rerun:
            rows += _rerun(manifest, archive, found)
    elif asked.rerun:
        rows.append(VerifiedRow("rerun", Standing.MISSING, Message("nothing can be run without a manifest")))
    return Verification(tuple(rows), manifest)


def _archive(archive: CaseArchive, source: Input) -> Iterator[VerifiedRow]:
    if not archive.flaws:
        told = Message("{size} bytes, each of them as a case of these files has it", size=source.size_bytes)
        yield VerifiedRow("archive", Standing.HOLDS, told)
    for flaw in archive.flaws:
        yield VerifiedRow("archive", Standing.CHANGED, flaw)


def _manifest(archive: CaseArchive) -> tuple[CaseManifest | None, VerifiedRow]:
    raw = archive.members.get(MANIFEST)
    if raw is None:
        return None, VerifiedRow(MANIFEST, Standing.MISSING, Message("without it no file can be verified"))
    try:
        return (manifest := decoded(bytes(raw))), VerifiedRow(
            MANIFEST, Standing.HOLDS, Message("{count} files are listed", count=len(manifest.files))
        )
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        return None, VerifiedRow(MANIFEST, Standing.CHANGED, Message("it cannot be read: {why}", why=plain(error, 120)))


def _files(archive: CaseArchive, manifest: CaseManifest) -> Iterator[VerifiedRow]:
    listed = {each.name: each for each in manifest.files}
    for name, known in listed.items():
        content = archive.members.get(name)
        if content is None:
            yield VerifiedRow(plain(name, 80), Standing.MISSING, Message("the manifest lists it"))
        elif len(content) != known.bytes:
            told = Message("{size} bytes, {known} when it was made", size=len(content), known=known.bytes)
            yield VerifiedRow(plain(name, 80), Standing.CHANGED, told)
        elif (found := hashlib.sha256(content).hexdigest()) != known.sha256:
            told = Message("SHA-256 {found}..., {known}... when it was made", found=found[:12], known=known.sha256[:12])
            yield VerifiedRow(plain(name, 80), Standing.CHANGED, told)
        else:
            yield VerifiedRow(plain(name, 80), Standing.HOLDS, Message("SHA-256 {found}...", found=found[:12]))
    for name in sorted(set(archive.members) - set(listed) - {MANIFEST, ENVELOPE}):
        yield VerifiedRow(plain(name, 80), Standing.ADDED, Message("the manifest does not list it"))


def _signature(archive: CaseArchive, key: Ed25519PublicKey | None) -> Iterator[VerifiedRow]:
    raw = archive.members.get(ENVELOPE)
    if raw is None:
        if key is not None:
            yield VerifiedRow("signature", Standing.MISSING, Message("the case is not signed"))
        else:
            told = Message("the case is not signed: whoever holds it could have made it anew")
            yield VerifiedRow("signature", Standing.NOT_CHECKED, told)
        return
    try:
        envelope, statement = open_envelope(bytes(raw))
        is_signed = key is not None and is_signed_by(envelope, key)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        yield VerifiedRow(ENVELOPE, Standing.CHANGED, Message("it cannot be read: {why}", why=plain(error, 120)))
        return
    by = plain(envelope.signatures[0].keyid[:16])
    if key is None:
        told = Message("by the key {key}...; --key PUB verifies it", key=by)
        yield VerifiedRow("signature", Standing.NOT_CHECKED, told)
    elif is_signed:
        yield VerifiedRow("signature", Standing.HOLDS, Message("by the key {key}...", key=by))
    else:
        yield VerifiedRow(
            "signature", Standing.CHANGED, Message("it is not of this key, or what was signed was changed")
        )
    yield from _subjects(archive, {each.name: each.digest.get("sha256", "") for each in statement.subject})


def _subjects(archive: CaseArchive, signed: Mapping[str, str]) -> Iterator[VerifiedRow]:
    """Yield what is unlike the signed statement; one row where nothing is."""
    others = set(archive.members) - {ENVELOPE}
    is_like = True
    for name in sorted(others | set(signed)):
        standing = (
            Standing.ADDED if name not in signed
            else Standing.MISSING if name not in others
            else Standing.CHANGED if hashlib.sha256(archive.members[name]).hexdigest() != signed[name]
            else Standing.HOLDS
        )  # fmt: skip
        if standing is not Standing.HOLDS:
            is_like = False
            yield VerifiedRow(plain(name, 80), standing, Message("by the statement in the envelope"))
    if is_like:
        yield VerifiedRow(
            ENVELOPE, Standing.HOLDS, Message("its statement is about these {count} files", count=len(others))
        )


def _disclosed(archive: CaseArchive, path: Path) -> Iterator[VerifiedRow]:
    """Yield whether disclosed rows are those under the root of the case. Raises UsageError without the file."""
    from dronecheck.evidence.withheld.members import documents_in
    from dronecheck.evidence.withheld.rows import disclosed, root_of, row_faults

    what = f"rows {plain(path.name, 70)}"
    documents = documents_in(archive.members)
    if not documents:
        told = Message("the case has no root of rows: it was not made without location")
        yield VerifiedRow(what, Standing.MISSING, told)
        return
    try:
        content = bytes(open_input(path).data)
    except UnreadableInput as error:
        yield VerifiedRow(what, Standing.CHANGED, Message("no file of disclosed rows: {error}", error=error.message))
        return
    known = next((each.rows for each in documents if each.rows.root == root_of(content)), documents[0].rows)
    faults = row_faults(content, known.root, known.count)
    for fault in faults:
        yield VerifiedRow(what, Standing.CHANGED, fault)
    if not faults:
        numbers = ", ".join(str(each["row"]) for each in disclosed(content))
        told = Message("under the root of the case, as they were when it was made: {rows}", rows=plain(numbers, 160))
        yield VerifiedRow(what, Standing.HOLDS, told)


def _stamp(source: Input, path: Path, authority: tuple[Certificate, ...]) -> Iterator[VerifiedRow]:
    from dronecheck.evidence.bundle.timestamp import read_stamp, why_not_signed

    try:
        stamp = read_stamp(path)
    except ValueError as error:
        yield VerifiedRow(
            "time stamp",
            Standing.CHANGED,
            Message("{file} is no stamp: {why}", file=plain(path.name, 60), why=str(error)),
        )
        return
    if stamp.sha256 != source.sha256:
        told = Message("it is on another file: SHA-256 {found}...", found=stamp.sha256[:12])
        yield VerifiedRow("time stamp", Standing.CHANGED, told)
        return
    at = f"{stamp.at:%Y-%m-%d %H:%M:%S} UTC"
    if not authority:
        told = Message("it says that the case was there on {at}; who says so: --tsa-cert FILE verifies it", at=at)
        yield VerifiedRow("time stamp", Standing.NOT_CHECKED, told)
    elif why := why_not_signed(stamp, list(authority)):
        yield VerifiedRow("time stamp", Standing.CHANGED, Message("it is not of this authority: {why}", why=why))
    else:
        yield VerifiedRow("time stamp", Standing.HOLDS, Message("the case was there on {at}", at=at))


@dataclass(frozen=True, slots=True)
class _AtHand:
    """The logs of a case that are at hand, by number, and other files that were given, by SHA-256."""

    logs: dict[int, Path]
    others: dict[str, Path]


def _inputs(
    manifest: CaseManifest, archive: CaseArchive, given: Sequence[Path], beside: Path
) -> tuple[_AtHand, list[VerifiedRow]]:
    """Look for the logs: among those given, in the case, and by their names here and beside the case."""
    known = (*manifest.inputs, *manifest.data)
    sizes, digests, names = ({getattr(each, name) for each in known} for name in ("bytes", "sha256", "name"))
    found = _AtHand({}, {})
    for path in _given_files(given):
        if path.stat().st_size in sizes:
            found.others.setdefault(hash_file(path), path)
    named = {path.name: path for path in given if path.is_file()}
    rows = []
    for number, each in enumerate(manifest.inputs):
        log, row = _input(each, archive, found.others, named, beside)
        rows.append(row)
        if log is not None:
            found.logs[number] = log
    told = Message("it is none of the files that the case is about")
    used = {path for digest, path in found.others.items() if digest in digests}
    strangers = [path for path in named.values() if path not in used and path.name not in names]
    return found, [*rows, *(VerifiedRow(plain(path.name, 80), Standing.CHANGED, told) for path in strangers)]


def _given_files(given: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that were given, and those below folders. Raises UsageError for what is not there."""
    count = 0
    for path in given:
        if not path.exists():
            raise UsageError(f"--input {plain(path)}: no such file")
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file():
                count += 1
                if count > _MOST_FILES:
                    raise UsageError(f"--input {plain(path)}: more than {_MOST_FILES} files; name the logs")
                yield each


def _input(
    known: CaseInput, archive: CaseArchive, digests: Mapping[str, Path], named: Mapping[str, Path], beside: Path
) -> tuple[Path | None, VerifiedRow]:
    what = f"input {plain(known.name, 70)}"
    if known.sha256 in digests:
        path = digests[known.sha256]
        if _sha512(path) != known.sha512:
            return None, VerifiedRow(what, Standing.CHANGED, Message("its SHA-512 is not the one of the manifest"))
        return path, VerifiedRow(
            what, Standing.HOLDS, Message("{file} has both its digests", file=plain(path.name, 70))
        )
    if known.name in named:
        return None, VerifiedRow(what, Standing.CHANGED, Message("the file given is another one: its digest differs"))
    if known.member is not None:
        content = archive.members.get(known.member)
        if content is None or hashlib.sha256(content).hexdigest() != known.sha256:
            return None, VerifiedRow(
                what, Standing.CHANGED, Message("{member} in the case is not it", member=known.member)
            )
        return None, VerifiedRow(
            what, Standing.HOLDS, Message("it is in the case, as {member}", member=plain(known.member, 80))
        )
    for path in (Path(known.name), beside / known.name):
        if Path(known.name).name == known.name and _is_it(path, known):
            return path, VerifiedRow(what, Standing.HOLDS, Message("the file of that name has both its digests"))
    return None, VerifiedRow(what, Standing.NOT_CHECKED, Message("it was not given; --input PATH names it"))


def _is_it(path: Path, known: CaseInput) -> bool:
    """Tell whether a file, if it is there, is an input; the dear digests of it are made where its size fits."""
    return (
        path.is_file()
        and path.stat().st_size == known.bytes
        and hash_file(path) == known.sha256
        and _sha512(path) == known.sha512
    )


def _sha512(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha512").hexdigest()


def _rerun(manifest: CaseManifest, archive: CaseArchive, found: _AtHand) -> Iterator[VerifiedRow]:
    from dronecheck.evidence.bundle.rerun import differences, run_again

    own = {
        n: archive.members[i.member] for n, i in enumerate(manifest.inputs) if i.member and i.member in archive.members
    }
    logs: dict[int, Path | bytes | memoryview] = {**own, **found.logs}
    missing = [each.name for number, each in enumerate(manifest.inputs) if number not in logs]
    if missing:
        told = Message("it needs {names}; --input PATH names it", names=plain(", ".join(missing), 160))
        yield VerifiedRow("rerun", Standing.MISSING, told)
        return
    try:
        anew = run_again(manifest, archive.members, logs, found.others)
    except (UnreadableInput, UsageError, KeyError, IndexError, TypeError, ValueError) as error:
        yield VerifiedRow("rerun", Standing.DIFFERS, Message("it cannot be run: {why}", why=plain(error, 160)))
        return
    mine, its = tool(), manifest.tool
    by = Message("version {version}", version=mine.version)
    if mine.files_sha256 != its.files_sha256:
        text = "version {version} ({mine}...), where the case was made by {its_version} ({its}...)"
        by = Message(text, version=mine.version, mine=mine.files_sha256[:12], its_version=plain(its.version, 20),
                     its=its.files_sha256[:12])  # fmt: skip
    unlike = differences(archive.members, anew)
    if not unlike:
        yield VerifiedRow("rerun", Standing.HOLDS, Message("{by} gives the same result", by=by))
    for each in unlike:
        yield VerifiedRow("rerun", Standing.DIFFERS, Message("{by}: {told}", by=by, told=each))
