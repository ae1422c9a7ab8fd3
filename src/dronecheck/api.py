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
    from dronecheck.footage.shots.answer import ShotAnswer
    from dronecheck.geo.vertical.geoid import Geoid
    from dronecheck.geo.vertical.terrain import Terrain
    from dronecheck.geofence.altitude.altitudes import TerrainHeights
    from dronecheck.geofence.result import Result

__all__ = ["check", "check_media", "open_terrain"]

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
    asked = _settings("check", settings if settings is not None else rules)
    return check_flight(_flight(flight), _zone_set(zones), asked, ground=ground, geoid=geoid)


def check_media(
    paths: PathLike | Iterable[PathLike],
    logs: PathLike | Iterable[PathLike] = (),
    zones: ZoneSet | PathLike | Iterable[PathLike] | None = None,
    settings: Settings | None = None,
    *,
    ground: Terrain | None = None,
    geoid: Geoid | None = None,
) -> tuple[ShotAnswer, ...]:
    """Answer photos and films: where each was taken, what it looks into, what it gives away; one answer a shot.

    `paths` are files and folders; `logs` are flight logs to hold them against, of which one tells the home territory if
    the settings do not. Raises UnreadableInput for a log that cannot be read, UsageError for what cannot be meant.

    >>> import dronecheck
    >>> settings = dronecheck.Settings(home="CHN")
    >>> (answer,) = dronecheck.check_media("samples/photos/DJI_0003.JPG", settings=settings)
    >>> answer.verdict.value, [name for name, _, _ in answer.relations("en")]
    ('VIOLATION', ['North Korea'])
    """
    from dronecheck.footage.shots.against_logs import held_against_logs
    from dronecheck.footage.shots.answer import answered, read_shot
    from dronecheck.footage.shots.walk import shots_in
    from dronecheck.geofence.questions.border import check_codes
    from dronecheck.settings import Airspace, CheckSetup

    asked = _settings("check_media", settings) or Settings()
    check_codes(asked)
    files, log_files = _paths("check_media", "photos, films and folders", paths), _paths("check_media", "logs", logs)
    setup = CheckSetup(Airspace(_zone_set(zones), None), asked, None, None, geoid, ground)
    shots = [read_shot(shot) for shot in shots_in(files).shots]
    held = held_against_logs(shots, log_files, setup)
    return tuple(answered(held.shots, setup, held.home))


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
    files = _paths("open_terrain", "terrain files", paths)
    return open_files(
        files, bundled_geoid, TerrainDatum(datum) if datum else None, TerrainModel(model) if model else None
    )


def _settings(caller: str, given: Settings | None) -> Settings | None:
    if given is not None and not isinstance(given, Settings):
        raise UsageError(f"{caller}(): settings are dronecheck.Settings(...), not {type(given).__name__}")
    return given


def _paths(caller: str, what: str, given: PathLike | Iterable[PathLike]) -> list[Path]:
    try:
        return [Path(path) for path in ([given] if isinstance(given, (str, Path)) else given)]
    except TypeError:
        raise UsageError(f"{caller}(): the paths of {what}, not {type(given).__name__}") from None


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
