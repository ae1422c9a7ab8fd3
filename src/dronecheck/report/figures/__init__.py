"""Plots as PNG or SVG files: map, close-ups, heights, distance to the border. Same input, same bytes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.figure import Figure

from dronecheck.geofence.result import Result
from dronecheck.report.figures.map import close_up, map_figure
from dronecheck.report.figures.style import DPI, below_answer, drawn_words, own_settings
from dronecheck.report.figures.time import distance_figure, height_figure
from dronecheck.report.privacy import Redacted
from dronecheck.safe.io import write_atomic

__all__ = ["language_drawn", "plots", "png", "svg", "write_plots"]

CLOSE_UPS_AT_MOST = 6


def write_plots(seen: Redacted, directory: Path, kind: Literal["png", "svg"] = "png") -> list[Path]:
    """Write `map`, `finding_1` and so on, `height` and `border_distance` into a folder, and say which.

    A plot without anything to show is left out: no height in the log, no border in reach, no fix at all. Raises
    UsageError when the folder cannot be written.
    """
    written = []
    for name, made in plots(seen).items():
        path = directory / f"{name}.{kind}"
        write_atomic(path, png(made) if kind == "png" else svg(made))
        written.append(path)
    return written


def plots(seen: Redacted) -> dict[str, Figure]:
    """Return the figures by name, in the result's language (English where no font here has its letters)."""
    if not len(seen.flight.track):
        return {}
    say, findings = drawn_words(seen.result.settings, facts_only=seen.disclosure.facts_only), seen.result.findings
    with own_settings():
        made = {
            "map": map_figure(seen, say),
            **{
                f"finding_{number}": close_up(seen, number, say)
                for number in range(1, min(len(findings), CLOSE_UPS_AT_MOST) + 1)
            },
            "height": height_figure(seen, say),
            "border_distance": distance_figure(seen, say),
        }
        drawn = {name: figure for name, figure in made.items() if figure is not None}
        for figure in drawn.values():
            below_answer(figure, seen.hiding_note(say), say)
    return drawn


def language_drawn(result: Result) -> str:
    """Return the language of a result's figures: its own, or English where no font here has its letters."""
    return drawn_words(result.settings).language


def png(made: Figure) -> bytes:
    """Return a figure as PNG without the date and version that would make each run differ."""
    buffer = BytesIO()
    with own_settings():
        made.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def svg(made: Figure) -> bytes:
    """Return a figure as SVG: letters as outlines, so that it looks alike everywhere; no date, no random names."""
    buffer = BytesIO()
    with own_settings():
        matplotlib.rcParams["svg.hashsalt"] = "dronecheck"
        made.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
