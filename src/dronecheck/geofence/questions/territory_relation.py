"""What a territory is to a flight from a home: home, allowed, foreign, or something that must be left open."""

from __future__ import annotations

from dronecheck.borders.territories import Relation, Territory, border_source, sovereign_of
from dronecheck.geofence.result import Reason, TerritoryVisit, ZoneRef
from dronecheck.geofence.settings import Settings

__all__ = ["PERMITTED", "territory_reference", "territory_relation", "territory_visit"]

PERMITTED = (Reason.HOME_TERRITORY, Reason.ALLOWED)


def territory_relation(territory: Territory, home: str, settings: Settings) -> Reason | None:
    """Return what a territory is to a flight from `home`; None: a foreign one."""
    claimants = set(territory.claimants)
    if territory.iso_a3 == home:
        return Reason.HOME_TERRITORY
    if territory.iso_a3 in settings.allow or claimants <= settings.allow | {home}:
        return Reason.ALLOWED
    if territory.relation is Relation.DEPENDENCY:
        return Reason.DEPENDENCY_OF_HOME if _same_state(territory, home) else None
    if claimants & (settings.allow | {home}):
        return Reason.OVERLAP_IN_DATA if territory.relation is Relation.OVERLAP else Reason.DISPUTED_TERRITORY
    if sovereign_of(home) in claimants:
        return Reason.DEPENDENCY_OF_HOME
    return None


def _same_state(territory: Territory, home: str) -> bool:
    return territory.sovereign is not None and territory.sovereign in (home, sovereign_of(home))


def territory_reference(territory: Territory, settings: Settings) -> ZoneRef:
    """Return how findings name a territory."""
    code = territory.iso_a3 or "|".join(territory.claimants)
    return ZoneRef(code, territory.name(settings.language), "border", border_source().name)


def territory_visit(
    territory: Territory, enter_ns: int | None, exit_ns: int | None, settings: Settings
) -> TerritoryVisit:
    """Return one visit, named in the user's language."""
    return TerritoryVisit(
        territory.iso_a3,
        territory.claimants,
        territory.name(settings.language),
        territory.relation.value,
        enter_ns,
        exit_ns,
    )
