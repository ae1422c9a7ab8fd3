"""What answers rest on beside the log, as two hashes: a change of either asks for new answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from dronecheck.audit.tasks import Basis
from dronecheck.borders.territories import border_source
from dronecheck.errors import UsageError
from dronecheck.report.json.encode import tool_version
from dronecheck.safe.io import hash_file, plain
from dronecheck.settings import Options, zone_library

__all__ = ["basis_of", "read_by"]

_ANSWERS = 10  # raised when rows, verdicts or stored facts change without a new version of the tool


def read_by(options: Options | None = None) -> str:
    """Name the reader of a log: tracks of another version, or of other keys, are not judged again but read again.

    Raises UsageError.
    """
    keys = [_hash(path) for path in options.key_files()] if options is not None else []
    return f"{tool_version()}/{_ANSWERS}" + (f"/{_digest(keys)}" if keys else "")


def basis_of(options: Options) -> Basis:
    """Hash every file that the options name, the library's editions, the options and the bundled data.

    Raises UsageError.
    """
    zones: list[object] = [[path.name, _hash(path)] for path in options.zones]  # rows name the file
    zones += _library(options)
    apart = {*options.zones, *options.key_files()}
    others = [path for path in options.files() if path not in apart]
    plain_values = {
        name: value
        for name, value in asdict(options).items()
        if name not in ("zones", "library", "dem", "authorised", "geoid", "language", "units", "dji_keychain")
    }
    rest = [read_by(), border_source().sha256, plain_values, [_hash(path) for path in others]]
    return Basis(_digest(zones), _digest(rest))


def _hash(path: object) -> str:
    try:
        return hash_file(path)  # type: ignore[arg-type]  # a Path
    except OSError as error:
        raise UsageError(f"{plain(path)}: {plain(error.strerror or error)}") from None


def _library(options: Options) -> list[object]:
    library = zone_library(options.library, beside_files=bool(options.zones))
    if library is None:
        return []
    return [
        [e.manifest.name, e.manifest.sha256, list(e.period), e.manifest.covers, str(e.damage)]
        for e in library.editions()
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
