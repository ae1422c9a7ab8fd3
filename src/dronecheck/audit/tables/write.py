"""The tables of an audit from its ledger: flights.parquet, findings.parquet (GeoParquet) and the CSV.

Rows are sorted by file, folder and path, whatever order they were done in; the same ledger gives the same bytes. Rows
are written as they come from the ledger, so that ten million need no more memory than ten thousand.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dronecheck.audit.ledger import FileLine, Ledger
from dronecheck.audit.privacy import Row
from dronecheck.audit.progress import Progress
from dronecheck.audit.roster import Roster, roster_from
from dronecheck.audit.summary import Summary
from dronecheck.audit.tables.columns import FINDINGS, FLIGHTS, TableColumn
from dronecheck.errors import UsageError
from dronecheck.report.export.result import text_cell
from dronecheck.safe.io import plain, written_whole

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["export_csv", "flights_of", "roster_of", "write_tables"]

_ROWS_A_GROUP = 20_000
EXPORT_COLUMNS = {**FLIGHTS, **FINDINGS}


def roster_of(ledger: Ledger) -> Roster:
    """Return the roster that the last run was given."""
    return roster_from(ledger.meta("roster") or "serial\n")


def flights_of(ledger: Ledger, roster: Roster) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield every file as a row of the flights' table, with the rows of its findings."""
    for line in ledger.lines:
        flight = _flight(line, roster)
        yield flight, [{**{n: flight[n] for n in FINDINGS if n in flight}, **finding} for finding in line.findings]


def _flight(line: FileLine, roster: Roster) -> dict[str, Any]:
    own = {
        "file": line.name, "folder": line.folder, "sha256": line.sha256, "bytes": line.size_bytes,
        "same_as": line.same_as or None, "status": line.status, "code": line.code or None,
        "message": line.message or None, "tool_version": line.tool_version or None,
        "basis": line.basis or None,
    }  # fmt: skip
    known = {**line.row, **own, **roster.of(line.row.get("serial"))}
    return {name: known.get(name) if known.get(name) != "" else None for name in FLIGHTS}


def write_tables(ledger: Ledger, progress: Progress) -> Summary:
    """Write flights.parquet and findings.parquet, each whole or not at all; the counts of all files."""
    roster = roster_of(ledger)
    summary = Summary(finished=False)
    statuses: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    seen: set[str] = set()
    unmatched: set[str] = set()
    with _Parquet(ledger.folder / "flights.parquet", FLIGHTS, with_place=False) as flights, _Parquet(
        ledger.folder / "findings.parquet", FINDINGS, with_place=True
    ) as findings:  # fmt: skip
        for flight, visits in flights_of(ledger, roster):
            statuses[flight["status"]] += 1
            if flight["status"] == "ok":
                verdicts[flight["verdict"]] += 1
            if serial := flight["serial"]:
                (seen if roster.of(serial) else unmatched).add(str(serial))
            flights.add(flight)
            for visit in visits:
                findings.add(visit)
    summary.by_status, summary.by_verdict = dict(statuses), dict(verdicts)
    if roster.entries:
        known = {serial.casefold() for serial in seen}
        summary.unmatched_serials = sorted(unmatched)
        summary.unused_roster = sorted(e["serial"] for key, e in roster.entries.items() if key not in known)
    return summary


def export_csv(ledger: Ledger, path: Path, change: Callable[[Row], Row]) -> int:
    """Write one sorted row a finding, or a file without findings; how many. Raises UsageError.

    `change` takes out of a row what is not to leave the audit (`privacy`).
    """
    names = list(EXPORT_COLUMNS)
    rows = 0
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(names)
        for flight, visits in flights_of(ledger, roster_of(ledger)):
            for row in visits or [{}]:
                values = change({name: value for name, value in {**flight, **row}.items() if name in EXPORT_COLUMNS})
                out.writerow([_cell(values.get(name)) for name in names])
                rows += 1
    return rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return text_cell(value) if isinstance(value, str) else repr(value)


class _Parquet:
    """A Parquet file that grows by row groups, under a temporary name until it is whole."""

    def __init__(self, path: Path, columns: dict[str, TableColumn], *, with_place: bool) -> None:
        self.path, self.columns, self.with_place = path, columns, with_place
        self.rows: list[dict[str, Any]] = []
        self.bounds: list[float] = []
        self.kinds: set[str] = set()

    def __enter__(self) -> _Parquet:
        import pyarrow.parquet as pq

        self._whole = written_whole(self.path)
        temporary = self._whole.__enter__()
        self._writer = pq.ParquetWriter(temporary, self._schema(), compression="zstd")
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Add a row; a full group goes to the file."""
        self.rows.append(row)
        if len(self.rows) == _ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        schema = self._schema()
        arrays = [pa.array([row.get(f.name) for row in self.rows], f.type) for f in schema if f.name != "geometry"]
        if self.with_place:
            arrays.append(pa.array([self._place(row) for row in self.rows], pa.binary()))
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self.rows = []

    def _place(self, row: dict[str, Any]) -> bytes | None:
        import shapely

        if not row.get("wkb"):
            return None
        shape = shapely.from_wkb(row["wkb"])
        west, south, east, north = shape.bounds
        b = self.bounds or [west, south, east, north]
        self.bounds = [min(b[0], west), min(b[1], south), max(b[2], east), max(b[3], north)]
        self.kinds.add(shape.geom_type)
        return bytes(row["wkb"])

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        kinds = {str: pa.string(), int: pa.int64(), float: pa.float64()}
        fields = [pa.field(n, kinds[c.kind], metadata={"unit": c.about}) for n, c in self.columns.items()]
        return pa.schema([*fields, *([pa.field("geometry", pa.binary())] if self.with_place else [])])

    def __exit__(self, *error: Any) -> None:
        try:
            if error[0] is None:
                if self.rows:
                    self._flush()
                if self.with_place:
                    place: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self.kinds)}
                    place |= {"bbox": self.bounds} if self.bounds else {}
                    about = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": place}}
                    self._writer.add_key_value_metadata({"geo": json.dumps(about)})
            self._writer.close()
        except OSError as failure:
            self._whole.__exit__(type(failure), failure, None)
            raise UsageError(f"cannot write {plain(self.path)}: {plain(failure.strerror or failure)}") from None
        self._whole.__exit__(*error)
