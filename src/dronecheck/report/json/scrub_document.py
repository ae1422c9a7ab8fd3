"""What `media scrub --json` writes, as types: each file, its copy or why it has none, and the proof of the copy.

Unknown is null. No value of a file is here: a proof lists what was sought, in which encoding, how often it was found.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from dronecheck.media.model import MediaKind
from dronecheck.media.scrub.proof.copy_proof import CopyProof
from dronecheck.media.scrub.proof.secrets import SecretKind
from dronecheck.media.scrub.run import ScrubbedFile, ScrubRun
from dronecheck.report.json.document import Tool, without_code
from dronecheck.report.json.encode import tool_version
from dronecheck.safe.io import plain

__all__ = ["ScrubDocument", "schema_bytes", "scrub_document", "scrub_json"]

SCHEMA: Literal["dronecheck.scrub/1"] = "dronecheck.scrub/1"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing undeclared is written, and every field is always present."""


class SoughtEntry(_Strict, frozen=True):
    """Secrets of one kind in one encoding: how many patterns, and how often found in the copy.

    `outside` and `inside` picture and sound are 0 in every copy that was written; `by_chance` are patterns within them
    too short to be told from coincidence.
    """

    what: SecretKind
    form: str
    patterns: int
    outside: int
    inside: int
    by_chance: int


class CopyEntry(_Strict, frozen=True):
    """A copy, and its proof: `same_bytes` of picture and sound were compared with the source."""

    path: str
    sha256: str
    same_bytes: int
    patterns: int
    sought: list[SoughtEntry]


class ScrubbedEntry(_Strict, frozen=True):
    """A file by its name; without a copy, the reason."""

    path: str
    sha256: str | None
    kind: MediaKind
    copy: CopyEntry | None
    reason: str | None
    notices: list[str]


class ScrubDocument(_Strict, frozen=True):
    """One run; `still_revealing` are files of the same shots that were not copied."""

    schema: Literal["dronecheck.scrub/1"]
    tool: Tool
    keeps_time: bool
    files: list[ScrubbedEntry]
    still_revealing: list[str]


def scrub_document(run: ScrubRun) -> ScrubDocument:
    """Return the document of a run."""
    return ScrubDocument(
        schema=SCHEMA,
        tool=Tool(name="dronecheck", version=tool_version()),
        keeps_time=run.keeps_time,
        files=[_file(one) for one in run.files],
        still_revealing=[plain(path.name) for path in run.beside],
    )


def scrub_json(run: ScrubRun) -> bytes:
    """Return the document of a run as UTF-8 JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(scrub_document(run)), indent=2) + b"\n"


def _file(one: ScrubbedFile) -> ScrubbedEntry:
    copy = None
    if one.copy is not None and one.proof is not None:
        copy = _copy(one.copy.name, one.proof)
    return ScrubbedEntry(
        path=plain(one.path.name),
        sha256=one.sha256,
        kind=one.kind,
        copy=copy,
        reason=None if one.reason is None else str(plain(one.reason)),
        notices=[str(notice) for notice in one.notices],
    )


def _copy(name: str, proof: CopyProof) -> CopyEntry:
    sought = [
        SoughtEntry(
            what=one.kind,
            form=one.form,
            patterns=one.patterns,
            outside=one.outside,
            inside=one.inside,
            by_chance=one.by_chance,
        )
        for one in proof.sought
    ]
    return CopyEntry(
        path=plain(name), sha256=proof.sha256, same_bytes=proof.same_bytes, patterns=proof.patterns, sought=sought
    )


def schema_bytes() -> bytes:
    """Return the JSON Schema (2020-12) of the document, as it ships in `scrub.schema.json`."""
    (result,), definitions = msgspec.json.schema_components([ScrubDocument], ref_template="#/$defs/{name}")
    without_code(definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "dronecheck media scrub --json",
        **result,
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"
