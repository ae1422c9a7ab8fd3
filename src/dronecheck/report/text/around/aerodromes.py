"""What is said of aerodromes near a flight: in a line, with the day of the list, and that it is no airspace."""

from __future__ import annotations

from dronecheck.aerodromes import AERODROME_M, LOOKED_M, Aerodrome, NearAerodromes, aerodrome_source
from dronecheck.report.text.words import Words

__all__ = ["aerodrome_title", "aerodromes_line"]

_KIND_WORDS = {
    "large": "large",
    "medium": "medium",
    "small": "small",
    "seaplane": "for seaplanes",
    "balloon": "for balloons",
    "heliport": "heliport",
}
_FAR_WORDS = {
    "runway": "{title}, runway {distance_km:.1f} km from the track",
    "reference_point": "{title}, reference point {distance_km:.1f} km from the track",
}
_LEAST_KM = 0.1


def aerodrome_title(aerodrome: Aerodrome, say: Words) -> str:
    """Return its name and what kind it is: "Sinuiju Airport, small"."""
    return say("{name}, {kind}", name=aerodrome.name, kind=say(_KIND_WORDS[aerodrome.kind]))


def aerodromes_line(near: NearAerodromes, say: Words) -> str:
    """Return the nearest aerodromes, or that none is near."""
    edition = aerodrome_source().edition
    listed = "; ".join(_one(aerodrome, say) for aerodrome in near.nearest)
    if near.count:
        more = near.count - len(near.nearest)
        if more:
            listed = say("{listed}; and {count} more", listed=listed, count=more)
        return say("Near aerodromes (OurAirports, {edition}; not airspace): {listed}.", edition=edition, listed=listed)
    if near.nearest:
        template = (
            "No reference point of an aerodrome within {least_km:.0f} km (OurAirports, {edition}; not airspace); "
            "the nearest: {listed}."
        )
        return say(template, least_km=AERODROME_M / 1000, edition=edition, listed=listed)
    template = "No aerodrome within {least_km:.0f} km (OurAirports, {edition}; not airspace)."
    return say(template, least_km=LOOKED_M / 1000, edition=edition)


def _one(aerodrome: Aerodrome, say: Words) -> str:
    distance_km = max(aerodrome.distance_m / 1000, _LEAST_KM)
    return say(_FAR_WORDS[aerodrome.to], title=aerodrome_title(aerodrome, say), distance_km=distance_km)
