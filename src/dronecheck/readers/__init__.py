"""Log readers: bytes in, `Flight` out.

A reader is a module with `NAME`, `TITLE`, `sniff(head, name) -> 0..100` (pure, no I/O, never raises; 0 means "not
mine", 80 and more "certainly mine") and `read(source) -> Flight` (raises `UnreadableInput` only). Content beats the
file's name. To add a format: one module, one sample, one line in `READERS`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.readers.common import not_a_log as foreign
from dronecheck.readers.common.plausibility import with_quality
from dronecheck.safe.io import Input, open_input

__all__ = ["READERS", "Reader", "choose", "load", "read", "read_input"]

READERS = (
    "ulog",
    "dataflash",
    "csvlog",
    "tlog",
    "srt",
    "gpx",
    "igc",
    "dji_txt",
    "zll",
)
CERTAIN = 100


class Reader(Protocol):
    """What a reader module offers."""

    NAME: str
    TITLE: str
    IS_TEXT: bool  # whether all of its files are text

    def sniff(self, head: bytes, name: str) -> int:
        """How sure the reader is that these first bytes are its format, 0 to 100 (CERTAIN: by a mark of its own)."""

    def read(self, source: Input) -> Flight:
        """Read the whole input. Raises UnreadableInput."""


def load(name: str) -> Reader:
    """The reader module of that name, imported on first use."""
    return cast(Reader, import_module(f"dronecheck.readers.{name}"))


def choose(head: bytes, name: str) -> Reader:
    """The reader for these first bytes.

    Raises UnreadableInput when none claims them (saying what they are, where that is known) or two claim them
    alike.
    """
    scores = []
    for reader in READERS:
        module = load(reader)
        score = module.sniff(head, name)
        if score == CERTAIN:
            return module  # a format's own mark: the others need not be asked, nor imported
        scores.append((score, reader))
    best, best_name = max(scores)
    if best <= 0:
        raise foreign.refusal(head, name)
    tied = [reader for score, reader in scores if score == best]
    if len(tied) > 1:
        raise UnreadableInput("ambiguous_format", f"claimed alike by the readers {' and '.join(sorted(tied))}")
    return load(best_name)


def read_input(source: Input) -> Flight:
    """Read an opened input with the reader that its content asks for. Raises UnreadableInput."""
    reader = choose(source.head, source.name)
    flight = reader.read(source)
    return with_quality(flight, source.data, is_text=reader.IS_TEXT or flight.source.dialect == "text")


def read(path: str | Path) -> Flight:
    """Read a flight log of any supported format.

    Raises UnreadableInput when the file is no log that dronecheck reads, UsageError when there is no such file.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/clear_dandong.csv")
    >>> flight.source.format, flight.source.dialect
    ('csv', 'dji_log_parser')
    """
    return read_input(open_input(Path(path)))
