"""CSV flight logs, mostly of DJI aircraft, as the well-known programs and services export them.

A file is text: an optional byte order mark, an optional `sep=,` line, blank lines or a preamble, one header line, one
row per sample. Which program wrote it is told by the names in the header, never by the file's name; the dialects, with
what each column means, are the tables of `dialects.toml`. Units come from the header (`[ft]`, `(meters)`).

    what            columns                                     becomes
    position        latitude, longitude in degrees              the track "fused" ("gnss" where the columns are the
                                                                receiver's), one row per distinct fix
    height          above take-off | above sea level | above    alt_home_m | alt_amsl_m | alt_agl_m
                    ground as the service modelled it           (sonar heights are not used: they stick)
    accuracy        signal level, satellites                    h_sigma_m, by a table
    time            stopwatch + a UTC or local clock            time_ns; `Clock.utc_known` only if the log says UTC
    datum           none is stated                              `Flight.datum`, proven where the dialect's table says
    phone position  APPGPS.*, Device Latitude                   the track "operator", never the aircraft's

The modules: dialects (the table), header (which dialect a file is), table (lines to columns), numbers (cells to
numbers), clock (time), fixes (tracks), events (events, home, aircraft), witnesses (what else the rows say, by the
columns of `witnesses.toml`), form (how lines are written).
"""

from __future__ import annotations

from dataclasses import replace

from dronecheck.errors import UnreadableInput
from dronecheck.flight import OPERATOR, Completeness, Flight, HorizontalDatum, Source
from dronecheck.issues import Issue
from dronecheck.readers.common.text import decode, split_lines
from dronecheck.readers.csvlog import NAME
from dronecheck.readers.csvlog.clock import RowTimes, row_times
from dronecheck.readers.csvlog.events import read_events, read_home, read_vehicle
from dronecheck.readers.csvlog.fixes import Fixes, read_fixes
from dronecheck.readers.csvlog.form import form_of
from dronecheck.readers.csvlog.header import find_header, lacking
from dronecheck.readers.csvlog.table import Table, read_table
from dronecheck.readers.csvlog.witnesses import read_witnesses
from dronecheck.safe.io import Input

__all__ = ["read_csv"]


_READER = "dronecheck.readers.csvlog/1"


def read_csv(source: Input) -> Flight:
    """Read a CSV log. Raises UnreadableInput for a mission plan or an unknown table."""
    table, issues = _read_table(bytes(source.data))
    times = row_times(table, source.name)
    fixes = read_fixes(table, times)
    completeness = Completeness.COMPLETE
    if table.truncated:
        completeness = Completeness.TRUNCATED
    if table.damaged or fixes.damaged:
        completeness = Completeness.DAMAGED
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, table.dialect.id, _READER),
        tracks=fixes.sources.tracks | ({OPERATOR: fixes.operator} if fixes.operator is not None else {}),
        primary=fixes.sources.primary,
        rivals=fixes.sources.rivals,
        clock=replace(times.clock, elapsed_s=_elapsed_s(table, times, fixes)),
        completeness=completeness,
        home=read_home(table),
        vehicle=read_vehicle(table),
        events=read_events(table, times),
        issues=(*issues, *table.issues, *times.issues, *fixes.issues),
        witnesses=read_witnesses(table, times, fixes.sources.tracks.get(fixes.sources.primary)),
        datum=HorizontalDatum.WGS84 if table.dialect.wgs84 else HorizontalDatum.UNPROVEN,
    )


def _elapsed_s(table: Table, times: RowTimes, fixes: Fixes) -> float | None:
    """Return what the stopwatch shows at the first fix."""
    track = fixes.sources.tracks.get(fixes.sources.primary)
    return times.elapsed_s(table.lines.index(int(track.offset[0]))) if track is not None else None


def _read_table(data: bytes) -> tuple[Table, list[Issue]]:
    text, issues = decode(data)
    lines = split_lines(text)
    header = find_header(lines)
    near = lacking(lines) if header is None else None
    if near is not None:
        title, columns = near
        text = f"a table like that of {title}, without {' and '.join(columns)}: renamed or taken out; export it again"
        raise UnreadableInput("missing_column", text)
    if header is None:
        raise UnreadableInput("unknown_table", "no header of a known CSV flight log; `dronecheck formats` lists them")
    if header.dialect.refuse:
        raise UnreadableInput(*header.dialect.refuse)
    table = read_table(lines, header)
    table.form = form_of(lines, table.lines, header.separator, ends_in_cr="\n" not in text)
    return table, issues
