"""Which heights a report shows, against which limits and with which band: for the plot and for the page alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.airspace.zone import Datum, Zone, ZoneSet
from dronecheck.arrays import Floats
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.answers.by_rules import RuleStatus
from dronecheck.geofence.result import Result
from dronecheck.messages import Message
from dronecheck.quantities import AsWritten
from dronecheck.report.text.headline import limit_text
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import is_zone
from dronecheck.rules import Quantity
from dronecheck.safe.io import plain

__all__ = ["AGL_LIMIT", "MAX_LIMITS", "Panel", "limits_of", "panels_of", "rule_limits_of", "zones_of_findings"]

MAX_LIMITS = 6
AGL_LIMIT = "limit {limit_m:g} m above ground"
HOME_LIMIT = "limit {limit_m:g} m above take-off"
_EDGE_WORDS = ("floor of {name}: {limit}", "ceiling of {name}: {limit}")

_RULE_HEIGHTS = (Quantity.DISTANCE_TO_SURFACE, Quantity.HEIGHT_AGL, Quantity.HEIGHT_AGL_OR_STRUCTURE)
_RULE_WORDS: dict[Datum | None, str] = {
    None: "{limit_m:.0f} m of {citation}, were the ground as high as at take-off",
    Datum.AGL: "{limit_m:.0f} m of {citation}",
}

_COLUMNS = {None: "alt_home_m", Datum.AGL: "alt_agl_m", Datum.AMSL: "alt_amsl_m", Datum.HAE: "alt_hae_m"}
_LOGGED_WORDS: dict[Datum | None, tuple[str, str]] = {  # at a plot's axis, and as a title
    None: ("above take-off or home", "Height above take-off"),
    Datum.AGL: ("above ground (AGL),\nas logged", "Height above ground, as logged"),
    Datum.AMSL: ("above mean sea level\n(AMSL)", "Height above mean sea level"),
    Datum.HAE: ("above the ellipsoid\n(HAE, WGS 84)", "Height above the ellipsoid"),
}
# where the log has none of that datum, and terrain is given
_BY_TERRAIN_WORDS: dict[Datum, tuple[str, str]] = {
    Datum.AGL: ("above ground (AGL),\nby the terrain files", "Height above ground, by the terrain files"),
    Datum.AMSL: (
        "above mean sea level (AMSL),\nby the ground at take-off",
        "Height above mean sea level, by the ground at take-off",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Heights of one datum (None: above take-off), shape (n,), with their decision band; the words are English."""

    height_m: Floats
    band_m: Floats
    words: str
    title: str
    datum: Datum | None


def panels_of(heights: Altitudes) -> list[Panel]:
    """Return a panel for each datum that the log knows; with terrain also heights as they were judged."""
    columns = heights.trajectory.track.columns()
    found: list[Panel] = []
    for datum, name in _COLUMNS.items():
        logged = np.asarray(columns[name], dtype=np.float64)
        if np.isfinite(logged).any():
            found.append(Panel(logged, _band_m(heights, datum, logged), *_LOGGED_WORDS[datum], datum))
        elif datum is not None and datum in _BY_TERRAIN_WORDS and _is_ground_known(heights, datum):
            column = heights.in_datum(datum).column
            judged = np.where(column.bound_m == 0, column.value_m(column.frame), np.nan)
            if np.isfinite(judged).any():
                found.append(Panel(judged, _band_m(heights, datum, judged), *_BY_TERRAIN_WORDS[datum], datum))
    return found


def _is_ground_known(heights: Altitudes, datum: Datum) -> bool:
    """Tell whether terrain is given, or the height of the take-off where that is all that the datum needs."""
    is_stated = datum is Datum.AMSL and heights.settings.takeoff_amsl_m is not None
    return heights.ground is not None or is_stated


def _band_m(heights: Altitudes, datum: Datum | None, height_m: Floats) -> Floats:
    """Return the guard band of logged heights (m), (n,): what a limit has to be away for the answer to stand."""
    column = heights.above_home if datum is None else heights.in_datum(datum).column
    return np.where(np.isfinite(height_m), heights.trajectory.thresholds.band_sigmas * column.sigma_m, np.nan)


def zones_of_findings(result: Result, zones: ZoneSet | None) -> list[Zone]:
    """Return the zones that findings, or approaches from above or below, are about."""
    references = [f.zone for f in result.findings if f.zone] + [n.zone for n in result.nearest if n.vertical]
    return [zone for zone in (zones.zones if zones else ()) if any(is_zone(zone, r) for r in references)]


def limits_of(result: Result, named: list[Zone], datum: Datum | None, say: Words) -> list[tuple[float, Message]]:
    """List the limits that a panel of this datum can show, with their words; --max-height counts from the take-off."""
    by_rules = rule_limits_of(result, datum)
    if datum is None:
        limit_m = result.settings.max_height_m
        own = [] if limit_m is None else [(limit_m, Message(HOME_LIMIT, limit_m=AsWritten(limit_m)))]
        return own + by_rules
    agl_m = result.settings.max_agl_m if datum is Datum.AGL else None
    own = [] if agl_m is None else [(agl_m, Message(AGL_LIMIT, limit_m=AsWritten(agl_m)))]
    return (
        own
        + by_rules
        + [
            (limit.value_m, Message(template, name=plain(zone.name, 40), limit=limit_text(limit, say)))
            for zone in named
            for template, limit in zip(_EDGE_WORDS, (zone.lower, zone.upper), strict=True)
            if limit.datum is datum and np.isfinite(limit.value_m)
        ][:MAX_LIMITS]
    )


def rule_limits_of(result: Result, datum: Datum | None) -> list[tuple[float, Message]]:
    """List the limits of rules in height that a panel can show: above ground, and where that is unknown take-off."""
    found: dict[float, list[str]] = {}
    for answer in result.by_rules.answers:
        limits_m = answer.rule.limits_si
        if answer.rule.quantity not in _RULE_HEIGHTS or limits_m is None:
            continue
        by_takeoff = answer.status is not RuleStatus.CHECKED or result.settings.relief_m is not None
        if datum is Datum.AGL or (datum is None and by_takeoff):
            found.setdefault(limits_m[0], []).append(answer.rule.citation)
    return [
        (limit_m, Message(_RULE_WORDS[datum], limit_m=AsWritten(limit_m), citation="; ".join(dict.fromkeys(citations))))
        for limit_m, citations in found.items()
    ]
