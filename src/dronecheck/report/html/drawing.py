"""The map and the charts of the page as SVG text: no style attributes, so that the policy needs no exceptions."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.airspace.zone import ZoneSet
from dronecheck.flight import Flight, Track
from dronecheck.geofence.findings import Reason, Result
from dronecheck.geofence.path import Path
from dronecheck.geofence.series import BorderSeries, border_profile
from dronecheck.report.figures_view import Ground, MapView, approaches, grounds, stretches, zones_in_view
from dronecheck.safeio import plain

__all__ = ["TOLERANCE_M", "chart", "charts", "map_svg", "safe", "track_rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE_M = 0.5  # the drawn track is nowhere farther from the logged one
_ASPECT = 1.5
_COLUMNS = 800  # a chart keeps the lowest and the highest value of each
_WIDTH, _HEIGHT = 900.0, 180.0
_HEIGHTS = {
    "alt_home_m": "Height above take-off (m)",
    "alt_amsl_m": "Height above mean sea level (m)",
    "alt_hae_m": "Height above the ellipsoid (m)",
    "alt_agl_m": "Height above ground, as logged (m)",
}


def safe(text: object) -> str:
    """Text from anywhere made safe in HTML text and in quoted attributes."""
    return escape(plain(text, 4000), quote=True)


def track_rows(view: MapView, begin: int, end: int) -> Ints:
    """The rows to draw of `begin` to `end` (both in), by Douglas and Peucker; the row rides along as z."""
    rows = np.arange(begin, end + 1)
    if len(rows) < 3:
        return rows
    line = shapely.linestrings(np.column_stack([view.xy_m[rows], rows]))
    kept = shapely.get_coordinates(shapely.simplify(line, TOLERANCE_M, preserve_topology=False), include_z=True)
    return np.asarray(kept[:, 2], dtype=np.int64)


def _d(xy: Floats, close: str = "") -> str:
    return "M" + "L".join(f"{x:.1f} {-y:.1f}" for x, y in xy.tolist()) + close


def _area(geometry: shapely.Geometry) -> str:
    rings = shapely.get_rings(geometry)
    return "".join(_d(shapely.get_coordinates(shapely.simplify(ring, TOLERANCE_M)), "Z") for ring in rings)


def _path(d: str, look: str, title: str = "") -> str:
    inner = f"<title>{safe(title)}</title>" if title else ""
    return f'<path class="{look}" d="{d}">{inner}</path>' if d else ""


def _track(view: MapView, path: Path) -> list[str]:
    gap = np.flatnonzero(path.step_s > path.thresholds.gap_s)
    jump = np.flatnonzero(path.is_jump)
    breaks = np.union1d(gap, jump)
    begins, ends = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(path) - 1]])
    runs = [track_rows(view, int(a), int(b)) for a, b in zip(begins, ends, strict=True)]
    solid = "".join(_d(view.xy_m[rows]) for rows in runs if len(rows) > 1)
    dashed = "".join(_d(view.xy_m[row : row + 2]) for row in np.setdiff1d(gap, jump).tolist())
    return [_path(solid, "casing"), _path(solid, "track", "Track"), _path(dashed, "gap", "Gap in the log")]


def _dots(view: MapView, result: Result) -> list[str]:
    out = []
    entered = [f for f in result.findings if Reason.NOT_ENTERED_ON_THE_LINE not in f.reasons]
    marks = [("entry", f.entry) for f in entered] + [("exit", f.exit) for f in entered]
    for word, place in [*marks, ("take-off", result.takeoff)]:
        if place:
            x, y = view.at(place).tolist()
            look = word.replace("-", "")
            out.append(f'<path class="dot {look}" d="M{x:.1f} {-y:.1f}h0"><title>{word}</title></path>')
    return out


def _band(lands: list[Ground]) -> str:
    widths = sorted({f"{w:.0f}" for ground in lands for w in ground.band_m}, key=int)
    band = shapely.union_all([ground.band for ground in lands])
    return _path(_area(band), "band", f"Accuracy of the border data, ±{', '.join(widths)} m")


def _label(free: shapely.Geometry, area: shapely.Geometry, text: str, half_x: float) -> str:
    place = shapely.point_on_surface(area if free.is_empty else free)
    size = half_x / 24
    return f'<text x="{place.x:.1f}" y="{-place.y:.1f}" font-size="{size:.1f}" text-anchor="middle">{safe(text)}</text>'


def _scale_bar(half_x: float, half_y: float) -> str:
    """A round length of at most a quarter of the map's width, at the lower left."""
    unit = 10.0 ** np.floor(np.log10(half_x / 2))
    length_m = float(max(n for n in (1, 2, 5) if n * unit <= half_x / 2) * unit)
    x, y, size = -0.94 * half_x, 0.92 * half_y, half_x / 28
    return (
        f'<path class="scale" d="M{x:.1f} {y:.1f}h{length_m:.1f}"><title>Scale</title></path>'
        f'<text x="{x:.1f}" y="{y - size / 2:.1f}" font-size="{size:.1f}">{length_m:g} m</text>'
    )


