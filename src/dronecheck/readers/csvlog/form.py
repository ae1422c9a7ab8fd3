"""How the lines of a table are written: what a spreadsheet, an editor or a second program leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from dronecheck.arrays import Floats

__all__ = ["are_day_numbers", "decimals", "form_of"]

CR = 2
_SCIENTIFIC = re.compile(r"\dE\+\d\d", re.ASCII)  # as spreadsheets write long numbers; small ones many programs do
_DAY_NUMBER = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?", re.ASCII)  # the years 1954 to 2119


def form_of(
    lines: Sequence[str], numbers: Sequence[int], separator: str, *, ends_in_cr: bool
) -> dict[str, Callable[[], Floats]]:
    """Return what makes the columns that tell how the rows at these lines (numbers from 1) are written, (n,) each.

    `length` counts characters, `fields` the separators and one, `line_end` is 0 for LF, 1 for CR LF, 2 for CR;
    `quoted` counts quotes, `scientific` numbers like 1.58E+14; `first_same` is the number (from 0) of the first row
    with the same text. `ends_in_cr` says that all lines end in a CR alone.
    """

    def by(count: Callable[[str], int]) -> Callable[[], Floats]:
        return lambda: np.array([count(lines[number - 1]) for number in numbers], dtype=np.float64)

    def first_same() -> Floats:
        known: dict[str, int] = {}
        return np.array([known.setdefault(lines[n - 1], row) for row, n in enumerate(numbers)], dtype=np.float64)

    return {
        "length": by(len),
        "fields": by(lambda row: row.count(separator) + 1),
        "quoted": by(lambda row: row.count('"')),
        "scientific": by(lambda row: len(_SCIENTIFIC.findall(row)) if "E+" in row else 0),
        "line_end": by(lambda row: CR if ends_in_cr else row.endswith("\r")),
        "first_same": first_same,
    }


def decimals(cells: Sequence[str]) -> Floats:
    """Return how many digits follow the point or comma in each cell, shape (n,); NaN where there is no number."""
    points = np.array([cell.find(".") for cell in cells], dtype=np.float64)
    found: Floats = np.fromiter(map(len, cells), np.float64, len(cells)) - 1 - points
    for row in np.flatnonzero(points < 0).tolist():
        text = cells[row].strip().replace(",", ".")
        found[row] = len(text.partition(".")[2]) if text else np.nan
    return found


def are_day_numbers(columns: Sequence[Sequence[str]]) -> Floats:
    """Return 1 where a cell of these columns is a bare number like 44927.5, as spreadsheets count days, else 0."""
    found = np.zeros(len(columns[0]), dtype=np.float64)
    for cells in columns:
        bare = [row for row, cell in enumerate(cells) if cell and not (":" in cell or "/" in cell or "-" in cell)]
        found[[row for row in bare if _DAY_NUMBER.fullmatch(cells[row].strip())]] = 1.0
    return found
