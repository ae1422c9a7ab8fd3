"""Makes tests/data/former.zip: an audit and a zone library as an earlier commit left them (`make former COMMIT=...`).

The logs are small and made for this project. Paths in the audit are those of a folder `logs` beside it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REPO = Path(__file__).parents[2]
FORMER = REPO / "tests/data/former.zip"
EVERY = 10  # points and rows of the samples


def make_logs(folder: Path) -> None:
    """Write five small files: two founding flights, a clear one, one in a zone, and a table that is no log."""
    samples = REPO / "samples"
    folder.mkdir()
    (folder / "founding.igc").write_bytes((samples / "founding_dandong_sinuiju.igc").read_bytes())
    gpx = (samples / "founding_dandong_sinuiju.gpx").read_text()
    points = re.findall(r"<trkpt.*?</trkpt>\n?", gpx, re.DOTALL)
    head, tail = gpx[: gpx.index("<trkpt")], gpx[gpx.rindex("</trkpt>") + len("</trkpt>") :]
    (folder / "founding.gpx").write_text(head + "".join(points[::EVERY]) + tail)
    for name in ("clear_dandong.csv", "restricted_zone.csv"):
        lines = (samples / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join([lines[0], *lines[1::EVERY]]))
    (folder / "notes.csv").write_text("name,colour\nyalu,blue\n")


def main(commit: str) -> None:
    """Check the commit out beside, and let its code audit the logs and fill a library."""
    with tempfile.TemporaryDirectory() as folder:
        here, tree = Path(folder, "former"), Path(folder, "tree")
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", tree, commit], cwd=REPO, check=True)
        try:
            here.mkdir()
            make_logs(here / "logs")
            env = {**os.environ, "PYTHONPATH": str(tree / "src"), "DRONECHECK_HOME": str(here / "home")}
            tool = [sys.executable, "-m", "dronecheck"]
            zones = REPO / "samples/restricted_zone.geojson"
            for command in (
                ["zones", "add", str(zones), "--name", "made", "--valid-from", "2025-01-01"],
                ["audit", "run", "logs", "--out", "audit"],
            ):
                subprocess.run([*tool, *command], cwd=here, env=env, check=True)
            with zipfile.ZipFile(FORMER, "w", zipfile.ZIP_DEFLATED) as packed:
                for path in sorted(p for p in here.rglob("*") if p.is_file() and p.name != ".lock"):
                    packed.write(path, path.relative_to(here).as_posix())
                packed.comment = f"made by commit {commit}".encode()
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=REPO, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
