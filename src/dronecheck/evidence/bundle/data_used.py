"""The files that an answer rests on beside the logs: found by their digests among those that were named, and kept.

A second run needs them, and nobody else may have the edition of a zone library that was in force then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.issues import Code
from dronecheck.report.case import Case
from dronecheck.safe.data_files import library_folder
from dronecheck.safe.io import Input, open_input
from dronecheck.settings import Options, zone_library

__all__ = ["PARTS_OF_SHAPEFILE", "Role", "UsedFile", "used_files"]

Role = Literal["zones", "library", "authorised", "dem", "geoid", "keys"]
PARTS_OF_SHAPEFILE = (".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file by its name and content; `edition` is what a zone library says of it."""

    role: Role
    name: str
    content: bytes | memoryview
    edition: dict[str, Any] | None = None


def used_files(options: Options, cases: Sequence[Case], logs: Sequence[Input]) -> list[UsedFile]:
    """Return all that the answers rest on, in the order of the options. Raises UsageError, UnreadableInput."""
    digests = {source.sha256 for case in cases for source in case.result.zone_files}
    digests |= {case.result.geoid_sha256 or "" for case in cases}
    return [
        *(used for path in options.zones for used in _zone_file(path)),
        *_editions(options, cases),
        *([_used("authorised", options.authorised)] if options.authorised else []),
        *(_used("dem", path) for path in options.files() if _is_terrain(path, options) and _hash(path) in digests),
        *([_used("geoid", options.geoid)] if options.geoid and _hash(options.geoid) in digests else []),
        *_keys(options, cases, logs),
    ]


def _is_terrain(path: Path, options: Options) -> bool:
    apart = {*options.zones, options.authorised, options.geoid, *options.key_files()}
    return path not in apart


def _hash(path: Path) -> str:
    return open_input(path).sha256


def _used(role: Role, path: Path) -> UsedFile:
    return UsedFile(role, path.name, memoryview(open_input(path).data))


def _zone_file(path: Path) -> Iterator[UsedFile]:
    """Yield a zone file, and the files beside a .shp that are parts of it."""
    yield _used("zones", path)
    if path.suffix.lower() == ".shp":
        for beside in sorted(path.parent.glob(f"{path.stem}.*")):
            if beside.suffix.lower() in PARTS_OF_SHAPEFILE:
                yield _used("zones", beside)


def _editions(options: Options, cases: Sequence[Case]) -> Iterator[UsedFile]:
    """Yield all editions of each source of the zone library that says something of a flight, or should have."""
    library = zone_library(options.library, beside_files=bool(options.zones))
    if library is None:
        return
    used = {source.sha256 for case in cases for source in case.result.zone_files}
    named = {
        str(getattr(issue.message.values.get("text"), "values", {}).get("name", ""))
        for case in cases
        for issue in case.result.issues
        if issue.code is Code.NO_EDITION_IN_FORCE
    }
    editions = library.editions()
    names = {each.manifest.name for each in editions if each.manifest.sha256 in used} | (named - {""})
    for each in editions:
        if each.manifest.name in names and not each.damage:
            original = library.original(each)
            about = msgspec.to_builtins(each.manifest)
            yield UsedFile("library", each.manifest.file_name, memoryview(original.data), about)


def _keys(options: Options, cases: Sequence[Case], logs: Sequence[Input]) -> Iterator[UsedFile]:
    """Yield the files of keys by which records were decrypted."""
    used = {
        str(issue.message.values.get("digest", ""))
        for case in cases
        for issue in case.result.issues
        if issue.code is Code.KEYS_USED
    }
    if not used:
        return
    from dronecheck.readers.dji_txt.locked.saved_keys import FOLDER, SUFFIX

    places = [*options.key_files()]
    for log in logs:
        places += [log.path.parent / (log.path.stem + SUFFIX), library_folder() / FOLDER / f"{log.sha256}.json"]
    for path in places:
        try:
            found = _used("keys", path)
        except (UsageError, UnreadableInput):
            continue
        digest = hashlib.sha256(found.content).hexdigest()
        if digest in used:
            used.discard(digest)
            yield found
