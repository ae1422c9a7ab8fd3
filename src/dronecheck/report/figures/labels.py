"""Places labels so that none overlaps another, a marker or the rim, and as little of the track as possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.report.figures.style import DPI

__all__ = ["Labels"]


_PT = DPI / 72.0
_RADII_PT = (11.0, 22.0, 36.0, 54.0, 78.0, 110.0, 150.0)
_ANGLES = np.radians(np.arange(0, 360, 22.5))
_GRID = 15
_RIM_PX = 5.0
_GAP_PX = 3.0
_LINE_SAMPLES = 4000
_BACK = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


class Labels:
    """Labels of one axes, whose limits must be final. Everything inside is in pixels."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        canvas = axes.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        self._renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        corners = axes.get_position().get_points() * np.array([[axes.figure.bbox.width, axes.figure.bbox.height]])
        self._rim = (corners[0] + _RIM_PX, corners[1] - _RIM_PX)
        self._taken: list[Floats] = []  # each (4,): left, bottom, right, top
        self._lines: list[Floats] = [np.empty((0, 2))]
        self.left_out = 0

    def avoid_line(self, xy: Floats) -> None:
        """Keep labels off a line in data coordinates where possible."""
        xy = xy[np.isfinite(xy).all(axis=1)]
        if not len(xy):
            return
        pixels = self._pixels(xy)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(pixels, axis=0).T))])
        at = np.linspace(0.0, along[-1], int(min(_LINE_SAMPLES, 2 + along[-1] / 6)))
        self._lines.append(np.column_stack([np.interp(at, along, pixels[:, axis]) for axis in (0, 1)]))

    def reserve(self, xy: Floats, half_px: float = 12.0) -> None:
        """Keep labels off a marker."""
        centre = self._pixels(xy.reshape(1, 2))[0]
        self._taken.append(np.concatenate([centre - half_px, centre + half_px]))

    def beside(self, xy: Floats, text: str, size: float = 8.5, **style: Any) -> bool:
        """Write next to a point, with a leader line when not close to it; False when there is no room."""
        centre = self._pixels(xy.reshape(1, 2))[0]
        half = self._half_size(text, size, style)
        towards = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
        candidates = np.concatenate([centre + towards * (radius * _PT + half) for radius in _RADII_PT])
        cost = np.concatenate([np.full(len(_ANGLES), 0.25 * radius_pt) for radius_pt in _RADII_PT])
        chosen = self._best(candidates, half, cost)
        if chosen is None:
            self.left_out += 1
            return False
        self._leader(centre, chosen, half)
        self._write(chosen, half, text, size, style)
        return True

    def inside(self, area: BaseGeometry, text: str, size: float = 9.0, **style: Any) -> bool:
        """Write wholly inside an area in data coordinates; False where it does not fit."""
        half = self._half_size(text, size, style)
        west, south, east, north = area.bounds
        low, high = self._pixels(np.array([[west, south], [east, north]]))
        low, high = np.maximum(low, self._rim[0]) + half, np.minimum(high, self._rim[1]) - half
        if np.any(low > high):
            return False
        grid = np.meshgrid(np.linspace(low[0], high[0], _GRID), np.linspace(low[1], high[1], _GRID))
        candidates = np.column_stack([axis.ravel() for axis in grid])
        corners = [self._data(candidates + half * sign) for sign in ((-1, -1), (1, 1))]
        boxes = np.asarray(shapely.box(*corners[0].T, *corners[1].T))
        shapely.prepare(area)
        fits = shapely.contains_properly(area, boxes)
        if not fits.any():
            return False
        candidates, boxes = candidates[fits], boxes[fits]
        # Well away from the rim of the area reads best.
        room = shapely.distance(shapely.centroid(boxes), shapely.boundary(area))
        chosen = self._best(candidates, half, 20.0 * (1 - room / room.max()))
        if chosen is None:
            return False
        self._write(chosen, half, text, size, style)
        return True

    def _best(self, candidates: Floats, half: Floats, cost: Floats) -> Floats | None:
        """Return the cheapest centre whose box is free and within the rim."""
        left, right = candidates - half - _GAP_PX, candidates + half + _GAP_PX
        free = np.all((left >= self._rim[0]) & (right <= self._rim[1]), axis=1)
        for box in self._taken:
            free &= ~np.all((left < box[2:]) & (right > box[:2]), axis=1)
        if not free.any():
            return None
        points = np.concatenate(self._lines)
        covered = np.array(
            [np.count_nonzero(np.all((points > a) & (points < b), axis=1)) for a, b in zip(left, right, strict=True)]
        )
        total = np.where(free, cost + 3.0 * covered, np.inf)
        return np.asarray(candidates[int(np.argmin(total))], dtype=np.float64)

    def _half_size(self, text: str, size: float, style: dict[str, Any]) -> Floats:
        probe = Text(0, 0, text, size=size, figure=self.axes.figure, parse_math=False, **style)
        box = probe.get_window_extent(self._renderer)
        return np.array([box.width, box.height]) / 2 + 0.15 * size * _PT

    def _write(self, centre: Floats, half: Floats, text: str, size: float, style: dict[str, Any]) -> None:
        x, y = self._data(centre[np.newaxis])[0]
        place: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 9, "clip_on": True}
        self.axes.text(x, y, text, size=size, bbox=_BACK, parse_math=False, **place, **style)
        self._taken.append(np.concatenate([centre - half, centre + half]))

    def _leader(self, point: Floats, centre: Floats, half: Floats) -> None:
        foot = np.clip(point, centre - half, centre + half)
        if np.hypot(*(foot - point)) > 16.0 * _PT:
            ends = self._data(np.stack([point, foot]))
            self.axes.plot(*ends.T, color="#444444", lw=0.7, zorder=8, scalex=False, scaley=False)

    def _pixels(self, xy: Floats) -> Floats:
        return np.asarray(self.axes.transData.transform(xy), dtype=np.float64)

    def _data(self, pixels: Floats) -> Floats:
        return np.asarray(self.axes.transData.inverted().transform(pixels), dtype=np.float64)
