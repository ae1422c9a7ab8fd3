"""The bundled border file, mapped: territory of a cell, faces of a cell, measured accuracy.

The world is cut by half-degree cells, numbered row * 720 + column from (-180, -90). The file, little-endian:

    "DCBORD1\\n", uint32 length of the header, the header (JSON), then the sections it lists, 8-byte aligned
    run_start, run_territory   cells in runs: territory id, -1 no territory, -2 cells with lines
    cell, cell_end             cells with lines, ascending; where the blob of each ends
    accuracy_*                 rows of accuracy.csv by cell, decimetres; -1 where nothing was measured
    blobs                      raw deflate of base-128 varints, one blob a cell with lines

A blob holds: number of arcs and of faces; the arcs' vertex counts; for each face its territory id + 1, its
number of rings, and each ring as the number of its arcs and 2 * arc + reversed; then all x steps and all y
steps (zigzag) of the arcs' vertices from the cell's south-west corner, in units of 2**-18 degree. The faces
tile the cell; parts of no territory are faces with id -1. Made by airspace_data/borders/build.py.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dronecheck.arrays import Ints, reduceat, spread

__all__ = ["COLUMNS", "NO_TERRITORY", "ROWS", "WITH_LINES", "AccuracyRow", "BorderFile", "CellFace"]

COLUMNS, ROWS = 720, 360
NO_TERRITORY, WITH_LINES = -1, -2
_MAGIC = b"DCBORD1\n"

Units = Ints


@dataclass(frozen=True, slots=True)
class CellFace:
    """One piece of a cell: territory id and closed rings (n, 2) in lattice units, the outer one first."""

    territory: int
    rings: tuple[Units, ...]


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """One row of accuracy.csv: displacement percentiles in metres (None: not measured) and sample points."""

    p68_m: float | None
    p95_m: float | None
    with_counterpart: int
    points: int


class BorderFile:
    """The mapped file. Nothing is decoded until a cell is asked for; the last cells decoded are kept."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise ValueError(f"{path} is not a dronecheck border file")
        (length,) = struct.unpack_from("<I", self._map, len(_MAGIC))
        start = len(_MAGIC) + 4
        header = json.loads(self._map[start : start + length])
        self.cell_deg: float = header["cell_deg"]
        self.unit_deg: float = header["cell_deg"] / header["cell_units"]
        self.territories: list[tuple[str, str, str, str]] = [tuple(row) for row in header["territories"]]
        self._pairs = {pair: number for number, pair in enumerate(header["pairs"])}
        self._sections = {
            name: np.frombuffer(self._map, dtype, count, start + length + offset)
            for name, (dtype, offset, count) in header["sections"].items()
        }
        self.faces = lru_cache(maxsize=512)(self._faces)

    def territory_of_cell(self, cell: int) -> int:
        """Return the territory id of a cell without lines, NO_TERRITORY, or WITH_LINES."""
        run = np.searchsorted(self._sections["run_start"], cell, side="right") - 1
        return int(self._sections["run_territory"][run])

    def accuracy(self, cell: int, pair: str) -> AccuracyRow | None:
        """Return the measured row of a border stretch ("CHN|PRK") in a cell."""
        number = self._pairs.get(pair)
        if number is None:
            return None
        s = self._sections
        first, stop = np.searchsorted(s["accuracy_cell"], [cell, cell + 1])
        for row in range(first, stop):
            if s["accuracy_pair"][row] == number:
                p68_dm, p95_dm = int(s["accuracy_p68_dm"][row]), int(s["accuracy_p95_dm"][row])
                return AccuracyRow(
                    None if p68_dm < 0 else p68_dm / 10,
                    None if p95_dm < 0 else p95_dm / 10,
                    int(s["accuracy_with_counterpart"][row]),
                    int(s["accuracy_points"][row]),
                )
        return None

    def _faces(self, cell: int) -> tuple[CellFace, ...]:
        index = int(np.searchsorted(self._sections["cell"], cell))
        ends = self._sections["cell_end"]
        blob = self._sections["blobs"][int(ends[index - 1]) if index else 0 : int(ends[index])]
        numbers = _varints(zlib.decompress(blob.tobytes(), -zlib.MAX_WBITS))
        n_arcs, n_faces = (int(n) for n in numbers[:2])
        stops = np.cumsum(numbers[2 : 2 + n_arcs], dtype=np.int64)
        vertices = int(stops[-1])
        zigzag = numbers[-2 * vertices :].reshape(2, vertices)
        points = np.cumsum((zigzag >> 1) ^ -(zigzag & 1), axis=1, dtype=np.int64).T
        arcs = np.split(points, stops[:-1])
        references = iter(numbers[2 + n_arcs : -2 * vertices].tolist())
        return tuple(_face(references, arcs) for _ in range(n_faces))


def _face(references: Iterator[int], arcs: list[Units]) -> CellFace:
    territory = next(references) - 1
    rings = [[next(references) for _ in range(next(references))] for _ in range(next(references))]
    return CellFace(territory, tuple(_ring(ring, arcs) for ring in rings))


def _ring(references: list[int], arcs: list[Units]) -> Units:
    parts = [arcs[r >> 1][::-1] if r & 1 else arcs[r >> 1] for r in references]
    return np.concatenate([part[:-1] for part in parts] + [parts[0][:1]])


def _varints(data: bytes) -> Units:
    """Decode little-endian base-128 numbers."""
    octets = np.frombuffer(data, np.uint8)
    starts = np.flatnonzero(np.concatenate([[True], octets[:-1] < 0x80]))
    _, place = spread(np.diff(starts, append=len(octets)))
    return reduceat(np.add, (octets & 0x7F).astype(np.int64) << (7 * place), starts)
