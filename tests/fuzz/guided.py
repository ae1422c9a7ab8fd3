"""Coverage-guided fuzzing of one log reader at a time (atheris, libFuzzer). `make fuzz-readers RUNS=...`.

    python -m tests.fuzz.guided READER [CORPUS [libFuzzer options]]

The invariant: any bytes give a flight or UnreadableInput. Inputs begin as the first kilobytes of our samples; what
finds new branches is kept in CORPUS (default out/fuzz/READER), and the next run goes on from there. A crash is written
to CORPUS/crash-*; it becomes a test before it is mended.
"""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import atheris

with atheris.instrument_imports(include=["dronecheck.readers", "dronecheck.flight"]):
    from dronecheck import readers

    for _module in iter_modules(readers.__path__):  # most load on first use: what loads later is not instrumented
        import_module(f"dronecheck.readers.{_module.name}")
    from dronecheck.errors import UnreadableInput
    from dronecheck.readers.quality import with_quality
    from dronecheck.safeio import Input
    from tests.fuzz.formats import FORMATS, borders, read, sample

REPO = Path(__file__).resolve().parents[2]
SEED_BYTES = (1_500, 6_000)
LONGEST_BYTES = 8_192


def seeds(reader: readers.Reader) -> list[bytes]:
    """The beginnings of the samples that this reader takes, and their ends."""
    found = []
    for format_ in FORMATS:
        data = sample(format_)
        if read(format_, data).source.format != reader.NAME:
            continue
        for size in SEED_BYTES:
            first = max((border for border in borders(format_) if border <= size), default=size)
            found += [data[:first], data[: first // 2] + data[-first // 2 :]]
    return found


def main() -> None:
    """Fuzz until libFuzzer's options say to stop."""
    name = sys.argv[1]
    reader = readers.load(name)
    corpus = Path(sys.argv[2]) if len(sys.argv) > 2 else REPO / "out/fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds(reader):
        (corpus / f"seed-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
    path = Path("fuzzed" + {"ulog": ".ulg", "dataflash": ".bin", "srt": ".SRT"}.get(name, "." + name))

    def one(data: bytes) -> None:
        try:
            flight = reader.read(Input(path, data, "0" * 64))
        except UnreadableInput:
            return
        with_quality(flight, data, is_text=reader.IS_TEXT)

    options = [f"-max_len={LONGEST_BYTES}", f"-artifact_prefix={corpus}/", "-timeout=10", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], str(corpus), *options, *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
