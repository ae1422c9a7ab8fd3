"""Quantities as people read them, and templates filled with them."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, isfinite, log10
from typing import Any

__all__ = [
    "COVERAGE_95",
    "FOOT_M",
    "KNOT_MPS",
    "NM_M",
    "AsWritten",
    "AxisUnit",
    "Filler",
    "Several",
    "Units",
    "coordinate_digits",
    "coordinates",
    "duration",
    "filled",
    "film_clock",
    "metres",
    "plural",
    "share_95",
]

COVERAGE_95 = 1.96  # sigmas: what stands behind a "±" of people's reading holds with 95 %
FOOT_M, NM_M, KNOT_MPS = 0.3048, 1852.0, 1852.0 / 3600.0  # exact, by definition
_M_PER_DEG = 111_195.0


def metres(value: float) -> str:
    """Write a distance as people read it: 0.4 m, 23 m, 1.94 km, 12.3 km."""
    if value < 9.95:
        return f"{value:.1f} m"
    if value < 1000:
        return f"{value:.0f} m"
    return f"{value / 1000:.2f} km" if value < 9950 else f"{value / 1000:.1f} km"


def duration(seconds: float) -> str:
    """Write seconds as people read them: 0.7 s, 42 s, 3 min 05 s, 1 h 02 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def film_clock(at_s: float) -> str:
    """Write a place in a film: 1:30, 72:05."""
    return f"{int(at_s) // 60}:{int(at_s) % 60:02d}"


def share_95(*sigmas: float | None) -> str:
    """Return what is written behind one "±" or several: the share that lies within, where one sigma is known."""
    return " (95 %)" if any(sigma is not None and isfinite(sigma) for sigma in sigmas) else ""


def coordinates(lat_deg: float, lon_deg: float, sigma_m: float | None = None) -> str:
    """Write a place with the decimals that its standard deviation (m) deserves: 40.116 N 124.393 E for 340 m.

    The last digit is worth no more than the sigma, and no less than a tenth of it; five decimals where it is not known.
    """
    digits = coordinate_digits(sigma_m)
    ns, ew = "NS"[lat_deg < 0], "EW"[lon_deg < 0]
    return f"{abs(lat_deg):.{digits}f} {ns} {abs(lon_deg):.{digits}f} {ew}"


def coordinate_digits(sigma_m: float | None) -> int:
    """Return with how many decimals a latitude or longitude of that standard deviation (m) is written."""
    if sigma_m is None or not isfinite(sigma_m):
        return 5
    return min(7, max(1, ceil(log10(_M_PER_DEG / max(sigma_m, 0.001)))))


def plural(count: int, thing: str, things: str = "") -> str:
    """Write a count with its noun: 1 zone, 2 zones, 3 fixes."""
    return f"{count} {thing}" if count == 1 else f"{count} {things or thing + 's'}"


class AsWritten(float):
    """A length in metres that a law, a zone or the user wrote: it keeps its own unit, the reader's stands beside."""

    @property
    def feet(self) -> int | None:
        """Return it in feet where it was written in them: whole ones, and not in whole metres; None in metres."""
        feet = self / FOOT_M
        is_whole_m = abs(self - round(self)) <= 0.005
        return None if is_whole_m or abs(feet - 5 * round(feet / 5)) >= 0.02 else round(feet)


@dataclass(frozen=True, slots=True)
class Several:
    """Figures of one unit, told as "5, 11"; those that read alike are told once."""

    values: tuple[float, ...]

    def __format__(self, spec: str) -> str:
        """Write them with commas between."""
        return ", ".join(dict.fromkeys(format(value, spec or ".0f") for value in sorted(self.values)))


@dataclass(frozen=True, slots=True)
class AxisUnit:
    """The unit of an axis: how much of it goes into one of the SI unit, and with how many decimals it is told."""

    unit: str
    per_si: float = 1.0
    digits: int = 1


