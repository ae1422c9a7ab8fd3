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
_FAR_COST, _POINT_COST, _CROSSED_COST = 0.4, 1.5, 30.0  # a point of a line under a label costs 3
_ALONG_STEP_PX, _ALONG_GAP_PX = 12.0, 4.0
_BEND = 0.8  # of half a text's height: what bends more is no place to write along
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

    def beside(
        self, xy: Floats, text: str, size: float = 8.5, *, reach_pt: float = _RADII_PT[-1], leads: bool = True,
        is_quiet: bool = False, **style: Any,
    ) -> bool:  # fmt: skip
        """Write next to a point, or to one of several (k, 2), the first preferred; False when there is no room.

        What is not close to its point is led to it by a line, unless it `leads` not. What has no room is counted,
        unless it is quiet: whoever writes it says so.
        """
        points = self._pixels(xy.reshape(-1, 2))
        half = self._half_size(text, size, style)
        radii = np.array([radius for radius in _RADII_PT if radius <= reach_pt])
        towards = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
        around = (towards * (radii[:, np.newaxis, np.newaxis] * _PT + half)).reshape(-1, 2)
        candidates = (points[:, np.newaxis] + around).reshape(-1, 2)
        of_point = np.broadcast_to(points[:, np.newaxis], (len(points), len(around), 2)).reshape(-1, 2)
        cost = np.tile(np.outer(_FAR_COST * radii, np.ones(len(_ANGLES))).ravel(), len(points))
        cost += np.outer(_POINT_COST * np.arange(len(points), dtype=np.float64), np.ones(len(around))).ravel()
        if leads:
            cost += _CROSSED_COST * self._crossed(of_point, candidates, half)
        chosen = self._best(candidates, half, cost)
        if chosen is None:
            self.left_out += not is_quiet
            return False
        if leads:
            self._leader(of_point[chosen], candidates[chosen], half)
        self._write(candidates[chosen], half, text, size, style)
        return True

    def along(self, lines: list[Floats], text: str, size: float = 8.0, **style: Any) -> bool:
        """Write along one of several lines in data coordinates where it is straight enough; False where none is."""
        half = self._half_size(text, size, style)
        places = [place for line in lines for place in self._straight_places(self._pixels(line), half)]
        if not places:
            return False
        centres, angles = np.array([centre for centre, _ in places]), np.array([angle for _, angle in places])
        turn = np.abs(np.column_stack([np.cos(angles), np.sin(angles)]))
        halves = np.column_stack([turn @ half, turn @ half[::-1]])
        middle = (self._rim[0] + self._rim[1]) / 2
        chosen = self._best(centres, halves, 0.02 * np.hypot(*(centres - middle).T))
        if chosen is None:
            return False
        degrees = float(np.degrees(angles[chosen]))
        self._write(centres[chosen], halves[chosen], text, size, {**style, "rotation": degrees})
        return True

    def _straight_places(self, line: Floats, half: Floats) -> list[tuple[Floats, float]]:
        """Return centres beside a line, on both sides, and angles, at which a text so large bends off it little."""
        length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        if length[-1] < 2 * half[0]:
            return []
        found = []
        for start in np.arange(0.0, length[-1] - 2 * half[0], _ALONG_STEP_PX, dtype=np.float64).tolist():
            at = np.linspace(start, start + 2 * half[0], 13)
            points = np.column_stack([np.interp(at, length, line[:, axis]) for axis in (0, 1)])
            if np.any(points < self._rim[0]) or np.any(points > self._rim[1]):
                continue
            way = points[-1] - points[0]
            chord = float(np.hypot(*way))
            if chord < 1.9 * half[0]:
                continue
            across = np.array([-way[1], way[0]]) / chord
            off = (points - points[0]) @ across
            if np.ptp(off) > _BEND * half[1]:
                continue
            angle = float(np.arctan2(way[1], way[0]))
            angle -= np.pi * round(angle / np.pi) if abs(angle) > np.pi / 2 else 0.0
            away = half[1] + _ALONG_GAP_PX
            middle = (points[0] + points[-1]) / 2
            found += [(middle + across * (off.max() + away), angle), (middle + across * (off.min() - away), angle)]
        return found

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
        self._write(candidates[chosen], half, text, size, style)
        return True

    def _crossed(self, points: Floats, candidates: Floats, half: Floats) -> Floats:
        """Count the taken boxes that each leader would cross."""
        if not self._taken:
            return np.zeros(len(candidates))
        feet = np.clip(points, candidates - half, candidates + half)
        leaders = shapely.linestrings(np.stack([points, feet], axis=1))
        boxes = shapely.box(*np.array(self._taken).T)
        hits = shapely.intersects(np.asarray(leaders)[:, np.newaxis], np.asarray(boxes))
        return np.asarray(hits.sum(axis=1), dtype=np.float64)

    def _best(self, candidates: Floats, half: Floats, cost: Floats) -> int | None:
        """Return the number of the cheapest centre whose box is free and within the rim."""
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
        return int(np.argmin(total))

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
            self.avoid_line(ends)
            self.axes.plot(*ends.T, color="#444444", lw=0.7, zorder=8, scalex=False, scaley=False)

    def _pixels(self, xy: Floats) -> Floats:
        return np.asarray(self.axes.transData.transform(xy), dtype=np.float64)

    def _data(self, pixels: Floats) -> Floats:
        return np.asarray(self.axes.transData.inverted().transform(pixels), dtype=np.float64)
