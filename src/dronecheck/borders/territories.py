"""The country borders that ship with dronecheck: which territory is here, where its border runs, how well known.

Longitudes may be unwrapped (any multiple of 360 off); what is returned stays in the frame of the request.
Names and claims are as in the source (OpenStreetMap, ODbL); no position is taken. shapely is imported only
where polygons are built: a flight far from any border never needs it.
"""

from __future__ import annotations

import csv
import hashlib
import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.borders.file import COLUMNS, NO_TERRITORY, ROWS, WITH_LINES, AccuracyRow, BorderFile, CellFace
from dronecheck.geo.types import Box
from dronecheck.safe.data_files import data_dir

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "BorderAccuracy",
    "BorderSource",
    "Relation",
    "Territory",
    "TerritoryCell",
    "TerritoryWindow",
    "border_source",
    "is_known",
    "known_codes",
    "sovereign_of",
    "territories_near",
    "territory_at",
    "territory_names",
]

MIN_SIGMA_M = 10.0  # the simplification's tolerance
UNMEASURED_SIGMA_M = 250.0
UNMEASURED_P95_M = 2.33 * UNMEASURED_SIGMA_M


class Relation(StrEnum):
    """How the claimants of a territory stand to it, from the cited table relations.csv."""

    SOLE = "sole"
    DEPENDENCY = "dependency"
    CONDOMINIUM = "condominium"
    DISPUTED = "disputed"
    OVERLAP = "overlap"  # two outlines in the data overlap; no dispute is known
    UNCLAIMED = "unclaimed"  # no sovereignty is recognised (Antarctica)


@dataclass(frozen=True, slots=True)
class Territory:
    """A set of claimants (ISO 3166-1 alpha-3, XKX for Kosovo) and what the ground they claim is."""

    iso_a3: str | None
    claimants: tuple[str, ...]
    relation: Relation
    sovereign: str | None

    def name(self, lang: str = "en") -> str:
        """Return the name in "en", "zh" or "ko"; the code where none is known.

        Several claimants are joined by " / ".
        """
        codes = [self.iso_a3] if self.iso_a3 else self.claimants
        return " / ".join(_names().get(code, {}).get(lang) or code for code in codes)


@dataclass(frozen=True, slots=True)
class BorderAccuracy:
    """Error of a border stretch in metres; `measured` is False where an assumed value had to step in."""

    sigma_m: float
    p95_m: float
    measured: bool


@dataclass(frozen=True, slots=True)
class BorderSource:
    """What a report says about the border data; `sha256` is computed from the file in use."""

    name: str
    sha256: str
    edition: str
    licence: str
    attribution: str
    accuracy: str


@dataclass(frozen=True, slots=True)
class TerritoryCell:
    """A half-degree cell in the frame of the request; `owner` is the file's id, or WITH_LINES."""

    bbox: Box
    number: int
    owner: int

    def rings(self) -> Iterator[tuple[Territory, Floats]]:
        """Yield each territory with each closed ring (n, 2), longitude and latitude, of its parts in the cell."""
        west, south, east, north = self.bbox
        if self.owner >= 0:
            frame = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
            yield _territories()[self.owner], frame
        for face in _file().faces(self.number) if self.owner == WITH_LINES else ():
            if face.territory != NO_TERRITORY:
                for ring in face.rings:
                    ring_deg = np.asarray(ring * _file().unit_deg + (west, south), np.float64)
                    yield _territories()[face.territory], ring_deg


