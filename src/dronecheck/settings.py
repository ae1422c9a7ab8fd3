"""What a check can be asked, as plain values, and what it is made into. A mistake is a UsageError with what to do.

`Options` is what was typed: it can be sent to another process or machine. `CheckSetup` is what it opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight.joined import joined
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geofence.altitude.altitudes import HIGHEST_GROUND_M, LOWEST_GROUND_M
from dronecheck.geofence.engine import check as check_flight
from dronecheck.geofence.engine import check_airspace_again, is_header_only, is_several, judge_each
from dronecheck.geofence.questions.border import check_codes
from dronecheck.geofence.result import Result, ZoneMemory
from dronecheck.geofence.settings import LANGUAGES, Authorisation, Settings
from dronecheck.issues import Code
from dronecheck.quantities import Units
from dronecheck.readers import read_input
from dronecheck.readers.common.recordings import of_one_flight
from dronecheck.safe.data_files import library_folder
from dronecheck.safe.io import Input, hash_file, open_input, plain

if TYPE_CHECKING:
    from dronecheck.airspace.library.store import Library
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.flight import Flight
    from dronecheck.geo.vertical.geoid import Geoid
    from dronecheck.geo.vertical.terrain import Terrain

__all__ = [
    "Airspace",
    "CheckSetup",
    "Options",
    "checked_keys",
    "covered",
    "of_system",
    "read_log",
    "units_named",
]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that `check` and `audit run` share, as given; heights and distances in metres.

    `covers` lists the territories that the zone files speak for, SEA the open sea; None leaves it to the files.
    `library` None uses the zone library where there is one and no zone file is given. `start_time` is ISO 8601 UTC,
    `utc_offset_h` hours that the log's local clock is ahead of UTC, `qnh_hpa` the day's pressure at sea level.
    """

    zones: tuple[Path, ...] = ()
    covers: str | None = None
    library: bool | None = None
    home: str | None = None
    allow: str | None = None
    max_height_m: float | None = None
    max_agl_m: float | None = None
    authorised: Path | None = None
    geoid: Path | None = None
    qnh_hpa: float | None = None
    dem: tuple[Path, ...] = ()
    dem_datum: str | None = None
    dem_model: str | None = None
    takeoff_amsl_m: float | None = None
    relief_m: float | None = None
    start_time: str | None = None
    utc_offset_h: float | None = None
    rules: str | None = None  # auto (those of the place inform), none, or ids of packs that reach the verdict
    aircraft_class: str | None = None
    weight_g: float | None = None
    language: str = "en"
    units: str = "metric"  # of what people read: metric or aviation
    system: int | None = None  # which vehicle of a log with several is judged
    dji_keychain: Path | None = None  # saved keys of encrypted DJI records: a file, or a folder of them

    def files(self) -> list[Path]:
        """Return every file that the answers rest on, as named. Raises UsageError."""
        more = [path for path in (self.authorised, self.geoid) if path]
        return [*self.zones, *_dem_files(self.dem), *more, *self.key_files()]

    def key_files(self) -> list[Path]:
        """Return the files of saved keys that --dji-keychain means. Raises UsageError."""
        if self.dji_keychain is None:
            return []
        from dronecheck.readers.dji_txt.locked.saved_keys import key_files

        return key_files(self.dji_keychain)

    def anchored(self) -> Options:
        """Return the same with absolute paths, which mean the same in a process that works in another folder."""
        authorised, geoid, keys = (
            path and path.absolute() for path in (self.authorised, self.geoid, self.dji_keychain)
        )
        zones, dem = (tuple(path.absolute() for path in paths) for paths in (self.zones, self.dem))
        return replace(self, zones=zones, dem=dem, authorised=authorised, geoid=geoid, dji_keychain=keys)

    def as_text(self) -> str:
        """Return the options as JSON."""
        return msgspec.json.encode(asdict(self), enc_hook=str).decode()

    @classmethod
    def from_text(cls, text: str) -> Options:
        """Read what `as_text` wrote."""

        def made(kind: type, value: object) -> object:
            return kind(value)

        return msgspec.json.decode(text, type=cls, dec_hook=made)

    def setup(self) -> CheckSetup:
        """Open what the options name. Raises UsageError."""
        settings = _settings(self)
        check_codes(settings)
        geoid = _open_geoid_file(self.geoid)
        return CheckSetup(
            Airspace(
                _load_zone_files(self.zones, covered(self.covers)),
                zone_library(self.library, beside_files=bool(self.zones)),
            ),
            settings,
            _utc_ns(self.start_time),
            self.utc_offset_h,
            geoid,
            _open_terrain_files(self.dem, self.dem_datum, self.dem_model, geoid),
            self.system,
            checked_keys(self.dji_keychain),
        )


