"""The options that commands share: what a log is judged by, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from dronecheck.errors import UsageError
from dronecheck.report.case import Disclosure
from dronecheck.settings import Options

__all__ = ["HideHome", "IncludePrivate", "System", "Wanted", "disclosure_of", "grouped"]

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
TakeoffAmsl = Annotated[
    float | None, typer.Option(metavar="M", help="Height of the ground at take-off above sea level, metres.")
]
Relief = Annotated[
    float | None, typer.Option(metavar="M", help="The ground is nowhere farther than M above or below take-off.")
]
StartTime = Annotated[
    str | None, typer.Option(metavar="UTC", help="UTC of the first fix, where the log does not know UTC.")
]
UtcOffset = Annotated[float | None, typer.Option(metavar="H", help="Hours the log's local clock is ahead of UTC.")]

System = Annotated[
    int | None, typer.Option(metavar="N", help="Judge this vehicle alone, of a telemetry log with several.")
]

HideHome = Annotated[
    float | None,
    typer.Option(metavar="M", help="Leave out all places within M metres of take-off, landing and home point."),
]
IncludePrivate = Annotated[
    bool, typer.Option("--include-private", help="Also the log's folder, the serial number, the controller's track.")
]
Language = Annotated[str, typer.Option(metavar="en|zh|ko", help="Language of terminal and page; zh, ko unreviewed.")]


def disclosure_of(private: bool, hide_home_m: float | None) -> Disclosure:
    """Return how much may be told. Raises UsageError for a radius that cannot be meant."""
    if hide_home_m is not None and not 0 < hide_home_m <= 100_000:
        raise UsageError("--hide-home: give metres around take-off and landing, such as 200")
    return Disclosure(private, hide_home_m)


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
    takeoff_amsl: TakeoffAmsl = None,
    relief: Relief = None,
    start_time: StartTime = None,
    utc_offset: UtcOffset = None,
    system: System = None,
) -> Options:
    return Options(
        zones=tuple(zones or ()), library=library, home=home, allow=allow, max_height_m=max_height, max_agl_m=max_agl,
        authorised=authorised, geoid=geoid, qnh_hpa=qnh, dem=tuple(dem or ()), dem_datum=dem_datum,
        dem_model=dem_model, takeoff_amsl_m=takeoff_amsl, relief_m=relief, start_time=start_time,
        utc_offset_h=utc_offset, system=system,
    )  # fmt: skip


JsonOut = Annotated[str | None, typer.Option("--json", metavar="OUT.json|-", help="Write JSON; - prints it.")]
Plots = Annotated[Path | None, typer.Option(metavar="DIR", help="Write plots into this folder.")]
Svg = Annotated[bool, typer.Option("--svg", help="Write the plots as SVG.")]
Report = Annotated[
    Path | None,
    typer.Option(metavar="OUT.html", help="Write one self-contained page; of several logs, into this folder."),
]
Pdf = Annotated[Path | None, typer.Option(metavar="OUT.pdf", help="Write the document; needs dronecheck[pdf].")]
Export = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="OUT", help="Write the result as .geojson, .gpkg, .parquet, .kml, .gpx or .csv; may be repeated."
    ),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written of every log."""

    json_out: str | None
    plots: Path | None
    svg: bool
    page: Path | None
    paper: Path | None
    exports: tuple[Path, ...]
    language: str
    disclosure: Disclosure


def _wanted(
    json_out: JsonOut = None,
    plots: Plots = None,
    svg: Svg = False,
    report: Report = None,
    pdf: Pdf = None,
    export: Export = None,
    lang: Language = "en",
    include_private: IncludePrivate = False,
    hide_home: HideHome = None,
) -> Wanted:
    return Wanted(
        json_out, plots, svg, report, pdf, tuple(export or ()), lang, disclosure_of(include_private, hide_home)
    )


_GROUPS: dict[str, Callable[..., Any]] = {"asked": _options, "wanted": _wanted}


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of `Options` for its parameter `asked`, and those of `Wanted` for `wanted`.

    Typer reads options off the signature: the wrapper's has every option for itself.
    """
    own = signature(command, eval_str=True)
    groups = {name: signature(_GROUPS[name], eval_str=True).parameters for name in own.parameters if name in _GROUPS}
    parameters = [
        part.replace(kind=Parameter.KEYWORD_ONLY)  # those with and without a default may then stand in any order
        for mine in own.parameters.values()
        for part in (groups[mine.name].values() if mine.name in groups else (mine,))
    ]

    @wraps(command)
    def whole(**given: Any) -> int:
        made = {name: _GROUPS[name](**{part: given.pop(part) for part in parts}) for name, parts in groups.items()}
        return command(**made, **given)

    whole.__annotations__ = {each.name: each.annotation for each in parameters}
    whole.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return whole
