"""The options that `check` and `audit run` share: what a log is judged by."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from dronecheck.options import Options

__all__ = ["judged_by"]

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


def _options(
    zones: Zones = None,
    library: Library = None,
    home: Home = None,
    allow: Allow = None,
    max_height: MaxHeight = None,
    max_agl: MaxAgl = None,
    authorised: Authorised = None,
    geoid: Geoid = None,
    qnh: Qnh = None,
    dem: Dem = None,
    dem_datum: DemDatum = None,
    dem_model: DemModel = None,
    relief: Relief = None,
    start_time: StartTime = None,
    utc_offset: UtcOffset = None,
) -> Options:
    return Options(
        zones=tuple(zones or ()), library=library, home=home, allow=allow, max_height_m=max_height, max_agl_m=max_agl,
        authorised=authorised, geoid=geoid, qnh_hpa=qnh, dem=tuple(dem or ()), dem_datum=dem_datum,
        dem_model=dem_model, relief_m=relief, start_time=start_time, utc_offset_h=utc_offset,
    )  # fmt: skip


def judged_by(command: Callable[..., int]) -> Callable[..., int]:
    """A command with these options in the place of its parameter `asked`; typer reads them off the signature."""
    own, shared = signature(command, eval_str=True), signature(_options, eval_str=True).parameters
    parameters = [
        part.replace(kind=Parameter.KEYWORD_ONLY)  # those with and without a default may then stand in any order
        for mine in own.parameters.values()
        for part in (shared.values() if mine.name == "asked" else (mine,))
    ]

    @wraps(command)
    def whole(**given: Any) -> int:
        asked = _options(**{name: given.pop(name) for name in shared})
        return command(asked=asked, **given)

    whole.__annotations__ = {each.name: each.annotation for each in parameters}
    whole.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return whole