class Units(StrEnum):
    """The units that people read.

    Metres, kilometres and metres a second; or feet, from one nautical mile on NM, and knots. What is told in feet is
    never finer than the metres were: no decimals from one foot on.

    >>> Units.METRIC.length(121.6), Units.AVIATION.length(121.6), Units.AVIATION.length(5_000.0)
    ('122 m', '399 ft', '2.70 NM')
    """

    METRIC = "metric"
    AVIATION = "aviation"

    def length(self, value_m: float, *, is_height: bool = False) -> str:
        """Write a length as people read it; a height never in nautical miles."""
        text = metres(value_m)
        if self is Units.METRIC:
            return text
        figure, unit = text.split()
        return _exchanged([(value_m / 1000 if unit == "km" else value_m, figure, unit)], is_height=is_height)

    def stated(self, value_m: float) -> str:
        """Write a length with as many digits as it was stated with."""
        figure = f"{value_m:g}"
        return f"{figure} m" if self is Units.METRIC else _exchanged([(value_m, figure, "m")])

    def round_length(self, value_m: float) -> str:
        """Write the length of a scale bar, a round one of these units."""
        if self is Units.METRIC:
            return f"{value_m:g} m" if value_m < 1000 else f"{value_m / 1000:g} km"
        is_short = value_m < 0.99 * NM_M
        return f"{round(value_m / FOOT_M, 3):g} ft" if is_short else f"{round(value_m / NM_M, 3):g} NM"

    def bar_m(self, longest_m: float) -> float:
        """Return the longest of 1, 2, 5, 10 ... of these units that is not longer than that: a scale bar's length."""
        unit_m = self.lengths[1][0] if longest_m >= self.lengths[1][0] else self.lengths[0][0]
        power = 10.0 ** floor(log10(longest_m / unit_m))
        return max(n * power for n in (1.0, 2.0, 5.0) if n * power * unit_m <= longest_m) * unit_m

    @property
    def lengths(self) -> tuple[tuple[float, str], tuple[float, str]]:
        """Return the shorter and the longer unit of length: its metres and its sign."""
        return ((1.0, "m"), (1000.0, "km")) if self is Units.METRIC else ((FOOT_M, "ft"), (NM_M, "NM"))

    @property
    def heights(self) -> AxisUnit:
        """Return the axis of heights."""
        return AxisUnit("m") if self is Units.METRIC else AxisUnit("ft", 1 / FOOT_M, 0)

    @property
    def speeds(self) -> AxisUnit:
        """Return the axis of speeds."""
        return AxisUnit("m/s") if self is Units.METRIC else AxisUnit("kn", 1 / KNOT_MPS)

    def distances(self, longest_m: float, *, km_from_m: float | None = None) -> AxisUnit:
        """Return the axis of distances up to so many metres; metric ones are in km only from `km_from_m` on."""
        if self is Units.METRIC:
            return AxisUnit("km", 1e-3, 2) if km_from_m is not None and longest_m >= km_from_m else AxisUnit("m")
        return AxisUnit("NM", 1 / NM_M, 2) if longest_m >= NM_M else AxisUnit("ft", 1 / FOOT_M, 0)

    def beside(self, text: str, *, is_of_heights: bool = False) -> str:
        """Return a text with these units beside the lengths and speeds that somebody wrote in it: 120 m (394 ft)."""
        if self is Units.METRIC:
            return text
        return _AXIS_TITLE.sub("ft", _WRITTEN.sub(lambda found: _with_own_beside(found, is_of_heights), text))

    def as_written(self, value_m: float, text: str = "", *, is_height: bool = True) -> str:
        """Write a length of a law, a zone or the user's: in its own unit, these beside where they differ."""
        feet, text = AsWritten(value_m).feet if value_m else 0, text or f"{value_m:g} m"
        if self is Units.METRIC:
            return text
        own = _exchanged([(value_m, f"{value_m:.0f}", "m")], is_height=is_height)
        return f"{text} ({own})" if feet is None else f"{feet} ft"


