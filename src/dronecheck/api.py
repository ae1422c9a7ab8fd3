"""The functions that Python programs call: what the command line does, on paths or on what was read before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dronecheck.errors import UsageError
from dronecheck.flight import Flight
from dronecheck.geofence.settings import Settings

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.geo.vertical.geoid import Geoid
    from dronecheck.geo.vertical.terrain import Terrain
    from dronecheck.geofence.altitude.altitudes import TerrainHeights
    from dronecheck.geofence.result import Result

__all__ = ["check", "open_terrain"]

PathLike = str | Path


def check(
    flight: Flight | PathLike,
    zones: ZoneSet | PathLike | Iterable[PathLike] | None = None,
    settings: Settings | None = None,
    *,
    rules: Settings | None = None,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> Result:
    """Test a flight against the bundled borders, the zones given, and a height limit if there is one.

    `flight` and `zones` may be files: a log, and one or more zone files. `ground` gives heights of the ground for
    limits above it (`open_terrain`); `geoid` stands in for the bundled EGM96; `rules` is the former name of
    `settings`. Raises UnreadableInput for a file that cannot be read, UsageError for what cannot be meant.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/founding_dandong_sinuiju.ulg")
    >>> dronecheck.check(flight).verdict.value
    'VIOLATION'
    >>> dronecheck.check(flight, settings=dronecheck.Settings(allow={"PRK"})).verdict.value
    'CLEAR'
    >>> dronecheck.check("samples/restricted_zone.csv", zones="samples/restricted_zone.geojson")
    <Result VIOLATION (border CLEAR, airspace VIOLATION, height not_checked), 3 findings>
    """
    from dronecheck.geofence.engine import check as check_flight

    if settings is not None and rules is not None:
        raise UsageError("check(): `rules` is the former name of `settings`; give one of them")
    asked = settings if settings is not None else rules
    if asked is not None and not isinstance(asked, Settings):
        raise UsageError(f"check(): settings are dronecheck.Settings(...), not {type(asked).__name__}")
    return check_flight(_flight(flight), _zone_set(zones), asked, ground=ground, geoid=geoid)


def open_terrain(
    paths: PathLike | Iterable[PathLike], *, datum: str | None = None, model: str | None = None
) -> Terrain:
    """Open terrain files, or folders of them, for limits above ground.

    `datum` ("egm96", "egm2008", "hae") and `model` ("surface", "terrain") are needed where a file does not say them.
    Raises UsageError for a file that cannot be read, or that does not tell what its heights are measured from.

    >>> import dronecheck
    >>> terrain = dronecheck.open_terrain("N40E124.hgt")             # doctest: +SKIP
    >>> dronecheck.check("flight.ulg", ground=terrain)              # doctest: +SKIP
    """
    from dronecheck.geo.vertical.geoid import bundled_geoid
    from dronecheck.geo.vertical.terrain import TerrainDatum, TerrainModel
    from dronecheck.geo.vertical.terrain import open_terrain as open_files

    if datum is not None and datum not in [known.value for known in TerrainDatum]:
        raise UsageError('open_terrain(): datum is "egm96", "egm2008" or "hae"')
    if model is not None and model not in [known.value for known in TerrainModel]:
        raise UsageError('open_terrain(): model is "surface" or "terrain"')
    try:
        files = [Path(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    except TypeError:
        raise UsageError(f"open_terrain(): the paths of terrain files, not {type(paths).__name__}") from None
    return open_files(
        files, bundled_geoid, TerrainDatum(datum) if datum else None, TerrainModel(model) if model else None
    )


def _flight(flight: Flight | PathLike) -> Flight:
    if isinstance(flight, Flight):
        return flight
    if isinstance(flight, (str, Path)):
        from dronecheck.readers import read

        return read(flight)
    raise UsageError(f"check(): a flight, or the path of a log, not {type(flight).__name__}")


def _zone_set(zones: ZoneSet | PathLike | Iterable[PathLike] | None) -> ZoneSet | None:
    from dronecheck.airspace.zone import ZoneSet

    if zones is None or isinstance(zones, ZoneSet):
        return zones
    from dronecheck.airspace import load_zones

    return load_zones(zones)
