"""Log readers: bytes in, `Flight` out.

A reader is a package whose face, its `__init__`, holds all that the rest of dronecheck knows of the format: what it is
called, how it is told from others, how its lines or bytes are counted. The face is light to import; `read` imports the
rest of the package when it is called. Content beats the file's name. To add a format: one package, one sample, one line
in `READERS` (docs/adding-a-reader.md).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol, cast

from dronecheck.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    from dronecheck.flight import Flight, Source
    from dronecheck.safe.io import Input

__all__ = [
    "READERS", "Reader", "choose", "load", "may_be_log", "offset_unit", "read", "read_input", "records_arming"
]  # fmt: skip

READERS = (
    "ulog",
    "dataflash",
    "csvlog",
    "tlog",
    "srt",
    "film",
    "gpx",
    "igc",
    "dji_txt",
    "dji_dat",
    "zll",
)
CERTAIN = 100


class Reader(Protocol):
    """What the face of a reader offers."""

    NAME: str  # what users see as the format, `Source.format`
    TITLE: str
    IS_TEXT: bool  # whether all of its files are text
    OFFSETS: str  # what `Track.offset` counts: "byte" or "line"
    TEXT_DIALECTS: frozenset[str]  # of a binary format: the dialects that are text, where offsets count lines
    SUFFIXES: tuple[str, ...]  # of its files' names, lower case
    RECORDS_ARMING: bool  # whether its logs say when the aircraft was armed and disarmed

    def sniff(self, head: bytes, name: str) -> int:
        """Return how sure the reader is that these first bytes are its format, 0 to 100.

        80 and more is "certainly mine", CERTAIN says so by a mark of the format's own. Pure, never raises.
        """
        ...

    def read(self, source: Input) -> Flight:
        """Read the whole input. Raises UnreadableInput."""
        ...


def load(name: str) -> Reader:
    """Return the reader of that name in READERS, imported on first use."""
    return cast("Reader", import_module(f"dronecheck.readers.{name}"))


@cache
def _by_format() -> dict[str, Reader]:
    return {reader.NAME: reader for reader in map(load, READERS)}


def offset_unit(source: Source) -> str:
    """Return what the offsets of a flight's fixes, events and issues count in its file: "byte" or "line"."""
    reader = _by_format().get(source.format)
    return "line" if reader is None or source.dialect in reader.TEXT_DIALECTS else reader.OFFSETS


def records_arming(source: Source) -> bool:
    """Tell whether logs of this format record when the aircraft was armed and disarmed."""
    reader = _by_format().get(source.format)
    return reader is not None and reader.RECORDS_ARMING


def may_be_log(code: str, name: str) -> bool:
    """Tell whether a file that was refused with this code may be a damaged log: by its content, else by its name."""
    from dronecheck.readers.common.not_a_log import OTHER_THINGS, UNKNOWN

    if code in UNKNOWN:
        return any(PurePath(name).suffix.lower() in load(reader).SUFFIXES for reader in READERS)
    return code not in OTHER_THINGS


def choose(head: bytes, name: str) -> Reader:
    """Return the reader for these first bytes.

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
        from dronecheck.readers.common.not_a_log import refusal

        raise refusal(head, name)
    tied = [reader for score, reader in scores if score == best]
    if len(tied) > 1:
        raise UnreadableInput("ambiguous_format", f"claimed alike by the readers {' and '.join(sorted(tied))}")
    return load(best_name)


def read_input(source: Input) -> Flight:
    """Read an opened input with the reader that its content asks for. Raises UnreadableInput."""
    from dronecheck.evidence.consistency import assess
    from dronecheck.readers.common.clock.one_axis import counted_on
    from dronecheck.readers.common.quality.idle import with_idle
    from dronecheck.readers.common.quality.plausibility import with_quality
    from dronecheck.readers.common.quality.simulation import with_simulation

    reader = choose(source.head, source.name)
    flight = counted_on(with_idle(reader.read(source)))
    is_text = reader.IS_TEXT or flight.source.dialect in reader.TEXT_DIALECTS

    def looked_at(one: Flight) -> Flight:
        read = replace(with_simulation(with_quality(one, source.data, is_text=is_text)), source=known)
        return replace(read, integrity=assess(read), witnesses=())

    known = replace(flight.source, private_digest=source.private_digest)
    others = tuple(looked_at(with_idle(other)) for other in flight.others)
    return replace(looked_at(flight), others=others)


def read(path: str | Path, *, dji_keychain: str | Path | None = None) -> Flight:
    """Read a flight log of any supported format.

    `dji_keychain` is a file of saved keys, or a folder of them, for an encrypted DJI flight record. Raises
    UnreadableInput when the file is no log that dronecheck reads, UsageError when there is no such file.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/clear_dandong.csv")
    >>> flight.source.format, flight.source.dialect
    ('csv', 'dji_log_parser')
    """
    from dronecheck.safe.io import open_input

    if not isinstance(path, str | Path):
        raise UsageError(f"read(): the path of a log, not {type(path).__name__}")
    return read_input(open_input(Path(path), keys=Path(dji_keychain) if dji_keychain is not None else None))
