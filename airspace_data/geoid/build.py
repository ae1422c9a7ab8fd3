"""Build egm96.bin from the EGM96 15-minute grid.

    python airspace_data/geoid/build.py GRID.xz

GRID.xz holds 721 x 1440 little-endian int16, undulation in centimetres, rows from 90 N to 90 S, columns from 0 E
eastward, differenced along both axes (columns, then rows). egm96.bin holds the same figures so that the surroundings of
one place are decoded by themselves; its layout is described in src/dronecheck/geo/geoid.py.
"""

from __future__ import annotations

import hashlib
import lzma
import sys
import zlib
from pathlib import Path

import numpy as np

ROWS, COLUMNS, BAND = 721, 1440, 16
HERE = Path(__file__).parent


def encoded(grid: np.ndarray) -> bytes:
    """The file's bytes for a grid of int16 centimetres, shape (721, 1440)."""
    streams = []
    for first in range(0, ROWS, BAND):
        band = grid[first : first + BAND]
        down = np.diff(band, axis=0, prepend=np.zeros((1, COLUMNS), np.int16))
        along = np.diff(down, axis=1, prepend=np.zeros((len(band), 1), np.int16))
        planes = np.frombuffer(along.astype("<i2").tobytes(), np.uint8).reshape(-1, 2).T
        streams.append(zlib.compress(planes.tobytes(), 9))
    offsets = np.cumsum([0, *map(len, streams)], dtype="<u4")
    return b"DCGEOID1" + np.array([ROWS, COLUMNS, BAND], "<u4").tobytes() + offsets.tobytes() + b"".join(streams)


def main(source: Path) -> None:
    """Read GRID.xz, write egm96.bin and SOURCE.toml beside this file."""
    raw = source.read_bytes()
    steps = np.frombuffer(lzma.decompress(raw), "<i2").reshape(ROWS, COLUMNS)
    grid = np.cumsum(np.cumsum(steps, axis=1, dtype=np.int64), axis=0).astype(np.int16)
    product = encoded(grid)
    (HERE / "egm96.bin").write_bytes(product)
    about = f'''# Written by build.py.
name = "egm96.bin"
sha256 = "{hashlib.sha256(product).hexdigest()}"
origin = "EGM96, 15-minute grid of geoid undulations, NGA (then NIMA) and NASA Goddard Space Flight Center, 1996"
edition = "EGM96"
licence = "public domain (work of the United States Government)"
attribution = "EGM96: NGA and NASA"
accuracy_m = "0.6 (1 sigma): EGM96 on this grid against EGM2008 on a 2.5-minute grid, a million points, area-uniform"

[grid]
rows = {ROWS}
columns = {COLUMNS}
step_deg = 0.25
unit_m = 0.01
sha256_of_int16_le = "{hashlib.sha256(grid.astype("<i2").tobytes()).hexdigest()}"

[inputs]  # sha256
"{source.name}" = "{hashlib.sha256(raw).hexdigest()}"
"build.py" = "{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
'''
    (HERE / "SOURCE.toml").write_text(about, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
