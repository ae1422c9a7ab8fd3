"""Cut the faces by half-degree cells and encode every cell by itself, topologically.

The frames of all cells that a line touches are noded together with the lines on the lattice; the faces of
that arrangement tile each cell exactly, and neighbours share every vertex on their common frame. In a cell
each stretch of line is stored once (an arc) and faces are lists of arc references, so two faces of a cell
cannot disagree about their border either.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from faces import LATTICE_DEG, Faces

CELL_DEG = 0.5
COLUMNS, ROWS = 720, 360
CELL_UNITS = round(CELL_DEG / LATTICE_DEG)

Vertex = tuple[int, int]
Chain = tuple[Vertex, ...]


@dataclass(frozen=True)
class Cells:
    """`uniform[cell]`: the one territory id (-1 none) of a cell without lines; `blobs`: the other cells."""

    uniform: np.ndarray  # int, ROWS * COLUMNS, cell = row * COLUMNS + column from (-180, -90)
    blobs: dict[int, bytes]
    counts: dict[str, int]


def cut(faces: Faces, ids: np.ndarray) -> Cells:
    """Cut the world; `ids` gives each face its territory, -1 for none."""
    touched = touched_cells(faces.lines)
    frames = shapely.union_all(shapely.get_exterior_ring(cell_boxes(touched)))
    noded = shapely.union_all([*faces.lines, frames], grid_size=LATTICE_DEG)
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    cells = cell_of(shapely.point_on_surface(pieces))
    inside = np.isin(cells, touched)  # the rest are the holes between frames: whole areas of uniform cells
    pieces, cells = pieces[inside], cells[inside]
    owners = face_ids(faces, shapely.point_on_surface(pieces), ids)
    order = np.lexsort((shapely.bounds(pieces)[:, 1], shapely.bounds(pieces)[:, 0], owners, cells))
    pieces, cells, owners = pieces[order], cells[order], owners[order]
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    blobs: dict[int, bytes] = {}
    arcs = 0
    for cell, first, stop in zip(cells[starts], starts, [*starts[1:], len(cells)], strict=True):
        blobs[int(cell)], n = encode_cell(int(cell), pieces[first:stop], owners[first:stop])
        arcs += n
    centres = shapely.centroid(cell_boxes(np.arange(ROWS * COLUMNS)))
    counts = {
        "cells_with_lines": len(blobs),
        "pieces": len(pieces),
        "arcs_in_cells": arcs,
        "vertices_of_pieces": int(shapely.get_num_coordinates(pieces).sum()),
    }
    return Cells(face_ids(faces, centres, ids), blobs, counts)


def cell_boxes(cells: np.ndarray) -> np.ndarray:
    """The squares of the cells."""
    west, south = cells % COLUMNS * CELL_DEG - 180, cells // COLUMNS * CELL_DEG - 90
    return shapely.box(west, south, west + CELL_DEG, south + CELL_DEG)


def cell_of(points: np.ndarray) -> np.ndarray:
    """The cell that holds each point."""
    column, row = ((shapely.get_coordinates(points) + np.array([180, 90])) // CELL_DEG).astype(int).T
    return row * COLUMNS + column


def touched_cells(lines: np.ndarray) -> np.ndarray:
    """Cells that a line enters or comes within two lattice units of."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.diff(line) == 0
    segments = shapely.linestrings(np.stack([xy[:-1][joined], xy[1:][joined]], axis=1))
    boxes = shapely.box(
        *(shapely.bounds(cell_boxes(np.arange(ROWS * COLUMNS))).T + np.array([[-2], [-2], [2], [2]]) * LATTICE_DEG)
    )
    return np.unique(shapely.STRtree(boxes).query(segments, predicate="intersects")[1])


def face_ids(faces: Faces, points: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """The territory id of the face that holds each point; -1 outside all."""
    shapely.prepare(faces.polygons)
    face, point = shapely.STRtree(points).query(faces.polygons, predicate="intersects")
    found = np.full(len(points), -1)
    for f, p in sorted(zip(face, point, strict=True), reverse=True):
        found[p] = ids[f]
    return found


def encode_cell(cell: int, pieces: np.ndarray, owners: np.ndarray) -> tuple[bytes, int]:
    """One self-contained blob: raw deflate of varints (layout in README.md), and its number of arcs."""
    origin = np.array([cell % COLUMNS * CELL_DEG - 180, cell // COLUMNS * CELL_DEG - 90])
    rings = [[lattice_ring(ring, origin) for ring in shapely.get_rings(piece)] for piece in pieces]
    signed = [abs(doubled_area(ring)) * (-1 if i else 1) for piece in rings for i, ring in enumerate(piece)]
    if sum(signed) != 2 * CELL_UNITS**2:
        raise SystemExit(f"the faces of cell {cell} do not tile it")
    arcs: dict[Chain, int] = {}
    faces: list[int] = []
    junctions = junctions_of([ring for piece in rings for ring in piece])
    for owner, piece in zip(owners, rings, strict=True):
        faces += [int(owner) + 1, len(piece)]
        for ring in piece:
            references = [arc_reference(chain, arcs) for chain in chains_of(ring, junctions)]
            faces += [len(references), *references]
    steps = np.diff(np.array([(0, 0), *(v for arc in arcs for v in arc)]), axis=0)
    zigzag = (steps << 1) ^ (steps >> 63)
    numbers = [len(arcs), len(pieces), *map(len, arcs), *faces, *zigzag[:, 0].tolist(), *zigzag[:, 1].tolist()]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(varints(numbers)) + packer.flush(), len(arcs)


def lattice_ring(ring: shapely.LinearRing, origin: np.ndarray) -> list[Vertex]:
    """Integer vertices relative to the cell's south-west corner, the closing one left out."""
    exact = (shapely.get_coordinates(ring)[:-1] - origin) / LATTICE_DEG
    whole = np.rint(exact).astype(np.int64)
    if (whole != exact).any() or whole.min() < 0 or whole.max() > CELL_UNITS:
        raise SystemExit("a vertex lies off the lattice or outside its cell")
    return [(int(x), int(y)) for x, y in whole]


def doubled_area(ring: list[Vertex]) -> int:
    """Twice the signed area, exactly."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True))


def junctions_of(rings: list[list[Vertex]]) -> set[Vertex]:
    """Vertices where the lines of the cell end or branch."""
    neighbours: dict[Vertex, set[Vertex]] = {}
    for ring in rings:
        for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
            neighbours.setdefault(here, set()).add(there)
            neighbours.setdefault(there, set()).add(here)
    return {vertex for vertex, others in neighbours.items() if len(others) != 2}


def chains_of(ring: list[Vertex], junctions: set[Vertex]) -> list[Chain]:
    """A ring cut at its junctions (at its least vertex when it has none), in order."""
    cuts = [i for i, vertex in enumerate(ring) if vertex in junctions] or [ring.index(min(ring))]
    start = cuts[0]
    turned = ring[start:] + ring[: start + 1]
    stops = [i - start for i in cuts] + [len(ring)]
    return [tuple(turned[a : b + 1]) for a, b in pairwise(stops)]


def arc_reference(chain: Chain, arcs: dict[Chain, int]) -> int:
    """2 * arc, plus 1 when the ring runs against the arc; a new arc is added to `arcs`."""
    if chain[::-1] in arcs:
        return 2 * arcs[chain[::-1]] + 1
    return 2 * arcs.setdefault(chain, len(arcs))


def varints(numbers: list[int]) -> bytes:
    """Unsigned little-endian base-128 numbers, high bit = more follows."""
    out = bytearray()
    for number in numbers:
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return bytes(out)
