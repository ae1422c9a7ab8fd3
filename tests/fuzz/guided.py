"""Coverage-guided fuzzing of one reader of logs or zones at a time (atheris, libFuzzer). `make fuzz-readers RUNS=...`.

    python -m tests.fuzz.guided READER [CORPUS [libFuzzer options]]

The invariant: any bytes give a flight, or zones each with a box, or UnreadableInput. Inputs begin as our samples (of
logs, their first kilobytes); what finds new branches is kept in CORPUS (default out/fuzz/READER), and the next run goes
on from there. A crash is written to CORPUS/crash-*; it becomes a test before it is mended.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import atheris

with atheris.instrument_imports(include=["dronecheck.readers", "dronecheck.airspace", "dronecheck.flight"]):
    from dronecheck import airspace, readers

    for _package in (readers, airspace):  # most load on first use: what loads later is not instrumented
        for _module in walk_packages(_package.__path__, f"{_package.__name__}."):
            import_module(_module.name)
    from dronecheck.errors import UnreadableInput
    from dronecheck.readers.common.quality.plausibility import with_quality
    from dronecheck.safe.io import Input
    from tests.fuzz.formats import FORMATS, borders, read, sample
    from tests.fuzz.zone_files import gis_samples, samples

REPO = Path(__file__).resolve().parents[2]
SEED_BYTES = (1_500, 6_000)
LONGEST_BYTES = 8_192
LONGEST_ZONES_BYTES = 65_536  # a GIS file is mostly header


def log_seeds(reader: readers.Reader) -> Iterator[bytes]:
    """The beginnings of the samples that this reader takes, and their ends."""
    for format_ in FORMATS:
        data = sample(format_)
        if read(format_, data).source.format != reader.NAME:
            continue
        for size in SEED_BYTES:
            first = max((border for border in borders(format_) if border <= size), default=size)
            yield from (data[:first], data[: first // 2] + data[-first // 2 :])


def zone_seeds(reader: airspace.ZoneReader) -> Iterator[bytes]:
    """The samples that this reader takes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in samples() + gis_samples(Path(folder)):
            if airspace.choose(data[: 1 << 16], name).NAME == reader.NAME:
                yield data


def main() -> None:
    """Fuzz until libFuzzer's options say to stop."""
    name = sys.argv[1]
    corpus = Path(sys.argv[2]) if len(sys.argv) > 2 else REPO / "out/fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    path = Path("fuzzed" + {"ulog": ".ulg", "dataflash": ".bin", "srt": ".SRT"}.get(name, "." + name))
    is_log = name in readers.READERS
    log_reader = readers.load(name if is_log else readers.READERS[0])
    zone_reader = airspace.load_reader("geojson" if is_log else name)

    def one(data: bytes) -> None:
        source = Input(path, data, "0" * 64)
        try:
            if not is_log:
                zones = zone_reader.read(source)
                assert len(zones.boxes_deg) == len(zones.zones)
                return
            flight = log_reader.read(source)
        except UnreadableInput:
            return
        with_quality(flight, data, is_text=log_reader.IS_TEXT)

    for data in log_seeds(log_reader) if is_log else zone_seeds(zone_reader):
        (corpus / f"seed-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
    longest = LONGEST_BYTES if is_log else LONGEST_ZONES_BYTES
    options = [f"-max_len={longest}", f"-artifact_prefix={corpus}/", "-timeout=10", "-rss_limit_mb=8192"]
    atheris.Setup([sys.argv[0], str(corpus), *options, *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