@dataclass(frozen=True, slots=True)
class CheckSetup:
    """All that every log of one command is judged by."""

    airspace: Airspace
    settings: Settings
    start_utc_ns: int | None
    utc_offset_h: float | None
    geoid: Geoid | None
    ground: Terrain | None
    system: int | None = None
    keys: Path | None = None  # where what decrypts logs is saved

    def read(self, source: Input) -> Flight:
        """Read one log, of several vehicles the one that was asked for. Raises UnreadableInput."""
        return read_log(self.with_keys(source), self.system)

    def with_keys(self, source: Input) -> Input:
        """Return a log with the place where its keys may be."""
        return replace(source, keys=self.keys) if self.keys is not None else source

    def judge(self, source: Input) -> tuple[Flight, ZoneSet | None, Result]:
        """Read and check one log; the input is hashed again afterwards. Raises UnreadableInput, UsageError."""
        return self.judge_files([self.read(source)])

    def judge_files(self, flights: Sequence[Flight]) -> tuple[Flight, ZoneSet | None, Result]:
        """Check the flight that these logs are, in the order flown, or two recordings of it; files are hashed again.

        Raises UnreadableInput, UsageError.
        """
        flight, zones, result = self.judge_flight(of_one_flight(flights) or joined(flights))
        for source in flight.sources:
            if hash_file(source.path) != source.sha256:
                text = "the file changed while it was read; check it again when it is at rest"
                raise UnreadableInput(Code.INPUT_CHANGED, text)
        return flight, zones, result

    def judge_flight(
        self, flight: Flight, before: Result | None = None, memory: ZoneMemory | None = None
    ) -> tuple[Flight, ZoneSet | None, Result]:
        """Check a flight as it was read; it comes back on the clock that the user gave. Raises UsageError.

        `before` is what was said of it by the same options with other zones: then only the zones are asked again,
        and of them those that `memory` does not hold.
        """
        flight = of_system(with_user_clock(flight, self.start_utc_ns, self.utc_offset_h), self.system)
        if is_several(flight):
            return self._judge_each(flight)
        return self._judge(flight, before, memory)

    def _judge_each(self, flight: Flight) -> tuple[Flight, ZoneSet | None, Result]:
        """Judge each file, vehicle and source of positions by the zones of its own place."""
        used: list[ZoneSet | None] = []

        def judge(one: Flight) -> Result:
            _, zones, result = self._judge(one, None, None)
            used.append(zones)
            return result

        result = judge_each(flight, judge, self.ground)
        return flight, self.airspace.zones_for(flight) if flight.segments else used[0], result

    def _judge(
        self, flight: Flight, before: Result | None, memory: ZoneMemory | None
    ) -> tuple[Flight, ZoneSet | None, Result]:
        zones = self.airspace.zones_for(flight)
        ground = self.ground.anew() if self.ground else None
        if ground is not None and flight.integrity is not None:
            from dronecheck.evidence.consistency.heights.terrain import with_terrain

            flight = replace(flight, integrity=with_terrain(flight, ground))
        if before is None:
            result = check_flight(flight, zones, self.settings, geoid=self.geoid, ground=ground, memory=memory)
        else:
            result = check_airspace_again(flight, before, zones, geoid=self.geoid, ground=ground, memory=memory)
        return flight, zones, result


def of_system(flight: Flight, system: int | None) -> Flight:
    """Return the vehicle that was asked for; logs that number no vehicles have but one. Raises UnreadableInput."""
    if system is None or flight.vehicle.system is None:
        return flight
    chosen = flight.of_system(system)
    if chosen is None:
        known = sorted(f.vehicle.system for f in (flight, *flight.others) if f.vehicle.system is not None)
        listed = ", ".join(map(str, known))
        raise UnreadableInput("no_such_system", f"no vehicle of the log is system {system}; it holds {listed}")
    return chosen


def checked_keys(given: Path | None) -> Path | None:
    """Return what --dji-keychain names, a file only if it holds keys. Raises UsageError."""
    if given is not None and not given.is_dir():
        from dronecheck.readers.dji_txt.locked.saved_keys import read_keys

        try:
            read_keys(given)
        except UsageError as error:
            raise UsageError(f"--dji-keychain {error}") from None
    return given


