"""The schematic pictures of docs/verdicts.md. `make pictures`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

TARGET = Path(__file__).parent / "images" / "verdicts"
SIDE = {"hatch": "///", "facecolor": "0.93", "edgecolor": "0.6", "linewidth": 0}


def _map(axis: Axes, band: float = 1.0) -> None:
    """A region on the right of x = 0 (hatched), its outline and the band on both sides."""
    axis.fill_betweenx([-3, 3], 0, 5, **SIDE)
    axis.axvline(0, color="black", linewidth=1.5)
    if band:
        for x in (-band, band):
            axis.axvline(x, color="0.4", linewidth=1, linestyle="--")
        axis.annotate("", (0, 2.6), (-band, 2.6), arrowprops={"arrowstyle": "<->"})
        axis.text(-band / 2, 2.15, "band", ha="center")
    axis.text(4.8, -2.8, "zone", ha="right", backgroundcolor="white")


def _note(axis: Axes, text: str) -> None:
    """A caption in the lower left corner."""
    if text:
        axis.text(-4.85, -2.85, text, fontsize=8, backgroundcolor="white", zorder=0.5)


def _path(axis: Axes, x: np.ndarray, y: np.ndarray) -> None:
    axis.plot(x, y, "o-", color="black", markersize=4, linewidth=1)


def _bow(axis: Axes, deepest: float) -> None:
    y = np.linspace(-2.4, 2.0, 12)
    _path(axis, deepest - 0.55 * (y + 0.2) ** 2, y)


def _violation(axis: Axes) -> None:
    _map(axis)
    _bow(axis, 2.4)


def _clear(axis: Axes) -> None:
    _map(axis)
    _bow(axis, -1.7)


def _margin(axis: Axes) -> None:
    _map(axis)
    _bow(axis, -0.4)
    axis.add_patch(Ellipse((-0.4, -0.2), 1.8, 1.8, fill=False, linestyle=":", linewidth=1.5))
    _note(axis, "dotted: error of the fix")


def _coarse(axis: Axes) -> None:
    _map(axis, 0)
    y = np.linspace(-3, 3, 60)
    for shift in (-1.6, -0.8, 0.9, 1.8):
        axis.plot(shift + 0.3 * np.sin(y * 2 + shift), y, color="0.5", linewidth=1, linestyle="--")
    _bow(axis, -0.9)
    _note(axis, "dashed: the line may run here")


def _gap(axis: Axes) -> None:
    _map(axis, 0)
    _path(axis, np.full(3, -1.5), np.array([-2.6, -2.1, -1.6]))
    _path(axis, np.full(3, -1.5), np.array([1.6, 2.1, 2.6]))
    axis.add_patch(Ellipse((-1.5, 0), 4.4, 5.4, fill=False, linestyle=":", linewidth=1.5))
    _note(axis, "dotted: reach\nin the gap")


def _single(axis: Axes) -> None:
    _map(axis)
    _path(axis, np.array([-2.0, -1.9, 2.0, -1.8, -1.9]), np.array([-2.4, -1.4, -0.4, 0.6, 1.6]))


def _strip(axis: Axes) -> None:
    axis.fill_betweenx([-3, 3], -0.6, 0.6, **SIDE)
    for x in (-0.6, 0.6):
        axis.axvline(x, color="black", linewidth=1.5)
    _path(axis, np.zeros(11), np.linspace(-2.4, 2.4, 11))
    axis.add_patch(Ellipse((0, 0), 2.6, 2.6, fill=False, linestyle=":", linewidth=1.5))
    _note(axis, "dotted: error of the fix")


def _home(axis: Axes) -> None:
    _map(axis, 0)
    _path(axis, np.linspace(-3, 3, 9), np.linspace(-1, 1, 9))
    axis.text(-4.8, -2.4, "the log starts here,\nalready in the air", fontsize=8)


def _heights(axis: Axes, level: float, note: str) -> None:
    axis.fill_between([-5, 5], 0.5, 3, **SIDE)
    axis.axhline(0.5, color="black", linewidth=1.5)
    _path(axis, np.linspace(-4, 4, 11), np.full(11, level))
    axis.text(4.8, 2.5, "zone (seen from the side)", ha="right", backgroundcolor="white")
    _note(axis, note)


def _vertical(axis: Axes) -> None:
    _heights(axis, 0.2, "bars: error of the height")
    axis.errorbar(np.linspace(-4, 4, 5), np.full(5, 0.2), yerr=0.9, fmt="none", color="black", capsize=3)


def _terrain(axis: Axes) -> None:
    _heights(axis, -0.2, "")
    x = np.linspace(-5, 5, 60)
    axis.plot(x, -2.2 + 0.5 * np.sin(x), color="black", linestyle="--")
    axis.text(0, -1.2, "ground of unknown height: how high is the floor?", ha="center", fontsize=8)


def _time(axis: Axes) -> None:
    _map(axis, 0)
    _bow(axis, 2.4)
    _note(axis, "in force 12:00 to 14:00,\nthe log has no date")


def _force(axis: Axes) -> None:
    """Time runs to the right: when the zone is in force, its error on either side, and three visits."""
    axis.fill_betweenx([-3, 3], -1, 3, **SIDE)
    for x in (-1, 3):
        axis.axvline(x, color="black", linewidth=1.5)
        for side in (-0.5, 0.5):
            axis.axvline(x + side, color="0.4", linewidth=1, linestyle="--")
    axis.text(1, 2.3, "in force", ha="center", backgroundcolor="white")
    visits = ((1.4, -4.6, -2.4, "no finding"), (0.2, -3.4, 1.5, "entered"), (-1.0, -3.0, -0.7, "cannot tell"))
    for y, begin, end, words in visits:
        axis.plot([begin, end], [y, y], color="0.2", linewidth=2, linestyle=":")
        if words == "entered":
            axis.plot([-1, end], [y, y], color="black", linewidth=5, solid_capstyle="butt")
        axis.text(begin - 0.2, y + 0.3, words, fontsize=8, backgroundcolor="white")
    axis.text(-4.8, -2.7, "time runs to the right; dashed: error of the clock", fontsize=8, backgroundcolor="white")


def _suspect(axis: Axes) -> None:
    _map(axis, 0)
    _path(axis, np.array([-4, -3.6, -3.2, 3.4, -2.6, -2.2]), np.array([-2, -1.5, -1, 2, 0, 0.5]))


def _datum(axis: Axes) -> None:
    _map(axis, 0)
    _bow(axis, -1.5)
    y = np.linspace(-2.4, 2.0, 12)
    axis.plot(1.6 - 0.55 * (y + 0.2) ** 2, y, "s--", color="0.3", markersize=4, markerfacecolor="white")
    _note(axis, "squares: read as GCJ-02")


def _two(axis: Axes, left: str, right: str) -> None:
    """Ground between x = -1.5 and 1.5 that two sides have to do with."""
    axis.fill_betweenx([-3, 3], -1.5, 1.5, **SIDE)
    for x in (-1.5, 1.5):
        axis.axvline(x, color="black", linewidth=1.5)
    _path(axis, np.linspace(-4, 0.5, 9), np.linspace(-1.5, 1, 9))
    axis.text(-3.2, 2.3, left, ha="center")
    axis.text(3.2, 2.3, right, ha="center")


def _disputed(axis: Axes) -> None:
    _two(axis, "home", "another State")
    axis.text(0, -2.6, "claimed\nby both", ha="center", backgroundcolor="white")


def _dependency(axis: Axes) -> None:
    _map(axis, 0)
    _path(axis, np.linspace(-4, 2.5, 10), np.linspace(-1.5, 1, 10))
    axis.text(-3.2, 2.3, "home", ha="center")
    axis.text(3, 2.3, "same State,\nborder rules of\nits own", ha="center", va="top", backgroundcolor="white")


def _overlap(axis: Axes) -> None:
    _two(axis, "A only", "B only")
    axis.text(0, -2.6, "in A and B\nin the data", ha="center", backgroundcolor="white")


def _no_height(axis: Axes) -> None:
    axis.fill_between([-5, 5], 0.5, 3, **SIDE)
    axis.axhline(0.5, color="black", linewidth=1.5)
    for x in np.linspace(-4, 4, 5):
        axis.plot([x, x], [-1.5, 2.2], color="black", linestyle=":", linewidth=1.5)
        axis.text(x, -0.4, "?", ha="center", fontsize=13, backgroundcolor="white")
    axis.text(4.8, 2.5, "zone (seen from the side)", ha="right", backgroundcolor="white")
    _note(axis, "the log has no such height")


def _frame(axis: Axes) -> None:
    _heights(axis, -0.3, "where the floor lies depends on the air pressure")
    for level in (-0.9, 1.4):
        axis.axhline(level, color="0.4", linestyle="--", linewidth=1)


def _unreadable(axis: Axes) -> None:
    axis.plot([0, 0, 3], [-3, -0.5, -0.5], color="black", linewidth=1.5)
    axis.plot([3, 4.2], [1.5, 3], color="black", linewidth=1.5)
    axis.text(2, 0.4, "outline\nunreadable", ha="center")
    _path(axis, np.linspace(-4, 2, 9), np.linspace(-1.5, 1.8, 9))


def _edge(axis: Axes) -> None:
    x = np.linspace(-5, 5, 60)
    axis.plot(x, np.full(60, 0.0), color="black", linewidth=1.5)
    axis.plot(x, 1.6 - 0.064 * x**2, color="black", linewidth=1.5, linestyle="--")
    axis.fill_between([-5, 5], 0, -3, **SIDE)
    _path(axis, np.linspace(-2, 2, 9), np.full(9, 0.8))
    axis.text(-4.8, 2.3, "dashed: the edge as a geodesic")


def _repaired(axis: Axes) -> None:
    axis.fill([-3.5, 0, -3.5], [-2, 0, 2], **SIDE)
    axis.plot([-3.5, 3.5, 3.5, -3.5, -3.5], [-2, 2, -2, 2, -2], color="black", linewidth=1.5)
    _path(axis, np.linspace(1.5, 4.6, 7), np.linspace(-0.3, 0.5, 7))
    _note(axis, "an outline that crosses itself: is this side meant?")


def _nothing(axis: Axes) -> None:
    _map(axis, 0)
    axis.text(-2.5, 0, "no fix at all", ha="center")


PICTURES: dict[str, tuple[Callable[[Axes], None], str]] = {
    "inside_beyond_error": (_violation, "ENTERED"),
    "clear_beyond_error": (_clear, "DID NOT ENTER"),
    "margin_within_error": (_margin, "CANNOT TELL: margin_within_error"),
    "border_data_too_coarse": (_coarse, "CANNOT TELL: border_data_too_coarse"),
    "narrow": (_strip, "CANNOT TELL: narrower than the error"),
    "sampling_gap": (_gap, "CANNOT TELL: sampling_gap"),
    "single_fix": (_single, "CANNOT TELL: single_fix"),
    "home_unknown": (_home, "CANNOT TELL: home_unknown"),
    "vertical_margin_within_error": (_vertical, "CANNOT TELL: vertical_margin_within_error"),
    "no_terrain": (_terrain, "CANNOT TELL: no_terrain"),
    "not_in_force": (_force, "three visits and a zone with times"),
    "zone_time_unknown": (_time, "CANNOT TELL: zone_time_unknown"),
    "log_suspect": (_suspect, "CANNOT TELL: log_suspect"),
    "datum_unknown": (_datum, "CANNOT TELL: datum_unknown"),
    "disputed_territory": (_disputed, "CANNOT TELL: disputed_territory"),
    "dependency_of_home": (_dependency, "CANNOT TELL: dependency_of_home"),
    "overlap_in_data": (_overlap, "CANNOT TELL: overlap_in_data"),
    "height_unknown": (_no_height, "CANNOT TELL: height_unknown"),
    "vertical_frame_unknown": (_frame, "CANNOT TELL: vertical_frame_unknown"),
    "zone_unreadable": (_unreadable, "CANNOT TELL: zone_unreadable"),
    "edge_model_ambiguous": (_edge, "CANNOT TELL: edge_model_ambiguous"),
    "invalid_geometry_repaired": (_repaired, "CANNOT TELL: invalid_geometry_repaired"),
    "no_position": (_nothing, "CANNOT TELL: no_position"),
}


def main() -> None:
    """Draw them all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (draw, title) in PICTURES.items():
        figure, axis = plt.subplots(figsize=(4.2, 2.6), dpi=90)
        draw(axis)
        axis.set(xlim=(-5, 5), ylim=(-3, 3), xticks=[], yticks=[])
        axis.set_title(title, fontsize=10)
        figure.tight_layout()
        figure.savefig(TARGET / f"{name}.png", metadata={"Software": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
