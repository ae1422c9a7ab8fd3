"""How often, and why, the border question stays open over real logs. `python benchmarks/sharpness.py [FOLDER]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Check, Result, Topic
from dronecheck.readers import read
from dronecheck.report.text.words import TERMINAL, words

LOGS = Path(__file__).resolve().parents[2] / "shared" / "logs"
LARGEST_BYTES = 8_000_000


def border_checks(folder: Path, largest_bytes: int = LARGEST_BYTES) -> Iterator[tuple[Path, Check, Result]]:
    """The border check of every log with positions, in order of path."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size <= largest_bytes):
        try:
            flight = read(path)
        except UnreadableInput:
            continue
        if len(flight.track):
            result = check(flight)
            yield path, next(c for c in result.checks if c.question is Topic.BORDER), result


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else LOGS
    say = words("en", TERMINAL)
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for path, answer, _ in border_checks(folder, sys.maxsize):
        verdicts[str(answer.verdict)] += 1
        if str(answer.verdict) == "INCONCLUSIVE":
            reasons.update(answer.reasons)
            print(f"{path.relative_to(folder)}: {', '.join(answer.reasons)} ({say.clauses(answer.clauses)})")
    print(dict(verdicts), dict(reasons))


if __name__ == "__main__":
    main()
