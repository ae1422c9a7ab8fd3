"""Show a flight or a result in a notebook: facts and a small map. No folder, no serial number.

Inline SVG without scripts; what is unknown is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.safe.html import Markup, render, safe
from dronecheck.safe.io import plain

if TYPE_CHECKING:
    from dronecheck.flight.model import RecordHeader

__all__ = ["facts_table", "header_facts", "small_map", "table"]

_MOST_POINTS = 1_500
_WIDTH, _HEIGHT, _RIM = 320, 200, 12
_METRES_PER_DEGREE = 111_195.0
_BARS_M = [unit * size for size in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000) for unit in (1, 2, 5)]


def header_facts(header: RecordHeader) -> list[tuple[str, object]]:
    """List what a header says of a flight whose track cannot be read."""
    facts: list[tuple[str, object]] = []
    if header.start_ns is not None:
        start = np.datetime64(header.start_ns, "ns").astype("datetime64[s]")
        facts.append(("by its header", f"{start} UTC, {header.duration_s:.0f} s"))
    if header.within_m is not None and header.below_m is not None:
        within_m, below_m = ceil(header.within_m), ceil(header.below_m)
        facts.append(("bounds", f"within {within_m} m of its start, below {below_m} m above take-off"))
    return facts


def facts_table(facts: Iterable[tuple[str, object]]) -> Markup:
    """Return names and values, a line each."""
    return render("flight/facts.html.j2", facts=[(plain(name), plain(value)) for name, value in facts])


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Return a table with a head."""
    cells = [[plain(cell) for cell in row] for row in rows]
    return render("flight/table.html.j2", heads=[plain(head) for head in heads], rows=cells)


def small_map(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> Markup:
    """Draw the track with its start, end and a scale bar as SVG, north up. Empty without a place.

    Latitude and longitude in degrees, each of shape (n,).
    """
    if not len(lat_deg):
        return Markup()
    step = -(-len(lat_deg) // _MOST_POINTS)
    rows = np.unique(np.append(np.arange(0, len(lat_deg), step, dtype=np.intp), len(lat_deg) - 1))
    lon = np.unwrap(lon_deg, period=360.0)[rows]
    east_m = (lon - lon.mean()) * _METRES_PER_DEGREE * np.cos(np.radians(lat_deg.mean()))
    north_m = (lat_deg[rows] - lat_deg.mean()) * _METRES_PER_DEGREE
    span_m = max(float(np.ptp(east_m)) / (_WIDTH - 2 * _RIM), float(np.ptp(north_m)) / (_HEIGHT - 4 * _RIM), 0.02)
    x = _WIDTH / 2 + (east_m - (east_m.max() + east_m.min()) / 2) / span_m
    y = _HEIGHT / 2 - _RIM - (north_m - (north_m.max() + north_m.min()) / 2) / span_m
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    bar_m = max(itertools.takewhile(lambda m: m / span_m <= _WIDTH / 3, _BARS_M), default=_BARS_M[0])
    length = f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m} m"
    return render(
        "flight/track.svg.j2",
        width=_WIDTH,
        height=_HEIGHT,
        points=safe(points, len(points)),
        start={"x": f"{x[0]:.1f}", "y": f"{y[0]:.1f}"},
        end={"x": f"{x[-1] - 4:.1f}", "y": f"{y[-1] - 4:.1f}"},
        bar={"x": _RIM, "end_x": f"{_RIM + bar_m / span_m:.1f}", "y": _HEIGHT - _RIM, "length": length},
    )
