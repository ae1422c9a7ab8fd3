"""The options that commands share: what a log is judged by, and what is wanted of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from dronecheck.errors import UsageError
from dronecheck.report.case import Disclosure
from dronecheck.safe.io import as_meant, plain
from dronecheck.settings import Options

__all__ = [
    "UNITS_M",
    "DjiKeychain",
    "FactsOnly",
    "HideHome",
    "IncludePrivate",
    "Language",
    "ReadUnits",
    "System",
    "Wanted",
    "disclosure_of",
    "grouped",
]

UNITS_M = {
    "": 1.0, "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "米": 1.0, "미터": 1.0,
    "km": 1000.0, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "'": 0.3048, "英尺": 0.3048, "피트": 0.3048,
}  # fmt: skip
_LENGTH = re.compile(r"([-+]?\d{1,3}(?:,\d{3})+|[-+]?\d*\.?\d+|[-+]?\d+\.)\s*([^\d\s]*)")


def metres_of(text: str) -> float:
    """Return a length that was typed, in metres where no unit is named: 120, "120 m", 400ft, 0.4km.

    Raises typer.BadParameter.
    """
    with suppress(ValueError):
        return float(text)
    found = _LENGTH.fullmatch(text.strip().casefold())
    unit = UNITS_M.get(found[2].rstrip(".")) if found else None
    if found is None or unit is None:
        raise typer.BadParameter(f"{plain(text, 40)} is no length; give metres such as 120, or 120m, 400ft, 0.4km")
    return float(found[1].replace(",", "")) * unit


_GRAMS = {"": 1.0, "g": 1.0, "gram": 1.0, "grams": 1.0, "kg": 1000.0, "lb": 453.59237, "lbs": 453.59237,
          "oz": 28.349523125}  # fmt: skip


def grams_of(text: str) -> float:
    """Return a weight that was typed, in grams where no unit is named: 249, 249g, 4kg, 0.55lb.

    Raises typer.BadParameter.
    """
    with suppress(ValueError):
        return float(text)
    found = _LENGTH.fullmatch(text.strip().casefold())
    unit = _GRAMS.get(found[2].rstrip(".")) if found else None
    if found is None or unit is None:
        raise typer.BadParameter(f"{plain(text, 40)} is no weight; give grams such as 249, or 249g, 0.9kg, 55lb")
    return float(found[1].replace(",", "")) * unit


_OFFSET = re.compile(r"([+-]?)(\d{1,2}):?([0-5]\d)|([+-]?\d{1,2}(?:\.\d+)?)", re.ASCII)
_FARTHEST_H = 14.0


def hours_of(text: str) -> float:
    """Return hours that a clock is ahead of UTC, as typed: +08:00, 5.5, -3, Z. Raises typer.BadParameter."""
    if text.strip().upper() in ("Z", "UTC"):
        return 0.0
    found = _OFFSET.fullmatch(text.strip())
    if found and found[4] is None:
        hours = (int(found[2]) + int(found[3]) / 60.0) * (-1.0 if found[1] == "-" else 1.0)
    else:
        hours = float(found[4]) if found else float("nan")
    if not -_FARTHEST_H <= hours <= _FARTHEST_H:
        raise typer.BadParameter(f"{plain(text, 40)} is no offset from UTC; give +08:00, -3.5 or Z")
    return hours


Zones = Annotated[
    list[Path] | None,
    typer.Option(
        help="Zone file (`dronecheck formats` lists them); may be repeated. The zone library is then not used."
    ),
]
Covers = Annotated[
    str | None,
    typer.Option(
        metavar="ISO3,...", help="Territories that the zone files speak for, by code or name; SEA is the open sea."
    ),
]
Library = Annotated[
    bool | None,
    typer.Option("--library/--no-library", help="The zone library beside --zones, or not at all.", show_default=False),
]
Home = Annotated[str | None, typer.Option(metavar="ISO3", help="Home territory by code or name, e.g. CHN.")]
Allow = Annotated[
    str | None, typer.Option(metavar="ISO3,...", help="Territories that may be entered, by code or name.")
]
MaxHeight = Annotated[
    float | None, typer.Option(metavar="M", help="Height limit above take-off, metres (or 400ft).", parser=metres_of)
]
MaxAgl = Annotated[
    float | None, typer.Option(metavar="M", help="Height limit above ground, metres (or 400ft).", parser=metres_of)
]
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
    float | None,
    typer.Option(metavar="M", help="Height of the ground at take-off above sea level, metres.", parser=metres_of),
]
Relief = Annotated[
    float | None,
    typer.Option(metavar="M", help="The ground is nowhere farther than M above or below take-off.", parser=metres_of),
]
StartTime = Annotated[
    str | None, typer.Option(metavar="UTC", help="UTC of the first fix, where the log does not know UTC.")
]
UtcOffset = Annotated[
    float | None,
    typer.Option(metavar="H", help="How far the log's clock is ahead of UTC, hours or +08:00.", parser=hours_of),
]

Rules = Annotated[
    str | None,
    typer.Option(
        metavar="auto|none|ID,...",
        help="Rules of the country on the day: auto informs; packs named by id (dronecheck rules list) reach the "
        "verdict.",
    ),
]
AircraftClass = Annotated[
    str | None, typer.Option("--class", metavar="C0...C6", help="Class label of the aircraft, or UK0 to UK6.")
]
Weight = Annotated[
    float | None, typer.Option(metavar="G", help="Weight at take-off, grams (or 0.9kg).", parser=grams_of)
]

System = Annotated[
    int | None, typer.Option(metavar="N", help="Judge this vehicle alone, of a telemetry log with several.")
]

DjiKeychain = Annotated[
    Path | None,
    typer.Option(
        "--dji-keychain", metavar="FILE|FOLDER", help="Saved keys of encrypted DJI records, or a folder of them."
    ),
]

HideHome = Annotated[
    float | None,
    typer.Option(
        metavar="M", help="Leave out all places within M metres of take-off, landing and home point.", parser=metres_of
    ),
]
IncludePrivate = Annotated[
    bool, typer.Option("--include-private", help="Also the log's folder, the serial number, the controller's track.")
]
FactsOnly = Annotated[
    bool,
    typer.Option(
        "--facts-only", help="State what the record shows, and no verdict of it; JSON and exit codes stay as they are."
    ),
]
Language = Annotated[str, typer.Option(metavar="en|zh|ko", help="Language of terminal and page; zh, ko unreviewed.")]

ReadUnits = Annotated[
    str, typer.Option("--units", metavar="metric|aviation", help="What people read: m, km, m/s; or ft, NM, kn.")
]


def disclosure_of(private: bool, hide_home_m: float | None, *, facts_only: bool = False) -> Disclosure:
    """Return how much may be told. Raises UsageError for a radius that cannot be meant."""
    if hide_home_m is not None and not 0 < hide_home_m <= 100_000:
        raise UsageError("--hide-home: give metres around take-off and landing, such as 200")
    return Disclosure(private, hide_home_m, facts_only=facts_only)


def _options(
    zones: Zones = None,
    covers: Covers = None,
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
    rules: Rules = None,
    aircraft_class: AircraftClass = None,
    weight: Weight = None,
    system: System = None,
    dji_keychain: DjiKeychain = None,
) -> Options:
    return Options(
        zones=tuple(map(as_meant, zones or ())), covers=covers, library=library, home=home, allow=allow,
        max_height_m=max_height, max_agl_m=max_agl, authorised=authorised and as_meant(authorised),
        geoid=geoid and as_meant(geoid),
        qnh_hpa=qnh, dem=tuple(map(as_meant, dem or ())), dem_datum=dem_datum,
        dem_model=dem_model, takeoff_amsl_m=takeoff_amsl, relief_m=relief, start_time=start_time,
        utc_offset_h=utc_offset, rules=rules, aircraft_class=aircraft_class, weight_g=weight, system=system,
        dji_keychain=dji_keychain and as_meant(dji_keychain),
    )  # fmt: skip


JsonOut = Annotated[str | None, typer.Option("--json", metavar="OUT.json|-", help="Write JSON; - prints it.")]
Plots = Annotated[Path | None, typer.Option(metavar="DIR", help="Write plots into this folder.")]
Svg = Annotated[bool, typer.Option("--svg", help="Write the plots as SVG.")]
Report = Annotated[
    Path | None,
    typer.Option(metavar="OUT.html", help="Write one self-contained page; of several flights, into this folder."),
]
Pdf = Annotated[Path | None, typer.Option(metavar="OUT.pdf", help="Write the document; needs dronecheck[pdf].")]
Export = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="OUT", help="Write the result as .geojson, .gpkg, .parquet, .kml, .gpx or .csv; may be repeated."
    ),
]


_NO_FOLDER = (".png", ".svg", ".html", ".pdf", ".jpg")
_OTHER_OPTIONS = {
    ".json": "--json", ".png": "--plots DIR", ".svg": "--plots DIR --svg",
    **dict.fromkeys((".geojson", ".gpkg", ".parquet", ".kml", ".gpx", ".csv"), "--export"),
}  # fmt: skip


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
    units: str
    disclosure: Disclosure


def _wanted(
    json_out: JsonOut = None,
    plots: Plots = None,
    svg: Svg = False,
    report: Report = None,
    pdf: Pdf = None,
    export: Export = None,
    lang: Language = "en",
    units: ReadUnits = "metric",
    include_private: IncludePrivate = False,
    hide_home: HideHome = None,
    facts_only: FactsOnly = False,
) -> Wanted:
    page, paper = _sorted_reports(report, pdf)
    if plots is not None and plots.suffix.lower() in _NO_FOLDER and not plots.is_dir():
        raise UsageError(f"--plots {plain(plots)}: several plots are written; name a folder")
    if json_out and json_out.lower().endswith((".html", ".htm", ".pdf")):
        raise UsageError(
            f"--json {plain(json_out)}: JSON is written; for a page or a document --report {plain(json_out)}"
        )
    disclosure = disclosure_of(include_private, hide_home, facts_only=facts_only)
    return Wanted(json_out, plots, svg, page, paper, tuple(export or ()), lang, units, disclosure)


def _sorted_reports(report: Path | None, pdf: Path | None) -> tuple[Path | None, Path | None]:
    """Return the page and the document by what their names end in: of either option. Raises UsageError."""
    if report is not None and pdf is None and report.suffix.lower() == ".pdf":
        return None, report
    if pdf is not None and report is None and pdf.suffix.lower() in (".html", ".htm"):
        return pdf, None
    for option, path, other in (("--report", report, ".pdf"), ("--pdf", pdf, ".html")):
        suffix = path.suffix.lower() if path is not None else ""
        advice = _OTHER_OPTIONS.get(suffix) or (f"another option than {option}" if suffix == other else "")
        if path is not None and advice and not path.is_dir():
            raise UsageError(f"{option} {plain(path)}: {suffix} is written by {advice}")
    return report, pdf


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