def read_log(source: Input, system: int | None = None) -> Flight:
    """Read a log; a zone file in its place is told how it is given. Raises UnreadableInput."""
    try:
        return of_system(read_input(source), system)
    except UnreadableInput as error:
        from dronecheck import airspace

        try:
            title = airspace.choose(source.head, source.name).TITLE
        except UnreadableInput:
            raise error from None
        what = f"zones ({title.partition(' (')[0]}), not a flight log; `dronecheck check` takes them with --zones"
        raise UnreadableInput(error.code, what) from None


def _settings(asked: Options) -> Settings:
    """Return the settings that the user asked for. Raises UsageError."""
    if asked.language.lower() not in LANGUAGES:
        raise UsageError(f"--lang {plain(asked.language, 20)}: use one of {', '.join(LANGUAGES)}")
    if asked.max_height_m is not None and not 0 < asked.max_height_m < 100_000:
        raise UsageError("--max-height: give metres above take-off, such as 120")
    if asked.max_agl_m is not None and not 0 < asked.max_agl_m < 100_000:
        raise UsageError("--max-agl: give metres above ground, such as 120")
    if asked.qnh_hpa is not None and not 850 <= asked.qnh_hpa <= 1100:
        raise UsageError("--qnh: give the pressure at sea level in hectopascals, such as 1018")
    if asked.takeoff_amsl_m is not None and not LOWEST_GROUND_M <= asked.takeoff_amsl_m <= HIGHEST_GROUND_M:
        raise UsageError("--takeoff-amsl: give the ground's height at take-off in metres above sea level, such as 430")
    if asked.relief_m is not None and not 0 <= asked.relief_m < 10_000:
        raise UsageError("--relief: give metres, such as 50")
    if asked.weight_g is not None and not 0 < asked.weight_g < 100_000_000:
        raise UsageError("--weight: give the weight at take-off in grams, such as 249, or 0.9kg")
    leave: tuple[Authorisation, ...] = ()
    if asked.authorised is not None:
        from dronecheck.authorisation_file import read_authorisations

        try:
            leave = read_authorisations(open_input(asked.authorised))
        except UnreadableInput as error:
            raise UsageError(f"--authorised {plain(asked.authorised)}: {error.message}") from None
    return Settings(
        home=_code("--home", asked.home) if asked.home and asked.home.strip() else None,
        allow=frozenset(_code("--allow", text) for text in (asked.allow or "").split(",") if text.strip()),
        max_height_m=asked.max_height_m,
        max_agl_m=asked.max_agl_m,
        takeoff_amsl_m=asked.takeoff_amsl_m,
        relief_m=asked.relief_m,
        qnh_hpa=asked.qnh_hpa,
        rule_packs=_rule_packs(asked.rules),
        aircraft_class=_aircraft_class(asked.aircraft_class),
        weight_g=asked.weight_g,
        language=asked.language.lower(),
        units=units_named(asked.units),
        authorisations=leave,
        system=asked.system,
    )


def units_named(text: str) -> Units:
    """Return the units that --units names. Raises UsageError."""
    if text.strip().lower() not in list(Units):
        raise UsageError(f"--units {plain(text, 20)}: use {' or '.join(Units)}")
    return Units(text.strip().lower())


_CLASSES = (*(f"C{number}" for number in range(7)), *(f"UK{number}" for number in range(7)))


def _rule_packs(text: str | None) -> tuple[str, ...] | None:
    """Return the packs that --rules names: none of them for auto, None for none. Raises UsageError."""
    given = [part.strip().lower() for part in (text or "auto").split(",") if part.strip()]
    if given in (["auto"], []):
        return ()
    if given == ["none"]:
        return None
    from dronecheck.rules import pack_of

    if {"auto", "none"} & set(given):
        raise UsageError("--rules: auto and none stand alone; packs are named by their ids")
    try:
        return tuple(dict.fromkeys(pack_of(part).id for part in given))
    except UsageError as error:
        raise UsageError(f"--rules {error}") from None


def _aircraft_class(text: str | None) -> str | None:
    """Return the class that --class names. Raises UsageError."""
    if text is None or not text.strip():
        return None
    if text.strip().upper() not in _CLASSES:
        raise UsageError(f"--class {plain(text, 20)}: use one of {', '.join(_CLASSES)}")
    return text.strip().upper()


