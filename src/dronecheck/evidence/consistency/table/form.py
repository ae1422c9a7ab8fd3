"""CSV-2: how the lines of a table are written: what a spreadsheet, an editor or a second program leaves behind.

Opening a log in a spreadsheet and saving it is common and innocent, and destroys precision: nothing here is graver than
a notice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.stretches import places, runs, spans
from dronecheck.evidence.consistency.table.rows import figures, quantile
from dronecheck.flight import Flight, Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.messages import Message

__all__ = ["text_form"]

ID = "CSV-2"
FEW = 0.2  # a way of writing that so few lines have is not the file's
FEWER_DECIMALS, STRETCH_ROWS = 2, 5
COMMON_SHARE = 0.7
BACK_S = 0.01
BEGINS_ANEW_S = 2.0
WHOLE_LINES = 0.5  # of the fields of a line in quotes

_SPREADSHEET = Message("the table was opened in a spreadsheet and saved, which destroys precision: it rounds figures")
_EDITOR = Message("the table was opened in an editor, or lines of two systems were put together")
_TOOL = Message("a program that merged, filtered or sorted tables wrote it")


def text_form(flight: Flight) -> tuple[Statement, ...] | None:
    """Tell what is odd in how the lines of a table are written and ordered (CSV-2); None without lines."""
    text = next((one for one in flight.witnesses if one.name == "text" and len(one)), None)
    if text is None:
        return None
    clocks = next((one for one in flight.witnesses if one.name == "clocks" and len(one) == len(text)), None)
    return (
        *_line_ends(text),
        *_fields(text),
        *_quotes(text),
        *_decimals(flight, text),
        *_spreadsheet(text),
        *(_order(clocks) if clocks is not None else ()),
    )


def _statement(
    text: Witness,
    mask: Bools,
    weight: Weight,
    observed: Message,
    expected: Message,
    threshold: Message,
    *innocent: Message,
    concern: Concern = Concern.FORM,
) -> Statement:
    return Statement(
        ID, weight, concern, observed, expected, threshold, innocent,
        records=places(text.offset, mask), spans=spans(text.offset, mask),
    )  # fmt: skip


def _rare(values: Floats) -> Bools:
    """Tell which rows are written otherwise than nearly all, shape (n,); none where no way is nearly all's."""
    known = np.isfinite(values)
    kinds, counts = np.unique(values[known], return_counts=True)
    if len(kinds) < 2 or counts.max() < (1 - FEW) * known.sum():
        return np.zeros(len(values), np.bool_)
    return np.asarray(known & (values != kinds[counts.argmax()]), dtype=np.bool_)


def _line_ends(text: Witness) -> Iterator[Statement]:
    ends = figures(text, "line_end")
    mask = _rare(ends)
    if not mask.any():
        kinds = np.unique(ends[np.isfinite(ends)])
        if len(kinds) < 2:
            return
        mask = np.asarray(ends == kinds[-1])
    yield _statement(
        text, mask, Weight.NOTICE,
        Message("{count} of {all} lines end otherwise than the rest (LF, CR LF)", count=int(mask.sum()), all=len(text)),
        Message("one kind of line end: a program writes all its lines alike"),
        Message("one line"), _EDITOR, _TOOL,
    )  # fmt: skip


def _fields(text: Witness) -> Iterator[Statement]:
    plain = ~(figures(text, "quoted") > 0)  # within quotes a separator is text
    mask = _rare(np.where(plain, figures(text, "fields"), np.nan))
    if mask.any():
        yield _statement(
            text, mask, Weight.INFO,
            Message("{count} lines have more or fewer separators than the rest", count=int(mask.sum())),
            Message("the same number of fields in each line"),
            Message("one line"), _SPREADSHEET, _TOOL,
        )  # fmt: skip


def _quotes(text: Witness) -> Iterator[Statement]:
    share = figures(text, "quoted") / np.maximum(2 * figures(text, "fields"), 1)
    mask = _rare(np.where(np.isfinite(share), share >= WHOLE_LINES, np.nan))
    if mask.any():
        yield _statement(
            text, mask, Weight.NOTICE,
            Message("{count} lines quote their fields otherwise than the rest", count=int(mask.sum())),
            Message("one style of quotes: a program writes all its lines alike"),
            Message("half of the fields of a line"), _EDITOR, _TOOL,
        )  # fmt: skip


