"""What a flight is judged by: the user's own settings, and the thresholds of a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field

from dronecheck.errors import NO_SUCH_LANGUAGE, NO_SUCH_UNITS, UsageError
from dronecheck.quantities import Units
from dronecheck.rules import pack_of

__all__ = ["LANGUAGES", "Authorisation", "Settings", "Thresholds"]

LANGUAGES = ("en", "zh", "ko")  # that reports can be in


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The knobs of a verdict, all printed in the result's method section."""

    band_sigmas: float = 2.3263  # one-sided 99 %
    assumed_h_sigma_m: float = 5.0  # where the log says nothing about its accuracy
    assumed_amsl_sigma_m: float = 8.0
    baro_sigma_m: float = 2.0  # of a height above take-off ...
    baro_scale_sigma: float = 0.035  # ... plus this share of it (air colder or warmer than standard)
    terrain_sigma_m: float = 4.0  # of ground heights behind a logged height above ground
    pressure_sigma_m: float = 10.0  # of a pressure altitude: about 1 hPa of sensor, airflow and distance to the QNH
    unknown_qnh_m: float = 250.0  # a bound, not a sigma: 30 hPa either side of standard
    path_accel_mps2: float = 3.0  # a chord between fixes dt apart misses the path by up to a dt^2 / 8
    min_run_fixes: int = 3
    min_run_s: float = 1.0
    max_speed_floor_mps: float = 20.0  # the prism's speed cap is at least this ...
    max_speed_factor: float = 1.3  # ... and this times the fastest logged speed
    implausible_speed_mps: float = 150.0  # faster between two fixes is a jump, not flight
    gap_s: float = 2.0  # a longer step between two fixes is a gap that may hide a detour
    border_search_m: float = 5_000.0  # other territories nearer than this are named
    speed_sigma_mps: float = 0.5  # of a logged speed over ground
    sun_s: float = 120.0  # sunrise, sunset and twilight are open within this of their computed instants
    far_search_m: float = 100_000.0  # where none is, the nearest within this is


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Leave to be in a zone (its id) or territory (ISO 3166-1 alpha-3), UTC nanoseconds, the end not included."""

    zone: str
    from_ns: int | None
    to_ns: int | None
    reference: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/founding_dandong_sinuiju.gpx")
    >>> dronecheck.check(flight).verdict.value
    'VIOLATION'
    >>> dronecheck.check(flight, settings=dronecheck.Settings(allow=frozenset({"prk"}))).verdict.value
    'CLEAR'
    """

    home: str | None = None  # ISO 3166-1 alpha-3, overrides the recorded take-off
    allow: frozenset[str] = frozenset()
    max_height_m: float | None = None  # above take-off
    max_agl_m: float | None = None  # above the ground straight below
    takeoff_amsl_m: float | None = None  # the ground at take-off, above sea level
    relief_m: float | None = None  # the ground is nowhere farther than this above or below take-off
    qnh_hpa: float | None = None  # the day's pressure at sea level, for flight levels
    language: str = "en"
    units: Units = Units.METRIC  # of what people read
    authorisations: tuple[Authorisation, ...] = ()
    # packs of rules by id that reach the verdict; none named: those of the place inform; None: no rules are asked
    rule_packs: tuple[str, ...] | None = ()
    weight_g: float | None = None  # at take-off, for rules about some weights alone
    aircraft_class: str | None = None  # C0 ... C6, UK0 ... UK6, for rules about some classes alone
    system: int | None = None  # the vehicle that alone was asked for, of a log with several
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise UsageError(NO_SUCH_LANGUAGE.format(language=repr(self.language), known=", ".join(LANGUAGES)))
        if self.units not in list(Units):
            raise UsageError(NO_SUCH_UNITS.format(units=repr(str(self.units)), known=", ".join(Units)))
        object.__setattr__(self, "units", Units(self.units))
        object.__setattr__(self, "home", self.home.strip().upper() if self.home else None)
        if self.rule_packs:
            object.__setattr__(self, "rule_packs", tuple(pack_of(text).id for text in self.rule_packs))
        if self.aircraft_class is not None:
            object.__setattr__(self, "aircraft_class", self.aircraft_class.strip().upper() or None)
        object.__setattr__(self, "allow", frozenset(code.strip().upper() for code in self.allow))
