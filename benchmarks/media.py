"""Photos beside exiftool, in one run: `make bench-media`. exiftool (Debian's libimage-exiftool-perl) only reads.

    python benchmarks/media.py [COUNT]

COUNT copies of the four sample photos, all taken within 3 km of the border, two of them on it (the dearest case): read
alone, then the whole of `media check` with a log, beside `exiftool -json` over the same folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import run

from dronecheck.footage.shots.against_logs import held_against_logs
from dronecheck.footage.shots.answer import answered, read_shot
from dronecheck.footage.shots.walk import shots_in
from dronecheck.settings import Options

REPO = Path(__file__).resolve().parents[1]
PHOTOS = sorted((REPO / "samples/photos").glob("*.JPG"))
LOG = REPO / "samples/founding_dandong_sinuiju.ulg"
COUNT = 500


def main() -> None:
    """The command line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    exiftool = shutil.which("exiftool")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(count):
            shutil.copy(PHOTOS[number % len(PHOTOS)], folder / f"DJI_{number:04d}.JPG")
        setup = Options(library=False).setup()

        def read() -> int:
            return len([read_shot(files) for files in shots_in([folder]).shots])

        def checked() -> int:
            held = held_against_logs([read_shot(files) for files in shots_in([folder]).shots], [LOG], setup)
            return len(list(answered(held.shots, setup, held.home)))

        assert read() == checked() == count
        if exiftool is None:
            print("exiftool is not installed: nothing to compare with")
            return
        command = [exiftool, "-json", "-a", "-G1", str(folder)]

        def theirs() -> None:
            subprocess.run(command, check=True, capture_output=True)

        for what, ours in (("read", read), ("checked with a log", checked)):
            mine, peer = run.paired(run.timed(ours), run.timed(theirs), 3)
            run.report(f"{count} photos, {what} / exiftool -json", mine, peer)


if __name__ == "__main__":
    main()