class TerritoryWindow:
    """The cells that cover a box. Ask `territories_near` for one."""

    def __init__(self, columns: range, rows: range) -> None:
        """Take the cells of `columns` (unwrapped) and `rows` of the half-degree grid."""
        size_deg = _file().cell_deg
        self.bbox: tuple[float, float, float, float] = (
            columns.start * size_deg - 180,
            rows.start * size_deg - 90,
            columns.stop * size_deg - 180,
            rows.stop * size_deg - 90,
        )
        self._cells = {
            (column, row): _file().territory_of_cell(_cell(column, row)) for row in rows for column in columns
        }

    @property
    def is_uniform(self) -> bool:
        """Tell whether one territory, or none, fills the window and no border runs through its cells."""
        owners = set(self._cells.values())
        return len(owners) == 1 and WITH_LINES not in owners

    @cached_property
    def territories(self) -> tuple[Territory, ...]:
        """Return all territories that have ground or sea in the window, sorted by claimants."""
        return tuple(_territories()[i] for i in sorted(self._owners - {NO_TERRITORY}))

    @property
    def has_gaps(self) -> bool:
        """Tell whether some of the window, such as the open sea, belongs to no territory."""
        return NO_TERRITORY in self._owners

    @cached_property
    def _owners(self) -> set[int]:
        found = set(self._cells.values()) - {WITH_LINES}
        for (column, row), owner in self._cells.items():
            if owner == WITH_LINES:
                found |= {face.territory for face in _file().faces(_cell(column, row))}
        return found

    def cells(self) -> list[TerritoryCell]:
        """Return the cells that the window is made of."""
        size_deg = _file().cell_deg
        found = []
        for (column, row), owner in self._cells.items():
            west, south = column * size_deg - 180, row * size_deg - 90
            found.append(TerritoryCell((west, south, west + size_deg, south + size_deg), _cell(column, row), owner))
        return found

    def regions(self) -> list[tuple[Territory, BaseGeometry]]:
        """Return `Territory` and polygon of all that have ground or sea in the window; see `_regions`."""
        return list(self._regions)

    @cached_property
    def _regions(self) -> tuple[tuple[Territory, BaseGeometry], ...]:
        """Return each territory's (multi)polygon in the window, lon/lat degrees in the frame of the request.

        Cells are dissolved; what remains of their frames is the rim of the window (`bbox`), which is no border.
        """
        import shapely

        size_deg = _file().cell_deg
        parts: dict[int, list[BaseGeometry]] = {}
        for (column, row), owner in self._cells.items():
            west, south = column * size_deg - 180, row * size_deg - 90
            if owner == WITH_LINES:
                for face in _file().faces(_cell(column, row)):
                    parts.setdefault(face.territory, []).append(_polygon(face, west, south))
            else:
                parts.setdefault(owner, []).append(shapely.box(west, south, west + size_deg, south + size_deg))
        parts.pop(NO_TERRITORY, None)
        return tuple((_territories()[i], shapely.union_all(parts[i])) for i in sorted(parts))

    def territory_at(self, lon: float, lat: float) -> Territory | None:
        """Return the territory at a place in degrees (any frame), None where there is none."""
        return territory_at(lon, lat)

    def accuracy(self, lon: float, lat: float, a: Territory | None, b: Territory | None) -> BorderAccuracy:
        """Return the accuracy of the border of `a` and `b` near a place: its own cell, else its neighbours' worst."""
        claimants = {code for territory in (a, b) if territory for code in territory.claimants}
        pair = "|".join(sorted(claimants))
        column, row = _column_row(lon, lat)
        here = _file().accuracy(_cell(column, row), pair)
        if here:
            return _as_accuracy(here)
        around = [
            _file().accuracy(_cell(column + east, row + north), pair)
            for north in (-1, 0, 1)
            for east in (-1, 0, 1)
            if 0 <= row + north < ROWS
        ]
        found = [_as_accuracy(row) for row in around if row]
        if not found:
            return BorderAccuracy(UNMEASURED_SIGMA_M, UNMEASURED_P95_M, measured=False)
        return BorderAccuracy(
            max(f.sigma_m for f in found), max(f.p95_m for f in found), measured=all(f.measured for f in found)
        )


def territories_near(west: float, south: float, east: float, north: float) -> TerritoryWindow:
    """Load the cells that a box in degrees touches.

    `west` and `east` may lie outside [-180, 180]; a box wider than the globe is cut to 360 degrees, latitudes
    are clamped to the poles.
    """
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        raise ValueError(f"not a box: west {west}, south {south}, east {east}, north {north}")
    first, south_row = _column_row(west, south)
    last, north_row = _column_row(east, north)
    return _window(first, min(last, first + COLUMNS - 1) + 1, south_row, north_row + 1)


@lru_cache(maxsize=32)
def _window(west: int, east: int, south: int, north: int) -> TerritoryWindow:
    """Return a window, kept for a while: those of a track with jumps ask for the same cells again and again."""
    return TerritoryWindow(range(west, east), range(south, north))


