"""The manifest of a case: what it was made of, by what, and the digest of every file in it. The types are the format.

It holds no clock, no folder, nothing of the machine but the versions of what computed: the same inputs, options,
version and data give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import msgspec

import dronecheck
from dronecheck.safe.data_files import data_dir

__all__ = [
    "MANIFEST", "CaseFile", "CaseFlight", "CaseInput", "CaseManifest", "CaseTool", "DataFile", "decoded", "digests_of",
    "encoded", "libraries", "tool",
]  # fmt: skip

MANIFEST = "manifest.json"
SCHEMA: Literal["dronecheck.case/1"] = "dronecheck.case/1"
_LIBRARIES = ("numpy", "shapely", "pyproj", "msgspec", "jinja2", "matplotlib", "pymavlink", "typst")
_NOT_INSTALLED = ("__pycache__",)


class _CaseEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing undeclared is written or read, and every field is always present."""


class CaseFile(_CaseEntry, frozen=True):
    """A file of the case."""

    name: str
    bytes: int
    sha256: str


class CaseInput(_CaseEntry, frozen=True):
    """A log, by its name alone. `modified_utc` is its file time to the nanosecond; `member` where the case has it."""

    name: str
    bytes: int
    sha256: str
    sha512: str
    modified_utc: str
    format: str
    dialect: str
    member: str | None


class DataFile(_CaseEntry, frozen=True):
    """A file that the answer rests on beside the logs; `edition` is what a zone library says of it."""

    role: Literal["zones", "library", "authorised", "dem", "geoid", "keys"]
    name: str
    bytes: int
    sha256: str
    member: str | None
    edition: dict[str, Any] | None


class CaseFlight(_CaseEntry, frozen=True):
    """One flight: the folder of its files in the case ("" is the top), the names of its logs, the answer."""

    folder: str
    inputs: list[int]  # numbers in `inputs`
    verdict: str
    pdf: bool


class CaseTool(_CaseEntry, frozen=True):
    """What made the case; `files_sha256` is over all installed files of dronecheck (`tool`)."""

    name: Literal["dronecheck"]
    version: str
    files: int
    files_sha256: str


class CaseManifest(_CaseEntry, frozen=True):
    """All of a case but its signature. `command` has files by their names; `options` are its options by name."""

    schema: Literal["dronecheck.case/1"]
    tool: CaseTool
    libraries: dict[str, str]
    locale: Literal["C"]  # no figure, no order and no sentence hangs on the machine's
    time_zone: Literal["UTC"]
    command: list[str]
    options: dict[str, Any]
    exhibit: str | None
    analyst: str | None
    inputs: list[CaseInput]
    flights: list[CaseFlight]
    borders: dict[str, str | None]
    geoid_sha256: str | None
    zone_sources: list[dict[str, Any]]
    data: list[DataFile]
    notes: list[str]
    files: list[CaseFile]


def encoded(document: object) -> bytes:
    """Return a document as JSON with sorted keys, indented, with a final newline: one form for one content."""
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n"


def decoded(raw: bytes) -> CaseManifest:
    """Read a manifest. Raises ValueError for what is none, or is not written as a case writes it."""
    manifest = msgspec.json.decode(raw, type=CaseManifest)
    if encoded(manifest) != raw:
        raise ValueError("not written as a case writes it")
    return manifest


def digests_of(members: Mapping[str, bytes | memoryview]) -> list[CaseFile]:
    """Return size and digest of every file, by name."""
    return [
        CaseFile(name=name, bytes=len(members[name]), sha256=hashlib.sha256(members[name]).hexdigest())
        for name in sorted(members)
    ]


@cache
def tool() -> CaseTool:
    """Return the version of dronecheck with a digest of everything that is installed of it.

    The digest is the SHA-256 of one line a file, `<SHA-256> <two spaces> <path>`, the paths sorted by their bytes:
    those below the package `dronecheck`, and the bundled data as `airspace_data/...`. `sha256sum` gives the same.
    """
    package, data = Path(dronecheck.__file__).parent, data_dir()
    found = {path.relative_to(package).as_posix(): path for path in _files_below(package)}
    found |= {f"airspace_data/{path.relative_to(data).as_posix()}": path for path in _files_below(data)}
    digest = hashlib.sha256()
    for name in sorted(found, key=str.encode):
        own = hashlib.sha256(found[name].read_bytes()).hexdigest()
        digest.update(f"{own}  {name}\n".encode())
    from dronecheck.report.json.encode import tool_version

    return CaseTool(name="dronecheck", version=tool_version(), files=len(found), files_sha256=digest.hexdigest())


def _files_below(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not set(path.parts) & set(_NOT_INSTALLED) and path.suffix not in (".pyc", ".pyo"):
            yield path


def libraries(versions: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of what computed, with those of the result (Python, GEOS, PROJ); "" is not installed."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return {**found, **versions}
