"""STR-2 of tables: lines that stand in the file twice, and stretches of rows that equal others but for their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.records.copies import copies
from dronecheck.evidence.consistency.stretches import places, runs, spans
from dronecheck.evidence.consistency.table.rows import Rows, figures, rows_of
from dronecheck.flight import Flight, Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["copied_rows", "is_csv"]

ID = "STR-2"
LINES_AT_LEAST = 10
# what is measured or made of it; figures that only count, or stay, say nothing
MEASURED = (
    ("distances", ("lat_deg", "lon_deg", "height_home_m", "height_amsl_m", "home_distance_m", "speed_mps")),
    ("velocity", ("vel_north_mps", "vel_east_mps", "vel_down_mps", "speed_mps")),
    ("attitude", ("roll_deg", "pitch_deg", "yaw_deg")),
    ("battery", ("voltage_v", "current_a")),
)


def is_csv(flight: Flight) -> bool:
    """Tell whether a log is a table that is compared line by line."""
    return flight.source.format == "csv"


def copied_rows(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement of lines that stand there twice, and one of stretches that repeat earlier ones (STR-2)."""
    text = next((one for one in flight.witnesses if one.name == "text" and len(one)), None)
    rows = rows_of(flight)
    if text is None or rows is None or len(text) != len(rows):
        return None
    again = figures(text, "first_same") != np.arange(len(text), dtype=np.int64)
    measured = _measured(rows, ~again)
    alike = copies(replace(flight, tracks={}, primary="", rivals=(), witnesses=(measured,)))
    tracks = (flight.primary,) if flight.primary else ()
    found = (replace(one, tracks=tracks) for one in alike or ())
    return (*_same_lines(text, tracks), *found)


def _measured(rows: Rows, keep: Bools) -> Witness:
    """Return what the kept rows measure as one witness."""
    columns: dict[str, Floats] = {}
    for witness, names in MEASURED:
        for name in names:
            values = rows.column(name, witness)
            if np.isfinite(values).any():
                columns[f"{witness}_{name}"] = values[keep]
    return Witness("gnss", "row", rows.time_ns[keep], rows.offset[keep], columns)


def _same_lines(text: Witness, tracks: tuple[str, ...]) -> Iterator[Statement]:
    """Tell of lines that follow one another as their equals before them do; a line held for long follows nothing."""
    same = figures(text, "first_same")
    follows = np.zeros(len(text), np.bool_)
    follows[1:] = (np.diff(same) == 1) & (same != np.arange(len(text), dtype=np.int64))[1:]
    mask = np.zeros(len(text), np.bool_)
    for one, last in zip(*(edges.tolist() for edges in runs(follows)), strict=True):
        if last - one >= LINES_AT_LEAST - 1:
            mask[one - 1 : last] = True
    if not mask.any():
        return
    yield Statement(
        ID, Weight.NOTICE, Concern.FORM,
        Message("{count} lines stand in the file twice, with their times", count=int(mask.sum())),
        Message("each line once: a clock in it moves on"),
        Message("{count} lines in a row", count=LINES_AT_LEAST),
        (
            Message("the same table was put behind itself, or two exports of one flight were joined"),
            Message("the exporter repeats a row while nothing new is recorded"),
        ),
        records=places(text.offset, mask), spans=spans(text.offset, mask), tracks=tracks,
    )  # fmt: skip
