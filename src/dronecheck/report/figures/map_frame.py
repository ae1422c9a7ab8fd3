"""What frames the map: meridians and parallels, the legend beside it, the scale bar, which way is north."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dronecheck.report.text.headline import degrees_label
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import MapView

__all__ = ["ASPECT", "FRAME_IN", "HEIGHT_IN", "WIDTH_IN", "column", "graticule"]

WIDTH_IN, HEIGHT_IN = 11.0, 8.0
FRAME_IN = (0.95, 0.95, 7.1, 6.1)  # left, bottom, width, height of the map itself
_COLUMN_IN = 8.3
ASPECT = FRAME_IN[2] / FRAME_IN[3]
_TICKS_WITHIN = 0.97
_TICK_APART = 0.2  # of half the width: room for a label
_DEGREE_STEPS = (30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4)


def graticule(axes: Axes, view: MapView, say: Words) -> None:
    """Draw meridians and parallels at round degrees, labelled where they meet the lower and the left edge."""
    west, south, east, north = view.frame_deg
    half_x, half_y = view.half_m
    for axis, (low, high), other in ((0, (west, east), (south, north)), (1, (south, north), (west, east))):
        step = next((s for s in _DEGREE_STEPS if (high - low) / s >= 3.2), _DEGREE_STEPS[-1])
        ticks: list[float] = []
        names: list[str] = []
        for index in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
            along = np.linspace(*other, 65)
            fixed = np.full(65, index * step)
            line = view.plane.forward(np.column_stack([fixed, along] if axis == 0 else [along, fixed]))
            axes.plot(*line.T, color="#9a9a9a", lw=0.5, ls=(0, (1, 3)), zorder=2.2, scalex=False, scaley=False)
            edge = -half_y if axis == 0 else -half_x
            across, level = line[:, axis], line[:, 1 - axis]
            if level[0] > level[-1]:
                level, across = level[::-1], across[::-1]
            # A line that turns back (near a pole) or stays off the edge gets no label; the frame's box may be tight.
            if not (np.diff(level) > 0).all() or abs(edge - np.clip(edge, level[0], level[-1])) > 0.01 * half_y:
                continue
            at = float(np.interp(edge, level, across))
            if abs(at) <= _TICKS_WITHIN * view.half_m[axis] and all(abs(at - t) > _TICK_APART * half_x for t in ticks):
                ticks.append(at)
                names.append(degrees_label(index * step, step, axis))
        if axis == 0:
            axes.set_xticks(ticks, names)
        else:
            axes.set_yticks(ticks, names, rotation=90, va="center")
    axes.set_xlabel(say("Longitude (degrees, WGS 84)"))
    axes.set_ylabel(say("Latitude (degrees, WGS 84)"))


def column(figure: Figure, view: MapView, legend: list[Artist], say: Words) -> None:
    """Draw beside the map: the legend, the scale bar and which way is north."""
    height_in = figure.get_figheight()
    bottom_in = height_in - HEIGHT_IN  # more than usual, for small print
    top = (bottom_in + FRAME_IN[1] + FRAME_IN[3]) / height_in
    figure.legend(
        handles=legend,
        loc="upper left",
        bbox_to_anchor=(_COLUMN_IN / WIDTH_IN - 0.01, top + 0.008),
        frameon=False,
        borderaxespad=0.0,
        handlelength=2.6,
        labelspacing=0.9,
    )
    metre_in = FRAME_IN[2] / (2 * view.half_m[0])
    longest_m = 2.0 / metre_in
    length_m = say.units.bar_m(longest_m)
    bar = figure.add_axes((_COLUMN_IN / WIDTH_IN, (bottom_in + 1.0) / height_in,
                           length_m * metre_in / WIDTH_IN, 0.09 / height_in))  # fmt: skip
    bar.set_xlim(0, 4)
    for part in range(4):
        bar.axvspan(part, part + 1, facecolor="black" if part % 2 == 0 else "white", edgecolor="black", lw=0.8)
    bar.set_yticks([])
    bar.set_xticks([0, 4], ["0", say.units.round_length(length_m)])
    bar.tick_params(length=0, pad=2)
    x, y = (_COLUMN_IN + 0.12) / WIDTH_IN, (bottom_in + 1.35) / height_in
    figure.add_artist(Line2D([x, x], [y, y + 0.42 / height_in], color="black", lw=1.4, marker="^", markevery=[1], ms=8))
    figure.text(x + 0.16 / WIDTH_IN, y + 0.16 / height_in, say("N"), size=11, weight="bold")
