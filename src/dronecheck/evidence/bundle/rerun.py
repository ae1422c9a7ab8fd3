"""A second run of a case: its logs judged again by the data that the case holds, and what came out differently."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from dronecheck.errors import UsageError
from dronecheck.evidence.bundle.build import data_members, judged, opened_log
from dronecheck.evidence.bundle.data_used import PARTS_OF_SHAPEFILE
from dronecheck.evidence.bundle.manifest import CaseInput, CaseManifest, DataFile
from dronecheck.evidence.bundle.recipe import options_from
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain
from dronecheck.settings import CheckSetup
from dronecheck.timebase import EPOCH

__all__ = ["differences", "run_again"]

Content = bytes | memoryview
_MOST_TOLD = 12
_OF_CASES = (
    "include_private",
    "include_input",
    "separate",
    "without_location",
    "withheld",
    "facts_only",
)  # no options of `check`
_OF_THE_MACHINE = (("tool", "version"), ("method", "versions"))  # what another version says of itself


def run_again(
    manifest: CaseManifest, members: Mapping[str, Content], logs: Mapping[int, Path | Content], keys: Mapping[str, Path]
) -> dict[str, Content]:
    """Return what this version says as data of the logs of a case, by member.

    `logs` are the inputs by number, as files or as contents; `keys` are files by SHA-256 that the case names and does
    not hold. Raises UnreadableInput and UsageError for what cannot be run.
    """
    with TemporaryDirectory(prefix="dronecheck-") as folder:
        root = Path(folder)
        is_withheld = bool(manifest.options.get("without_location"))
        if more := manifest.options.get("withheld"):
            named = plain(", ".join(map(str, more)), 120)
            raise UsageError(f"the case withholds {named}: make it again with them, and the same file comes out")
        setup = _setup(manifest, members, keys, root)
        found: dict[str, Content] = {}
        for flight in manifest.flights:
            read = []
            for number in flight.inputs:
                known = manifest.inputs[number]
                content = logs[number]
                name = content.name if is_withheld and isinstance(content, Path) else known.name
                own = _placed(root / "logs" / str(number), name, content)
                read.append(opened_log(own, setup, _modified_ns(known)))
            is_private = bool(manifest.options.get("include_private"))
            again = judged(read, setup, flight.folder)
            found |= data_members(again, private=is_private, without_location=is_withheld)
        return found


def _modified_ns(known: CaseInput) -> int:
    from datetime import datetime

    try:
        whole, _, fraction = known.modified_utc.removesuffix("Z").partition(".")
        seconds = datetime.fromisoformat(f"{whole}+00:00") - EPOCH
        return round(seconds.total_seconds()) * 10**9 + int(fraction)
    except ValueError:
        raise UsageError(f"the manifest's file time of {plain(known.name, 80)} is none") from None


def _setup(manifest: CaseManifest, members: Mapping[str, Content], keys: Mapping[str, Path], root: Path) -> CheckSetup:
    """Open what the case was judged by, written out below `root`."""
    files: dict[str, list[Path]] = {}
    editions: list[tuple[DataFile, bytes]] = []
    zones_at = 0  # the parts of a Shapefile lie beside it
    for number, each in enumerate(manifest.data):
        if each.role == "zones" and not _is_part(each.name):
            zones_at = number
        folder = root / each.role / ("" if each.role == "keys" else str(zones_at if each.role == "zones" else number))
        content: Content | Path
        if each.member is not None:
            content = members[each.member]
        elif each.sha256 in keys:
            content = keys[each.sha256]
        else:
            raise UsageError(f"it needs {plain(each.name, 80)} (SHA-256 {each.sha256[:12]}...): name it with --input")
        if each.role == "library":
            editions.append((each, bytes(content) if not isinstance(content, Path) else content.read_bytes()))
        else:
            files.setdefault(each.role, []).append(_placed(folder, each.name, content))
    values = {name: value for name, value in manifest.options.items() if name not in _OF_CASES}
    by_option = {**files, "dji_keychain": [root / "keys"] if "keys" in files else []}
    by_option["zones"] = [path for path in files.get("zones", []) if not _is_part(path.name)]
    try:
        options = options_from(values, by_option)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the manifest's options cannot be used: {plain(error, 120)}") from None
    setup = options.setup()
    if not editions:
        return setup
    return replace(setup, airspace=replace(setup.airspace, library=_library(root / "library", editions)))


def _is_part(name: str) -> bool:
    return Path(name).suffix.lower() in PARTS_OF_SHAPEFILE


def _library(folder: Path, editions: list[tuple[DataFile, bytes]]) -> Any:
    """Return a zone library that holds these editions and nothing else."""
    from dronecheck.airspace.library.store import Library, Manifest

    library = Library(folder)
    for each, content in editions:
        about = msgspec.convert(each.edition, type=Manifest, strict=False)
        library.add(Input(Path(about.file_name), content, each.sha256), about)
    return library


def _placed(folder: Path, name: str, content: Content | Path) -> Path:
    """Put a file of a case below a folder of our own, by its own name. Raises UsageError for one that is a path."""
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name or "\0" in name:
        raise UsageError(f"the manifest names a file {plain(name, 80)}, which is no name of a file")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not isinstance(content, Path):
        path.write_bytes(content)
    else:
        with _or_copied(content, path):
            os.symlink(content.absolute(), path)
    return path


@contextmanager
def _or_copied(source: Path, path: Path) -> Iterator[None]:
    """Copy where no link can be made, as for users of some systems."""
    try:
        yield
    except (OSError, NotImplementedError):
        shutil.copyfile(source, path)


def differences(stored: Mapping[str, Content], anew: Mapping[str, Content]) -> tuple[Message, ...]:
    """Return what two runs say differently, member by member, of JSON where; versions themselves do not count."""
    told: list[Message] = []
    for name in sorted(anew):
        mine, other = stored.get(name), anew[name]
        if mine is None:
            told.append(Message("{name} is not in the case", name=name))
        elif bytes(mine) != bytes(other):
            told += _unlike(name, bytes(mine), bytes(other))
    return tuple(told)


def _unlike(name: str, mine: bytes, other: bytes) -> list[Message]:
    if not name.endswith(".json"):
        return [Message("{name} differs", name=plain(name, 80))]
    try:
        one, two = msgspec.json.decode(mine), msgspec.json.decode(other)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [Message("{name} is no JSON in the case", name=plain(name, 80))]
    found = [found for found in _paths(one, two, ()) if not _is_of_machine(found[0])]
    told = [
        Message("{name}: {path} was {then}, is {now}", name=plain(name, 80), path=_path_text(path),
                then=_shown(a), now=_shown(b))
        for path, a, b in found[:_MOST_TOLD]
    ]  # fmt: skip
    if len(found) > _MOST_TOLD:
        told.append(Message("{name}: {count} more", name=plain(name, 80), count=len(found) - _MOST_TOLD))
    return told


_ABSENT = object()
Difference = tuple[tuple[str | int, ...], Any, Any]


def _paths(one: Any, two: Any, path: tuple[str | int, ...]) -> Iterator[Difference]:
    """Yield where two JSON values differ, and what stands there."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in {**one, **two}:
            yield from _paths(one.get(key, _ABSENT), two.get(key, _ABSENT), (*path, key))
    elif isinstance(one, list) and isinstance(two, list):
        for number in range(max(len(one), len(two))):
            mine, other = (each[number] if number < len(each) else _ABSENT for each in (one, two))
            yield from _paths(mine, other, (*path, number))
    elif type(one) is not type(two) or one != two:
        yield path, one, two


def _is_of_machine(path: tuple[str | int, ...]) -> bool:
    return any(path[: len(own)] == own for own in _OF_THE_MACHINE)


def _path_text(path: tuple[str | int, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return plain(text.removeprefix("."), 120)


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else plain(msgspec.json.encode(value).decode(), 60)
