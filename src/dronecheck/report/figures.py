"""Plots as PNG files: the map, the heights, the distance to the border. Same input, same bytes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from dronecheck.airspace.zone import ZoneSet
from dronecheck.flight import Flight
from dronecheck.geofence.columns import Ground
from dronecheck.geofence.findings import Result
from dronecheck.report.figures_map import map_figure
from dronecheck.report.figures_style import DPI, own_settings
from dronecheck.report.figures_time import distance_figure, height_figure
from dronecheck.safeio import write_atomic

__all__ = ["plots", "png", "write_plots"]


def write_plots(
    flight: Flight, result: Result, zones: ZoneSet | None, directory: Path, ground: Ground | None = None
) -> list[Path]:
    """Write `map.png`, `height.png` and `border_distance.png` into a folder, and say which.

    A plot without anything to show is left out: no height in the log, no border in reach, no fix at all. Raises
    UsageError when the folder cannot be written.
    """
    written = []
    for name, made in plots(flight, result, zones, ground).items():
        path = directory / f"{name}.png"
        write_atomic(path, png(made))
        written.append(path)
    return written


def plots(flight: Flight, result: Result, zones: ZoneSet | None, ground: Ground | None = None) -> dict[str, Figure]:
    """The figures by name."""
    if not len(flight.track):
        return {}
    with own_settings():
        made = {
            "map": map_figure(flight, result, zones),
            "height": height_figure(flight, result, zones, ground),
            "border_distance": distance_figure(flight, result),
        }
    return {name: figure for name, figure in made.items() if figure is not None}


def png(made: Figure) -> bytes:
    """A figure as PNG without the date and version that would make each run differ."""
    buffer = BytesIO()
    with own_settings():
        made.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()