def _decimals(flight: Flight, text: Witness) -> Iterator[Statement]:
    """Tell of stretches whose positions have fewer decimals than is usual here, or more than there are elsewhere.

    A program that leaves out noughts at the end writes one decimal less in one of ten figures, two less in one of a
    hundred: five figures in a row with two less do not happen.
    """
    mask = np.zeros(len(text), np.bool_)
    for name in ("decimals_lat", "decimals_lon"):
        shown = figures(text, name)
        known = np.flatnonzero(np.isfinite(shown) & (shown > 0))
        if len(known) < 4 * STRETCH_ROWS:
            continue
        digits = shown[known]
        usual = quantile(digits, 1 - COMMON_SHARE)
        if np.mean(digits >= usual - FEWER_DECIMALS + 1) < COMMON_SHARE:
            continue
        most = quantile(digits, 1 - FEW / 2)
        for odd in (digits <= usual - FEWER_DECIMALS, digits >= most + FEWER_DECIMALS):
            first, end = runs(np.asarray(odd))
            for one, last in zip(first.tolist(), end.tolist(), strict=True):
                if last - one >= STRETCH_ROWS and _differ(flight, text, known[one:last]):
                    mask[known[one:last]] = True
    if mask.any():
        yield _statement(
            text, mask, Weight.NOTICE,
            Message("the positions of {count} lines have other decimals than those around them", count=int(mask.sum())),
            Message("positions with as many decimals all along"),
            Message("{rows} lines in a row, {decimals} decimals", rows=STRETCH_ROWS, decimals=FEWER_DECIMALS),
            _SPREADSHEET, _TOOL, concern=Concern.POSITION,
        )  # fmt: skip


def _differ(flight: Flight, text: Witness, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    """Tell whether these lines have places of their own: a place that is repeated has its decimals every time."""
    table = next((one for one in flight.witnesses if one.name == "distances" and len(one) == len(text)), None)
    if table is None:
        return True
    lat, lon = figures(table, "lat_deg")[rows], figures(table, "lon_deg")[rows]
    changes = (np.diff(lat) != 0) | (np.diff(lon) != 0)
    return int(changes.sum()) >= STRETCH_ROWS - 1


def _spreadsheet(text: Witness) -> Iterator[Statement]:
    for name, observed in (
        ("day_numbers", "{count} lines have a bare number of days for a date, as spreadsheets write it"),
        ("scientific", "{count} lines have long numbers cut to a power of ten, as spreadsheets write them (1.58E+14)"),
    ):
        mask = np.asarray(figures(text, name) > 0)
        if mask.any():
            yield _statement(
                text, mask, Weight.INFO,
                Message(observed, count=int(mask.sum())),
                Message("figures as the exporter writes them, with all their digits"),
                Message("one line"), _SPREADSHEET,
            )  # fmt: skip


def _order(clocks: Witness) -> Iterator[Statement]:
    """Tell of rows that stand in the wrong order, by the stopwatch in each (gaps in it: TIM-1)."""
    shown = figures(clocks, "boot_s")
    known = np.flatnonzero(np.isfinite(shown))
    steps_s = np.diff(shown[known])
    if not len(steps_s):
        return
    is_back = (steps_s < -BACK_S) & (shown[known][1:] > shown[known][0] + BEGINS_ANEW_S)  # else it begins anew
    mask = np.zeros(len(clocks), np.bool_)
    mask[known[1:][is_back]] = True
    if mask.any():
        yield _statement(
            clocks, mask, Weight.NOTICE,
            Message("in {count} lines the stopwatch goes back: the rows are not in their order", count=int(mask.sum())),
            Message("rows in the order in which they were recorded"),
            Message("{back_s:g} s back", back_s=BACK_S), _TOOL, concern=Concern.TIME,
        )  # fmt: skip
