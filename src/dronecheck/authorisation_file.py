"""Leave to be in a zone or territory, from a table of the user's own.

| column | meaning |
|---|---|
| zone | a zone's id, or a territory's ISO 3166-1 alpha-3 code |
| from, to | UTC: a day (the last one included) or an ISO 8601 time (the end not included); empty is open |
| reference | what the report names: the permit's number |
"""

from __future__ import annotations

import csv
import io

from dronecheck.errors import UsageError
from dronecheck.geofence.settings import Authorisation
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import moment_ns

__all__ = ["read_authorisations"]

_COLUMNS = ("zone", "from", "to", "reference")
_MOST_BYTES = 16 << 20


def read_authorisations(source: Input) -> tuple[Authorisation, ...]:
    """Read the table's lines (CSV in UTF-8 with a header). Raises UsageError that names the line."""
    name = plain(source.name)
    if source.size_bytes > _MOST_BYTES:
        raise UsageError(f"{name}: larger than any list of authorisations")
    try:
        text = bytes(source.data).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name}: no CSV in UTF-8 ({plain(error, 100)})") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if sorted(header) != sorted(_COLUMNS):
        raise UsageError(f"{name}: line 1 must name the columns {','.join(_COLUMNS)}")
    return tuple(
        _line(dict(zip(header, row, strict=False)), len(row) == len(header), f"{name}: line {number}")
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    )


def _line(cells: dict[str, str], whole: bool, where: str) -> Authorisation:
    if not whole:
        raise UsageError(f"{where}: needs {len(_COLUMNS)} cells ({','.join(_COLUMNS)})")
    zone, begin, end, reference = (cells[column].strip() for column in _COLUMNS)
    if not zone or not reference:
        raise UsageError(f"{where}: {'zone' if not zone else 'reference'} is empty")
    times: list[int | None] = []
    for column, text in (("from", begin), ("to", end)):
        try:
            times.append(moment_ns(text, end_of_day=column == "to") if text else None)
        except ValueError:
            wanted = "use 2026-05-01 or 2026-05-01T08:30Z"
            raise UsageError(f"{where}: {column} {plain(text, 40)!r} is no date or time; {wanted}") from None
    if times[0] is not None and times[1] is not None and times[0] >= times[1]:
        raise UsageError(f"{where}: it ends before it begins")
    return Authorisation(zone, times[0], times[1], plain(reference, 120))