def _code(option: str, text: str) -> str:
    """Return the code of a territory as it was typed. Raises UsageError."""
    if len(text.strip()) == 3 and text.strip().isascii():
        return text.strip().upper()
    from dronecheck.borders.names import code_of

    try:
        return code_of(text)
    except UsageError as error:
        raise UsageError(f"{option} {plain(error)}") from None


def covered(text: str | None) -> tuple[str, ...]:
    """Return the codes of the territories that --covers lists, SEA the open sea. Raises UsageError."""
    given = [part for part in (text or "").split(",") if part.strip()]
    return tuple(sorted({"SEA" if part.strip().upper() == "SEA" else _code("--covers", part) for part in given}))


def _utc_ns(text: str | None) -> int | None:
    """Return --start-time in nanoseconds since 1970. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--start-time {plain(text, 40)}: give UTC as 2026-05-01T03:00:12Z") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return round(moment.timestamp() * 1000) * 1_000_000


def _load_zone_files(paths: tuple[Path, ...], covers: tuple[str, ...]) -> ZoneSet | None:
    """Load the zones of --zones; None when there are none. Raises UsageError."""
    if not paths:
        if covers:
            raise UsageError("--covers says which territories the files of --zones speak for; there are none")
        return None
    from dronecheck.airspace import load_zones
    from dronecheck.recognition import Kind, recognise_file

    try:
        return load_zones(list(paths), covers)
    except UnreadableInput as error:
        logs = [plain(path) for path in paths if recognise_file(path) is Kind.LOG]
        why = (
            f"{', '.join(logs)}: a flight log, not a file of zones; name it without --zones" if logs else error.message
        )
        raise UsageError(f"--zones {why}") from None


def zone_library(asked: bool | None, *, beside_files: bool) -> Library | None:
    """Open the zone library; None when it is not to be used, or was never added to. Raises UsageError."""
    if asked is False or (beside_files and not asked):
        return None
    folder = library_folder() / "zones"
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):  # the common case: nothing is loaded for it
        if asked:
            raise UsageError(f"--library: there is none at {plain(folder)}; dronecheck zones add makes it") from None
        return None
    except OSError as error:
        raise UsageError(f"the zone library {plain(folder)} cannot be read: {plain(error.strerror)}") from None
    from dronecheck.airspace.library.store import Library

    return Library()


@dataclass(frozen=True, slots=True)
class Airspace:
    """The zones to judge by: those of files, and those of the library for the flight's place and time."""

    given: ZoneSet | None
    library: Library | None

    def zones_for(self, flight: Flight) -> ZoneSet | None:
        """Return the zones that a flight is judged by; None when no zone file was given and no library is there."""
        if self.library is None:
            return self.given
        from dronecheck.airspace.library.for_flight import zones_for

        if is_header_only(flight):
            from dronecheck.geofence.questions.header.disc import with_places

            flight = with_places(flight)
        return zones_for(flight, self.library, self.given)


def _dem_files(paths: tuple[Path, ...]) -> list[Path]:
    """Return every terrain file that --dem means. Raises UsageError."""
    if not paths:
        return []
    from dronecheck.geo.vertical.terrain import terrain_files

    return terrain_files(list(paths))


def _open_terrain_files(
    paths: tuple[Path, ...], datum: str | None, model: str | None, geoid: Geoid | None
) -> Terrain | None:
    """Open the terrain of --dem; None when there is none. Raises UsageError."""
    if not paths:
        if datum or model:
            raise UsageError("--dem-datum and --dem-model describe terrain files; --dem PATH names them")
        return None
    from dronecheck.geo.vertical.geoid import bundled_geoid
    from dronecheck.geo.vertical.terrain import TerrainDatum, TerrainModel, open_terrain

    if datum is not None and datum not in [d.value for d in TerrainDatum]:
        raise UsageError(f"--dem-datum {plain(datum, 20)}: use egm96, egm2008 or hae")
    if model is not None and model not in ("surface", "terrain"):
        raise UsageError(f"--dem-model {plain(model, 20)}: use surface or terrain")
    return open_terrain(
        list(paths),
        bundled_geoid if geoid is None else lambda: geoid,
        TerrainDatum(datum) if datum else None,
        TerrainModel(model) if model else None,
    )


def _open_geoid_file(path: Path | None) -> Geoid | None:
    """Open the geoid of --geoid; None for the bundled one. Raises UsageError."""
    if path is None:
        return None
    from dronecheck.geo.vertical.geoid_files import open_geoid

    return open_geoid(path)
