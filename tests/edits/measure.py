"""What the tests of a log against itself find of edits, and what they say of logs that nobody edited.

    python -m tests.edits [SEED [EDITS [WORKERS]]]

An edit is found when a statement of weight NOTICE or CONTRADICTION is there that the untouched log does not have; of a
span, a beginning or an end that was cut off and left open, any statement. EDITS is how many kinds are tried on each
log, chosen at random (0: all). `make integrity` prints the tables that stand in docs/integrity.md.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.evidence.consistency import TESTS
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Statement, Weight
from tests.edits import logs
from tests.edits.kinds import KINDS, Kind
from tests.edits.scene import Scene

Said = tuple[str, str, str]  # id, weight, what was observed


@dataclass(frozen=True)
class EditOutcome:
    """What came of one edit: `by` are the ids of the tests that found it."""

    log: str
    format: str
    kind: str
    seen: bool
    by: tuple[str, ...]
    refused: bool = False  # dronecheck read no flight from it


@dataclass
class Untouched:
    """What the tests say of a log as it is."""

    log: str
    run: tuple[str, ...] = ()
    said: list[Said] = field(default_factory=list)


def statements(flight: Flight) -> list[Statement]:
    """All that is said of a file: of its flight and of the other vehicles in it."""
    return [said for one in (flight, *flight.others) if one.integrity for said in one.integrity.statements]


def said_of(flight: Flight) -> set[Said]:
    """Statements by what makes them the same."""
    return {(one.id, one.severity.value, str(one.observed)) for one in statements(flight)}


def found_by(kind: Kind, before: set[Said], after: set[Said]) -> tuple[str, ...]:
    """The tests that say something new of an edit."""
    new = after - before
    return tuple(sorted({id_ for id_, weight, _ in new if weight != Weight.INFO or kind.is_fact}))


def edits_of(path: Path, seed: int, kinds: Sequence[Kind] = KINDS) -> tuple[Untouched, list[EditOutcome]]:
    """Look at one log, then make all edits of it that apply, and look at each."""
    data = path.read_bytes()
    try:
        flight = logs.read(path, data)
    except UnreadableInput:
        return Untouched(path.name), []
    before = said_of(flight)
    untouched = Untouched(path.name, flight.integrity.run if flight.integrity else (), sorted(before))
    log = logs.take_apart(path, data) if len(flight.track) and kinds else None
    outcomes = []
    for kind in kinds if log else ():
        scene = Scene.of(log, random.Random(zlib.crc32(f"{seed} {path.name}".encode())))  # the same stretch for all
        made = kind.make(scene) if scene else None
        if scene is None or made is None or (edited := made.encode()) == data:
            continue
        try:
            found, refused = found_by(kind, before, said_of(logs.read(path, edited))), False
        except UnreadableInput:
            found, refused = (), True
        outcomes.append(EditOutcome(path.name, log.format, kind.name, kind.seen(scene), found, refused))
    return untouched, outcomes


def _job(job: tuple[Path, int, int]) -> tuple[Untouched, list[EditOutcome]]:
    path, seed, edits = job
    chosen = random.Random(f"{seed} {path.name}").sample(KINDS, min(edits, len(KINDS))) if edits else KINDS
    return edits_of(path, seed, chosen)


def run(seed: int, edits: int, workers: int) -> tuple[list[Untouched], list[EditOutcome]]:
    """Look at all logs as they are, and at so many edits of each (0: all kinds)."""
    paths = sorted([*logs.real_logs(), *logs.samples()], key=lambda path: -path.stat().st_size)
    with ProcessPoolExecutor(workers) as pool:
        results = list(pool.map(_job, [(path, seed, edits) for path in paths]))
    return [one for one, _ in results], [outcome for _, some in results for outcome in some]


# ---- tables


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def recall_table(outcomes: Sequence[EditOutcome], by: str = "kind") -> list[str]:
    """A line for each kind of edit (or format): found of what can be seen, found of the others, by which tests."""
    groups: dict[str, list[EditOutcome]] = {}
    order = [kind.name for kind in KINDS] if by == "kind" else sorted({one.format for one in outcomes})
    for one in outcomes:
        groups.setdefault(one.kind if by == "kind" else one.format, []).append(one)
    rows = []
    for name in order:
        mine = groups.get(name, [])
        if not mine:
            continue
        seen, others = [one for one in mine if one.seen], [one for one in mine if not one.seen]
        tests = Counter(id_ for one in mine for id_ in one.by)
        told = ", ".join(f"{id_} {count}" for id_, count in tests.most_common(6))
        found = [_share(sum(bool(one.by) for one in part), len(part)) for part in (seen, others)]
        rows.append((name, *found, told))
    return _table(
        ("edit" if by == "kind" else "format", "found of those that can be seen", "found of the others", "tests"), rows
    )


def alarm_table(untouched: Sequence[Untouched]) -> list[str]:
    """A line for each test: on how many logs it could run, and how many of them it finds odd."""
    rows = []
    for test in TESTS:
        could = [one for one in untouched if test.id in one.run]
        odd = {
            weight: sum(any(id_ == test.id and w == weight for id_, w, _ in one.said) for one in could)
            for weight in Weight
        }
        rows.append((test.id, test.title, len(could), odd[Weight.CONTRADICTION], odd[Weight.NOTICE], odd[Weight.INFO]))
    return _table(("test", "what it asks", "could run on", "CONTRADICTION", "NOTICE", "INFO"), rows)


def main(seed: int, edits: int, workers: int) -> None:
    """Print the tables."""
    untouched, outcomes = run(seed, edits, workers)
    real = {path.name for path in logs.real_logs()}
    print("\n".join(recall_table(outcomes)), "\n")
    print("\n".join(recall_table(outcomes, "format")), "\n")
    print("Untouched real logs:\n")
    print("\n".join(alarm_table([one for one in untouched if one.log in real])), "\n")
    for one in untouched:
        for id_, weight, observed in one.said:
            if weight != Weight.INFO:
                print(f"- {one.log}: {id_} {weight}: {observed}")
    seen = [one for one in outcomes if one.seen]
    refused = sum(one.refused for one in outcomes)
    odd = sum(any(weight != Weight.INFO for _, weight, _ in one.said) for one in untouched)
    print(
        f"seed {seed}: {len(outcomes)} edits of {len({one.log for one in outcomes})} logs, {refused} refused; "
        f"found {_share(sum(bool(one.by) for one in seen), len(seen))} of those that can be seen; "
        f"an anomaly in {odd} of {len(untouched)} untouched logs"
    )