def territory_at(lon: float, lat: float) -> Territory | None:
    """Return the territory at a place in degrees, None where there is none. Every place lies in one face exactly."""
    column, row = _column_row(lon, lat)
    owner = _file().territory_of_cell(_cell(column, row))
    if owner == WITH_LINES:
        size_deg, unit_deg = _file().cell_deg, _file().unit_deg
        x = (lon - (column * size_deg - 180)) / unit_deg
        y = (_clamped(lat) - (row * size_deg - 90)) / unit_deg
        faces = _file().faces(_cell(column, row))
        owner = next((face.territory for face in faces if _holds(face, x, y)), NO_TERRITORY)
    return _territories()[owner] if owner >= 0 else None


def is_known(code: str) -> bool:
    """Tell whether `code` (alpha-3) is a territory of the bundled borders."""
    return code in _names()


def known_codes() -> tuple[str, ...]:
    """Return the alpha-3 codes of all territories of the bundled borders, sorted."""
    return tuple(sorted(_names()))


def territory_names(code: str) -> dict[str, str]:
    """Return the names of a territory by language."""
    return {language: name for language, name in _names()[code].items() if language != "iso_a3"}


def sovereign_of(code: str) -> str:
    """Return the state a dependency belongs to; the code itself when it is no dependency."""
    return _sovereigns().get(code, code)


@cache
def border_source() -> BorderSource:
    """Return origin, digest and licence of the bundled borders, for reports."""
    about = tomllib.loads((data_dir() / "borders" / "SOURCE.toml").read_text(encoding="utf-8"))
    with (data_dir() / "borders" / about["name"]).open("rb") as product:
        sha256 = hashlib.file_digest(product, "sha256").hexdigest()
    return BorderSource(
        about["origin"], sha256, about["edition"], about["licence"], about["attribution"], about["accuracy_m"]
    )


def _clamped(lat: float) -> float:
    return min(max(lat, -90.0), math.nextafter(90.0, 0.0))


def _column_row(lon: float, lat: float) -> tuple[int, int]:
    size_deg = _file().cell_deg
    return math.floor((lon + 180) / size_deg), math.floor((_clamped(lat) + 90) / size_deg)


def _cell(column: int, row: int) -> int:
    return row * COLUMNS + column % COLUMNS


def _holds(face: CellFace, x: float, y: float) -> bool:
    """Tell whether a face holds a point, by the even-odd rule.

    Every edge is looked at from south to north, so that both its faces agree about a point.
    """
    crossings = 0
    for ring in face.rings:
        a, b = ring[:-1], ring[1:]
        south_first = a[:, 1] < b[:, 1]
        spans = (a[:, 1] <= y) & (y < b[:, 1]) | (b[:, 1] <= y) & (y < a[:, 1])
        for start, end, upward in zip(a[spans].tolist(), b[spans].tolist(), south_first[spans].tolist(), strict=True):
            (x0, y0), (x1, y1) = (start, end) if upward else (end, start)
            crossings += (x1 - x0) * (y - y0) > (x - x0) * (y1 - y0)
    return crossings % 2 == 1


def _polygon(face: CellFace, west: float, south: float) -> BaseGeometry:
    import shapely

    unit_deg = _file().unit_deg
    shell, *holes = [ring * unit_deg + (west, south) for ring in face.rings]
    return shapely.Polygon(shell, holes)


def _as_accuracy(row: AccuracyRow) -> BorderAccuracy:
    """Return a row as an accuracy.

    Points without a counterpart count as the unmeasured default: it steps in where they reach the percentile.
    """
    share = row.with_counterpart / row.points
    sigma_m = max(MIN_SIGMA_M, row.p68_m or 0.0, UNMEASURED_SIGMA_M if share < 0.6827 else 0.0)
    p95_m = max(row.p95_m or 0.0, UNMEASURED_P95_M if share < 0.95 else 0.0)
    return BorderAccuracy(sigma_m, p95_m, measured=share >= 0.95)


@cache
def _file() -> BorderFile:
    return BorderFile(data_dir() / "borders" / "territories.bin")


@cache
def _territories() -> tuple[Territory, ...]:
    return tuple(
        Territory(iso_a3 or None, tuple(claimants.split("|")), Relation(relation), sovereign or None)
        for claimants, relation, iso_a3, sovereign in _file().territories
    )


@cache
def _sovereigns() -> dict[str, str]:
    return {t.iso_a3: t.sovereign for t in _territories() if t.iso_a3 and t.sovereign}


@cache
def _names() -> dict[str, dict[str, str]]:
    with (data_dir() / "borders" / "names.csv").open(encoding="utf-8", newline="") as lines:
        return {row["iso_a3"]: row for row in csv.DictReader(lines)}