_UNIT = r"(?P<unit>km|m/s2|m/s|m|米)(?![A-Za-z0-9²/])"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_TO = r" ± | to |至|~"
_WRITTEN = re.compile(
    rf"(?<![\d.,(（A-Za-z-])(?P<first>{_NUMBER})(?:(?P<between>{_TO})(?P<second>{_NUMBER}))? ?{_UNIT}"
)
_FIELD = "[\ue000-\uf8ff]"  # stands for a field of a template
_MEASURED = re.compile(rf"(?P<first>{_FIELD})(?:(?P<between>{_TO})(?P<second>{_FIELD}))? ?{_UNIT}")
_COMMA = ", "
_AXIS_TITLE = re.compile(r"(?<=[(（])m(?=[)）])")
_TYPED = re.compile(rf"(?<=--relief )(?P<first>{_FIELD})")
_HEIGHTS = frozenset({
    "height_m", "level_m", "limit_m", "floor_m", "ceiling_m", "below_m", "ground_m", "undulation_m", "difference_m",
    "step_m", "low_m", "high_m", "by_m", "known_sigma_m",
})  # fmt: skip
_UP = frozenset({"within_m", "below_m"})  # bounds: rounded down they would claim more than is known
_OWN = frozenset({("floor_m", "g"), ("ceiling_m", "g"), ("radius_m", "g"), ("width_m", "g")})  # of a zone's file


def _with_own_beside(found: re.Match[str], is_height: bool) -> str:
    texts = [text for text in (found["first"], found["second"]) if text]
    figures = [(float(text.replace(",", "")), text.replace(",", ""), found["unit"]) for text in texts]
    return f"{found[0]} ({_exchanged(figures, found['between'] or ' ', is_height=is_height, is_exact=True)})"


def _exchanged(
    figures: Sequence[tuple[float, str, str]], between: str = " ", *, is_height: bool = False, is_exact: bool = False,
    is_bound: bool = False,
) -> str:  # fmt: skip
    """Write figures in feet, nautical miles or knots, the unit once: each a value, how it was written, and its unit.

    An exact figure keeps three digits; others no more than they were written with. A bound is rounded up.
    """
    unit = figures[0][2]
    if unit in ("m/s", "m/s2"):
        size, name = (KNOT_MPS, "kn") if unit == "m/s" else (FOOT_M, "ft/s2")
        told = [f"{value / size:.{_decimals(text)}f}" for value, text, _ in figures]
        return f"{between.join(told)} {name}"
    scale = 1000.0 if unit == "km" else 1.0
    if is_height or max(abs(value) * scale for value, *_ in figures) < NM_M:
        told = [
            _feet(value * scale, scale * 10.0 ** -_decimals(text), is_exact and unit == "km", is_bound, "," in text)
            for value, text, _ in figures
        ]
        return f"{between.join(dict.fromkeys(told) if between == _COMMA else told)} ft"
    told = [_nautical_miles(value * scale, text, unit, is_exact) for value, text, _ in figures]
    return f"{between.join(told)} NM"


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _feet(length_m: float, step_m: float, is_exact: bool, is_bound: bool, is_grouped: bool) -> str:
    feet = length_m / FOOT_M
    if is_bound:
        feet = float(ceil(feet - 1e-6))
    if step_m < 1.0 and 0.05 <= abs(feet) < 0.95:  # "0 ft inside" would be no answer
        return f"{feet:.1f}"
    if is_exact:
        feet = float(f"{feet:.3g}")
    elif isfinite(feet):
        feet = round(feet, -max(0, round(log10(step_m)))) + 0.0
    return f"{feet:,.0f}" if is_grouped else f"{feet:.0f}"


def _nautical_miles(length_m: float, text: str, unit: str, is_exact: bool) -> str:
    miles = length_m / NM_M
    if is_exact:
        return f"{float(f'{miles:.3g}'):g}"
    if unit == "m":
        return f"{miles:.2f}" if abs(miles) < 10 else f"{miles:.1f}"
    return f"{miles:.{max(_decimals(text), 1 if abs(miles) < 10 else 0)}f}"


