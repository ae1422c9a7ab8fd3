"""Coverage-guided fuzzing of one reader at a time: logs, zones, or media (atheris, libFuzzer). `make fuzz-readers`.

    python -m tests.fuzz.guided READER [CORPUS [libFuzzer options]]

The invariant: any bytes give a flight, or zones each with a box, or an item of footage, or UnreadableInput. Inputs
begin as our samples (of logs, their first kilobytes); what finds new branches is kept in CORPUS (default
out/fuzz/READER), and the next run goes on from there. A crash is written to CORPUS/crash-*; it becomes a test before it
is mended.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import atheris

_LOOKED_AT = ["readers", "airspace", "flight", "media", "containers"]
with atheris.instrument_imports(include=[f"dronecheck.{name}" for name in _LOOKED_AT]):
    from dronecheck import airspace, containers, media, readers

    for _package in (
        readers,
        airspace,
        media,
        containers,
    ):  # most load on first use: what loads later is not instrumented
        for _module in walk_packages(_package.__path__, f"{_package.__name__}."):
            import_module(_module.name)
    from dronecheck.errors import UnreadableInput
    from dronecheck.readers.common.quality.plausibility import with_quality
    from dronecheck.safe.io import Input
    from tests.fuzz.formats import FORMATS, borders, read, sample
    from tests.fuzz.media_files import media_seeds
    from tests.fuzz.zone_files import gis_samples, samples

REPO = Path(__file__).resolve().parents[2]
SEED_BYTES = (1_500, 6_000)
LONGEST_BYTES = 8_192
LONGEST_ZONES_BYTES = 65_536  # a GIS file is mostly header
MEDIA = "media"


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


Target = tuple[Callable[[Input], None], Iterator[bytes], int]  # what is tried, its first inputs, the longest


def log_target(name: str) -> Target:
    """A reader of logs, and what every log goes through behind it."""
    reader = readers.load(name)

    def one(source: Input) -> None:
        with_quality(reader.read(source), source.data, is_text=reader.IS_TEXT)

    return one, log_seeds(reader), LONGEST_BYTES


def zone_target(name: str) -> Target:
    """A reader of zones."""
    reader = airspace.load_reader(name)

    def one(source: Input) -> None:
        zones = reader.read(source)
        assert len(zones.boxes_deg) == len(zones.zones)

    return one, zone_seeds(reader), LONGEST_ZONES_BYTES


def media_target(_: str) -> Target:
    """The reader of photos and films."""

    def one(source: Input) -> None:
        item = media.read(source)
        assert item.position is None or abs(item.position.lat_deg) <= 90
        assert all(field.offset >= 0 and field.length >= 0 for field in item.fields)

    return one, media_seeds(), LONGEST_ZONES_BYTES


def main() -> None:
    """Fuzz until libFuzzer's options say to stop."""
    name = sys.argv[1]
    corpus = Path(sys.argv[2]) if len(sys.argv) > 2 else REPO / "out/fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    path = Path("fuzzed" + {"ulog": ".ulg", "dataflash": ".bin", "srt": ".SRT"}.get(name, "." + name))
    make = media_target if name == MEDIA else log_target if name in readers.READERS else zone_target
    tried, seeds, longest = make(name)

    def one(data: bytes) -> None:
        with suppress(UnreadableInput):
            tried(Input(path, data, "0" * 64))

    for data in seeds:
        (corpus / f"seed-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
    options = [f"-max_len={longest}", f"-artifact_prefix={corpus}/", "-timeout=10", "-rss_limit_mb=8192"]
    atheris.Setup([sys.argv[0], str(corpus), *options, *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
