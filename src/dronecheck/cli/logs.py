"""What was named on the command line: logs, and folders of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dronecheck.cli.options import UNITS_M
from dronecheck.errors import UsageError
from dronecheck.recognition import Kind, recognise_file
from dronecheck.safe.io import as_meant, plain

__all__ = ["Named", "named"]

MOST_IN_FOLDERS = 200


@dataclass(frozen=True, slots=True)
class Named:
    """The logs that were named or lie in folders that were, and how many other files lie there."""

    logs: list[Path]
    others: int


def named(paths: Sequence[Path]) -> Named:
    """Return the logs of files and folders. Raises UsageError for folders without a log, or with very many."""
    logs, others, is_folder = list[Path](), 0, False
    for path in map(as_meant, paths):
        if path.name.casefold() in UNITS_M and path.name and not path.exists():
            raise UsageError(
                f"{plain(path)}: no such file; a length with its unit is one word, such as 400{plain(path)}"
            )
        if not path.is_dir():
            logs.append(path)
            continue
        is_folder, found, beside = True, 0, 0
        for file in _below(path):
            if not _may_be_log(file):
                beside += 1
                continue
            found += 1
            logs.append(file)
            if found > MOST_IN_FOLDERS:
                advice = f"dronecheck audit run {plain(path)} --out DIR checks them"
                raise UsageError(f"{plain(path)} holds more than {MOST_IN_FOLDERS} flight logs; {advice}")
        if not found:
            held = f"{beside} other files" if beside > 1 else "one other file" if beside else "nothing"
            raise UsageError(f"{plain(path)}: a folder without a flight log (there is {held} in it and below)")
        others += beside
    if is_folder and len(logs) > MOST_IN_FOLDERS:
        advice = "dronecheck audit run FOLDER... --out DIR checks them"
        raise UsageError(f"{len(logs)} flight logs are more than {MOST_IN_FOLDERS}; {advice}")
    return Named(logs, others)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those below, by name; what cannot be listed is itself yielded."""
    troubles = list[Path]()
    for here, folders, files in os.walk(folder, onerror=lambda error: troubles.append(Path(error.filename))):
        folders.sort()
        yield from (Path(here, name) for name in sorted(files))
    yield from troubles


def _may_be_log(path: Path) -> bool:
    """Tell whether it is a log, or nobody may look: then reading it says so."""
    return not os.access(path, os.R_OK) or path.is_dir() or recognise_file(path) is Kind.LOG