class Filler(string.Formatter):
    """Fills templates such as "{depth_m} inside, for {duration_s}".

    A field whose name ends in `_m` or `_s` reads as people do; `{x_m:.0f} m` is a plain number, `{distance_m!k}`
    kilometres without trailing noughts. `{basis!t}` is a term: a word that `terms` gives for a code. In other units
    than metric ones value and unit are exchanged together, so that no template has to know of them.
    """

    def __init__(self, terms: Callable[[str], str] = str, units: Units = Units.METRIC) -> None:
        self._terms, self._units = terms, units

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Apply `!t` (a term) and `!k` (metres in whole or broken kilometres) besides Python's own."""
        if conversion == "t":
            return self._terms(str(value))
        if conversion == "k":
            figure = f"{value / 1000:g}"
            if self._units is Units.METRIC:
                return f"{figure} km"
            return _exchanged([(value / 1000, figure, "km")], is_exact=True)
        return super().convert_field(value, conversion)

    def filled(self, template: str, values: Mapping[str, object], about: str = "") -> str:
        """Fill a template; `about` is the same in English. Raises KeyError for a field without a value."""
        text, fields = "", list[_Field]()
        is_of_heights = "height" in about or "above or below" in about
        for literal, name, spec, conversion in self.parse(template):
            text += literal
            if name is not None:
                text += chr(_FIRST_FIELD + len(fields))
                fields.append(_Field(name, values[name], spec or "", conversion, is_of_heights or name in _HEIGHTS))
        if not fields:
            return self._units.beside(text, is_of_heights=is_of_heights)
        if self._units is not Units.METRIC:
            text = self._units.beside(text, is_of_heights=is_of_heights)
            text = _TYPED.sub(lambda found: f"{self._filled_in(_at(fields, found['first']))}m", text)
            text = _MEASURED.sub(lambda found: self._measured(found, fields), text)
        elif any(isinstance(field.value, AsWritten) and field.value.feet is not None for field in fields):
            text = _MEASURED.sub(lambda found: self._with_own_feet(found, fields), text)
        return re.sub(_FIELD, lambda found: self._filled_in(_at(fields, found[0])), text)

    def _filled_in(self, field: _Field) -> str:
        value, name = field.value, field.name
        if not field.spec and not field.conversion and isinstance(value, (int, float)) and name.endswith(("_m", "_s")):
            return duration(value) if name.endswith("_s") else self._units.length(value, is_height=field.is_height)
        return format(self.convert_field(value, field.conversion), field.spec)

    def _with_own_feet(self, found: re.Match[str], fields: list[_Field]) -> str:
        """Return a figure that was written in feet with metres beside, in metric reports; others as they stand."""
        value = _at(fields, found["first"]).value
        if isinstance(value, AsWritten) and value.feet is not None:
            return f"{value.feet} ft ({value:.0f} m)"
        return found[0]

    def _measured(self, found: re.Match[str], fields: list[_Field]) -> str:
        """Return one or two figures and the unit that stands behind them, in the units of the reader."""
        first, *more = (_at(fields, letter) for letter in (found["first"], found["second"]) if letter)
        value, unit = first.value, found["unit"].replace("米", "m")
        if isinstance(value, AsWritten) or (first.name, first.spec) in _OWN:
            figure = f"{format(value, first.spec)} {unit}"
            return self._units.as_written(_number(value), figure, is_height=first.is_height)
        each = sorted(value.values) if isinstance(value, Several) else (value, *(one.value for one in more))
        spec = first.spec or (".0f" if isinstance(value, Several) else "")
        figures = [(_number(one), format(one, spec), unit) for one in each]
        if not figures:
            return unit
        between = _COMMA if isinstance(value, Several) else found["between"] or " "
        return _exchanged(figures, between, is_height=first.is_height, is_bound=first.name in _UP)


_FIRST_FIELD = 0xE000


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a template with its value, and whether it is a height."""

    name: str
    value: object
    spec: str
    conversion: str | None
    is_height: bool


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]  # what stands in front of a unit is one


def _at(fields: list[_Field], letter: str) -> _Field:
    return fields[ord(letter) - _FIRST_FIELD]


def filled(template: str, values: Mapping[str, object]) -> str:
    """Fill a template in English."""
    return Filler().filled(template, values)
