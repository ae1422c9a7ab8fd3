"""The options that `check` and `audit run` share: what a log is judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Zones = Annotated[
    list[Path] | None,
    typer.Option(
        help="Zone file (`dronecheck formats` lists them); may be repeated. The zone library is then not used."
    ),
]
Library = Annotated[
    bool | None,
    typer.Option("--library/--no-library", help="The zone library beside --zones, or not at all.", show_default=False),
]
Home = Annotated[str | None, typer.Option(metavar="ISO3", help="Home territory, e.g. CHN.")]
Allow = Annotated[str | None, typer.Option(metavar="ISO3,...", help="Territories that may be entered.")]
MaxHeight = Annotated[float | None, typer.Option(metavar="M", help="Height limit above take-off, metres.")]
MaxAgl = Annotated[float | None, typer.Option(metavar="M", help="Height limit above ground, metres.")]
Authorised = Annotated[
    Path | None, typer.Option(metavar="FILE.csv", help="Authorisations: columns zone,from,to,reference.")
]
Geoid = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Geoid grid (.pgm, .gtx, .tif) instead of the bundled EGM96.")
]
Qnh = Annotated[float | None, typer.Option(metavar="HPA", help="The day's QNH, for limits that are flight levels.")]
Dem = Annotated[
    list[Path] | None, typer.Option(metavar="PATH", help="Terrain: .hgt or .tif, or a folder; may be repeated.")
]
DemDatum = Annotated[
    str | None, typer.Option(metavar="egm96|egm2008|hae", help="What the terrain's heights are measured from.")
]
DemModel = Annotated[str | None, typer.Option(metavar="surface|terrain", help="Whether it holds roofs and trees.")]
Relief = Annotated[
    float | None, typer.Option(metavar="M", help="The ground is nowhere farther than M above or below take-off.")
]
StartTime = Annotated[
    str | None, typer.Option(metavar="UTC", help="UTC of the first fix, where the log does not know UTC.")
]
UtcOffset = Annotated[float | None, typer.Option(metavar="H", help="Hours the log's local clock is ahead of UTC.")]