def map_svg(flight: Flight, result: Result, zones: ZoneSet | None) -> tuple[str, MapView]:
    """The map of a flight with at least one fix, in metres about the view's middle, north up."""
    path = Path(flight.track, result.rules.thresholds)
    near = approaches(path, result, zones)
    view = MapView(path, [a.foot_deg for a in near], _ASPECT)
    half_x, half_y = view.half_m
    parts: list[str] = []
    lands = grounds(view, result)
    for number, ground in enumerate(lands):
        parts.append(_path(_area(ground.area), f"land land{number % 4}", ground.territory.name(result.rules.language)))
    parts.append(_band(lands))
    lines = [shapely.get_coordinates(line) for ground in lands for line in shapely.get_parts(ground.lines)]
    parts.append(_path("".join(map(_d, lines)), "border", "Border, as in the data"))
    areas, _ = zones_in_view(view, result, zones)
    parts += [_path(_area(a.area), "zone named" if a.is_named else "zone", a.zone.name) for a in areas]
    parts += _track(view, path)
    for stretch in stretches(view, result):
        d = "".join(_d(xy) for xy in stretch.xy_m if len(xy) > 1)
        parts.append(_path(d, f"inside {stretch.finding.verdict.value.lower()}", f"Finding {stretch.number}"))
    parts += _dots(view, result)
    flown = shapely.box(*shapely.total_bounds(shapely.points(view.xy_m[view.shown])))
    parts += [
        _label(shapely.difference(g.area, flown), g.area, g.territory.name(result.rules.language), half_x)
        for g in lands
    ]
    parts.append(_scale_bar(half_x, half_y))
    box = f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}"
    return (
        f'<svg id="map" class="map" viewBox="{box}" role="img" tabindex="0" aria-label="Map of the flight, north up, '
        f'{2 * half_x:.0f} m wide">{"".join(parts)}<path id="here" class="dot here" d=""></path></svg>'
    ), view


def _lowest_and_highest(value: Floats) -> Ints:
    """Rows that keep each column's extremes (and both ends), so that no peak is lost."""
    if len(value) <= 2 * _COLUMNS:
        return np.arange(len(value))
    cuts = np.linspace(0, len(value), _COLUMNS + 1).astype(np.int64)
    rows = [0, len(value) - 1]
    for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        part = value[a:b]
        if np.isfinite(part).any():
            rows += [a + int(np.nanargmin(part)), a + int(np.nanargmax(part))]
    return np.unique(rows)


def chart(title: str, at_s: Floats, value: Floats, band: Floats | None = None) -> str:
    """One curve over seconds since the first fix, gaps of NaN left open; the extremes stand in words below."""
    known = np.isfinite(value)
    if not known.any():
        return ""
    low, high = float(value[known].min()), float(value[known].max())
    bottom, span = min(low, 0.0), max(max(high, 0.0) - min(low, 0.0), 1.0)
    last_s = max(float(at_s[-1]), 1e-9)

    def y(v: Any) -> Any:
        return _HEIGHT - (np.clip(v, bottom, bottom + span) - bottom) / span * _HEIGHT

    rows = _lowest_and_highest(value)
    runs = np.split(rows, np.flatnonzero(np.diff(np.isfinite(value[rows]).astype(int))) + 1)
    d = "".join(
        "M" + "L".join(f"{x:.1f} {v:.1f}" for x, v in zip(at_s[r] / last_s * _WIDTH, y(value[r]), strict=True))
        for r in runs
        if np.isfinite(value[r[0]])
    )
    shade = ""
    if band is not None:
        around = np.concatenate([np.column_stack([at_s, band]), np.column_stack([at_s, -band])[::-1]])
        d_band = "L".join(f"{x / last_s * _WIDTH:.1f} {y(v):.1f}" for x, v in around.tolist())
        shade = f'<path class="band" d="M{d_band}Z"></path>'
    words = f"{title}: lowest {low:.1f}, highest {high:.1f}, over {last_s:.0f} s"
    return (
        f'<figure><figcaption>{safe(words)}</figcaption><svg class="chart" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'preserveAspectRatio="none" role="img" aria-label="{safe(words)}">{shade}'
        f'<path class="axis" d="M0 {y(0.0):.1f}H{_WIDTH:g}"></path><path class="curve" d="{d}"></path>'
        f'<path class="cursor" d=""></path></svg></figure>'
    )


def charts(flight: Flight, result: Result) -> str:
    """Height, speed and distance to the border, as far as the log has them."""
    track: Track = flight.track
    at_s = (track.time_ns - track.time_ns[0]) / 1e9
    name = next((n for n in _HEIGHTS if np.isfinite(getattr(track, n)).any()), None)
    out = [chart(_HEIGHTS[name], at_s, getattr(track, name))] if name else []
    out.append(chart("Speed (m/s)", at_s, track.speed_mps))
    series: BorderSeries | None = border_profile(flight, result)
    if series is not None:
        since_s = (series.time_ns - track.time_ns[0]) / 1e9
        rows = _lowest_and_highest(series.distance_m)
        full = np.append(since_s[rows], at_s[-1])
        distance, band = np.append(series.distance_m[rows], np.nan), np.append(series.band_m[rows], 0.0)
        out.append(chart(f"Distance to the border of {series.name} (m), negative inside", full, distance, band))
    return "".join(out)
