"""Plots as PNG or SVG files: map, close-ups, heights, distance to the border. Same input, same bytes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.figure import Figure

from dronecheck.airspace.zone import ZoneSet
from dronecheck.flight import Flight
from dronecheck.geofence.altitude.altitudes import Ground
from dronecheck.geofence.result import Result
from dronecheck.report.figures.map import close_up, map_figure
from dronecheck.report.figures.style import DPI, below_answer, drawn_words, own_settings
from dronecheck.report.figures.time import distance_figure, height_figure
from dronecheck.safe.io import write_atomic

__all__ = ["language_drawn", "plots", "png", "svg", "write_plots"]

CLOSE_UPS_AT_MOST = 6


def write_plots(
    flight: Flight,
    result: Result,
    zones: ZoneSet | None,
    directory: Path,
    ground: Ground | None = None,
    kind: Literal["png", "svg"] = "png",
    note: str = "",
) -> list[Path]:
    """Write `map`, `finding_1` and so on, `height` and `border_distance` into a folder, and say which.

    A plot without anything to show is left out: no height in the log, no border in reach, no fix at all. Raises
    UsageError when the folder cannot be written.
    """
    written = []
    for name, made in plots(flight, result, zones, ground, note).items():
        path = directory / f"{name}.{kind}"
        write_atomic(path, png(made) if kind == "png" else svg(made))
        written.append(path)
    return written


def plots(
    flight: Flight, result: Result, zones: ZoneSet | None, ground: Ground | None = None, note: str = ""
) -> dict[str, Figure]:
    """Return the figures by name, in the result's language (English where no font here has its letters).

    `note` stands below the answer of each, such as what is hidden; a Message is translated.
    """
    if not len(flight.track):
        return {}
    say = drawn_words(result.rules.language)
    with own_settings():
        made = {
            "map": map_figure(flight, result, zones, say),
            **{
                f"finding_{number}": close_up(flight, result, zones, number, say)
                for number in range(1, min(len(result.findings), CLOSE_UPS_AT_MOST) + 1)
            },
            "height": height_figure(flight, result, zones, say, ground),
            "border_distance": distance_figure(flight, result, say),
        }
        drawn = {name: figure for name, figure in made.items() if figure is not None}
        for figure in drawn.values():
            below_answer(figure, say.told(note))
    return drawn


def language_drawn(result: Result) -> str:
    """Return the language of a result's figures: its own, or English where no font here has its letters."""
    return drawn_words(result.rules.language).language


def png(made: Figure) -> bytes:
    """A figure as PNG without the date and version that would make each run differ."""
    buffer = BytesIO()
    with own_settings():
        made.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def svg(made: Figure) -> bytes:
    """The same as SVG: letters as outlines, so that it looks alike everywhere; no date, no random names."""
    buffer = BytesIO()
    with own_settings():
        matplotlib.rcParams["svg.hashsalt"] = "dronecheck"
        made.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
