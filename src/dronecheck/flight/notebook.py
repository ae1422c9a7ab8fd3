"""How a flight and a result show themselves in a notebook: facts and a small map. No folder, no serial number.

Inline SVG without scripts; what is unknown is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from dronecheck.safe.io import plain

__all__ = ["facts_table", "small_map", "table"]

_MOST_POINTS = 1_500
_WIDTH, _HEIGHT, _RIM = 320, 200, 12
_METRES_PER_DEGREE = 111_195.0
_BARS_M = [unit * size for size in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000) for unit in (1, 2, 5)]


def _safe(value: object) -> str:
    return escape(plain(value), quote=True)


def facts_table(facts: Iterable[tuple[str, object]]) -> str:
    """Names and values, a line each."""
    rows = "".join(f"<tr><th style='text-align:left'>{_safe(n)}</th><td>{_safe(v)}</td></tr>" for n, v in facts)
    return f"<table>{rows}</table>"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with a head."""
    head = "".join(f"<th>{_safe(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{_safe(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def small_map(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> str:
    """Return the track with its start, end and a scale bar as SVG; north is up. Empty without a place."""
    if not len(lat_deg):
        return ""
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
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="Map of the track" '
        'style="background:#f7f9fa;border:1px solid #ccc">'
        f'<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2" stroke-linejoin="round"/>'
        f'<circle cx="{x[0]:.1f}" cy="{y[0]:.1f}" r="5" fill="#009e73"><title>start</title></circle>'
        f'<rect x="{x[-1] - 4:.1f}" y="{y[-1] - 4:.1f}" width="8" height="8" fill="none" stroke="#d55e00" '
        'stroke-width="2"><title>end</title></rect>'
        f'<line x1="{_RIM}" y1="{_HEIGHT - _RIM}" x2="{_RIM + bar_m / span_m:.1f}" y2="{_HEIGHT - _RIM}" '
        'stroke="#222" stroke-width="3"/>'
        f'<text x="{_RIM}" y="{_HEIGHT - _RIM - 5}" font-size="11" fill="#222">{length}; circle: start, square: end'
        "</text></svg>"
    )
