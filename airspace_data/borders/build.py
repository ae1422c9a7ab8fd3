"""Build territories.bin, names.csv, claims.csv and SOURCE.toml from the npm package @osm_borders/maritime_10m.

    python airspace_data/borders/build.py [--source osm_borders-maritime_10m-1.1.0.tgz]

Without --source npm fetches the package by its name. Needs numpy, shapely and babel; takes about a minute.
The same inputs give the same bytes with the same GEOS; SOURCE.toml records the versions and all digests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
from dataclasses import astuple
from pathlib import Path

import babel
import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parent))

import cells as cutting
import faces as planar
import tables
from source import PACKAGE, VERSION, Source, read_package

HERE = Path(__file__).parent
PRODUCT = HERE / "territories.bin"
MAGIC = b"DCBORD1\n"
ALIGNMENT = 8
TRUTH = HERE.parents[1] / "tests" / "data" / "border_truth.csv.gz"  # made first, by make_truth.py


def main() -> None:
    """Run the whole build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="the package archive that `npm pack` fetched")
    source = read_package(parser.parse_args().source)
    world = planar.build_faces(source)
    owners = tables.territories_of(world)
    entries = sorted({owner for owner in owners if owner is not None})
    number = {entry: i for i, entry in enumerate(entries)}
    cut = cutting.cut(world, np.array([-1 if owner is None else number[owner] for owner in owners]))
    PRODUCT.write_bytes(pack(cut, entries))
    codes = {code for entry in entries for code in (*entry.claimants, entry.iso_a3, entry.sovereign)} - {""}
    tables.write_names(source.iso_a2, codes)
    tables.write_claims(tables.areas_of_multiple(world, owners))
    counts = {**world.counts, **cut.counts, "territories": len(entries), "bytes": PRODUCT.stat().st_size}
    (HERE / "SOURCE.toml").write_text(provenance(source, counts), encoding="utf-8")
    print(counts, digest(PRODUCT))


def pack(cut: cutting.Cells, entries: list[tables.Territory]) -> bytes:
    """The one file: magic, header length, JSON header, then aligned little-endian sections."""
    border_cells = sorted(cut.blobs)
    uniform = cut.uniform.copy()
    uniform[border_cells] = -2
    starts = np.flatnonzero(np.diff(uniform, prepend=-9))
    pairs, accuracy = tables.accuracy_sections(
        lambda corners: cutting.cell_of(shapely.points(corners + cutting.CELL_DEG / 2))
    )
    sections = {
        "run_start": starts.astype("<u4"),
        "run_territory": uniform[starts].astype("<i2"),
        "cell": np.array(border_cells, "<u4"),
        "cell_end": np.cumsum([len(cut.blobs[cell]) for cell in border_cells]).astype("<u4"),
        **accuracy,
        "blobs": np.frombuffer(b"".join(cut.blobs[cell] for cell in border_cells), "u1"),
    }
    layout, body = {}, bytearray()
    for name, values in sections.items():
        body += b"\0" * (-len(body) % ALIGNMENT)
        layout[name] = [values.dtype.str, len(body), len(values)]
        body += values.tobytes()
    header = {
        "cell_deg": cutting.CELL_DEG,
        "cell_units": cutting.CELL_UNITS,
        "territories": [["|".join(entry.claimants), *astuple(entry)[1:]] for entry in entries],
        "pairs": pairs,
        "sections": layout,
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % ALIGNMENT)
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(body)


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def provenance(source: Source, counts: dict[str, int]) -> str:
    """SOURCE.toml."""
    inputs = ["accuracy.csv", "relations.csv", "build.py", "source.py", "faces.py", "cells.py", "tables.py"]
    error_m = cutting.CELL_DEG / cutting.CELL_UNITS / 2 * planar.METRES_PER_DEGREE * 2**0.5
    lines = [
        "# Written by build.py.",
        'name = "territories.bin"',
        f'sha256 = "{digest(PRODUCT)}"',
        f'origin = "npm {PACKAGE} {VERSION}"',
        'edition = "OpenStreetMap export of about April 2022"',
        'licence = "ODbL-1.0"',
        f'attribution = "© OpenStreetMap contributors, ODbL 1.0, via {PACKAGE}; modified: planar faces, simplified"',
        'accuracy_m = "per stretch of border, measured between the 2017 and 2022 exports (accuracy.csv); at least 10 m,'
        ' 250 m where unmeasured"',
        "",
        "[package]",
        f'name = "{PACKAGE}"',
        f'version = "{VERSION}"',
        f'integrity = "{source.integrity}"',
        f'sha256 = "{source.sha256}"',
        "",
        "[tolerances]",
        f"inner_m = {planar.INNER_TOLERANCE_M}",
        f"outer_m = {planar.OUTER_TOLERANCE_M}",
        f"sliver_width_m = {planar.SLIVER_WIDTH_M}",
        f"overlap_width_m = {tables.OVERLAP_WIDTH_M}",
        f"lattice_deg = {planar.LATTICE_DEG!r}",
        f"quantisation_error_m = {error_m:.2f}",
        "",
        "[counts]",
        *(f"{name} = {value}" for name, value in counts.items()),
        "",
        "[inputs]  # sha256",
        *(f'"{name}" = "{digest(HERE / name)}"' for name in inputs),
        "",
        "[names]",
        'name = "names.csv"',
        f'sha256 = "{digest(HERE / "names.csv")}"',
        f'origin = "Unicode CLDR through Babel {babel.__version__}"',
        'licence = "Unicode-3.0"',
        "",
        "[truth]  # random places of the unsimplified source, for the tests",
        f'name = "{TRUTH.name}"',
        f'sha256 = "{digest(TRUTH)}"',
        "",
        "[versions]",
        f'shapely = "{shapely.__version__}"',
        f'geos = "{shapely.geos_version_string}"',
        f'numpy = "{np.__version__}"',
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
