"""The header line of a CSV log: where it stands, how lines are split, and which dialect it is.

This is all that sniffing needs of the family, with the table of dialects.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dronecheck.readers.csvlog.dialects import Dialect, nearest, recognise

__all__ = ["HEADER_CHARS", "TableHeader", "find_header", "lacking", "split_record"]

HEADER_WITHIN_LINES = 80  # DroneDeploy writes about 30 lines before its header
HEADER_WITHIN_LINES_PLAIN = 5  # other files: behind blank lines and a `sep=` line at most
HEADER_CHARS = 1 << 16
SEPARATORS = (",", "\t", ";")

_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableHeader:
    """Where the header stands (index of its line), how lines are split, and what it says."""

    dialect: Dialect
    index: int
    separator: str
    cells: list[str]
    preamble: dict[str, str]


def find_header(lines: Sequence[str]) -> TableHeader | None:
    """Return the first line that is the header of a known dialect; None when there is none.

    Blank lines, a preamble and a `sep=` line before it are skipped.
    """
    separators: tuple[str, ...] = SEPARATORS
    banner = ""
    preamble: dict[str, str] = {}
    for index, line in enumerate(lines[:HEADER_WITHIN_LINES]):
        text = line.strip("\r\0\ufeff")
        if not text.strip() or len(text) > HEADER_CHARS:
            continue
        named = _SEP_LINE.fullmatch(text.strip()) if not banner else None
        if named:
            separators = (named[1], *SEPARATORS)
            continue
        banner = banner or text.strip()
        for separator in separators:
            if separator in text:
                cells = split_record(text, separator) or []
                dialect = recognise(cells, banner)
                if dialect:
                    return TableHeader(dialect, index, separator, cells, preamble)
        if not banner.startswith("#") and len(preamble) >= HEADER_WITHIN_LINES_PLAIN:
            return None
        key, _, value = text.partition("\t")
        preamble.setdefault(key.strip().casefold(), value.strip())
    return None


def lacking(lines: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return whose table it is and which columns it lacks, where the header is known but for one or two of them."""
    for text in (line.strip("\r\0\ufeff") for line in lines[:HEADER_WITHIN_LINES_PLAIN] if len(line) <= HEADER_CHARS):
        for separator in SEPARATORS:
            found = nearest(split_record(text, separator) or []) if separator in text else None
            if found:
                return found[0].title, found[1]
    return None


def split_record(text: str, separator: str) -> list[str] | None:
    """Split one record into its fields: none when its quotes are wrong, None when a quote is left open."""
    if '"' not in text:
        return text.split(separator)
    try:
        # The row goes in as one string: csv sees line ends inside quotes only.
        rows = list(csv.reader((text.rstrip("\r"),), delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return None if "end of data" in str(error) else []
    return rows[0] if len(rows) == 1 else []
