"""What tests of a log against itself find of edits, and that they leave honest logs alone: guards of what was measured.

`make integrity` measures all; docs/integrity.md states it. Here a few logs are edited, more in the full scale.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from dronecheck.evidence.consistency import TESTS
from dronecheck.flight.integrity import Weight
from tests.edits import logs
from tests.edits.kinds import KINDS
from tests.edits.measure import EditOutcome, Untouched, edits_of
from tests.edits.violations import hidden
from tests.support.scale import FULL, full_only, is_tried

QUICK = (logs.SAMPLES / "founding_dandong_sinuiju.ulg", logs.SAMPLES / "restricted_zone.csv")
REAL = (
    logs.LOGS / "ulog/PX4__px4-ulog-rs__esc_status_log.ulg",
    logs.LOGS / "dji_srt/JuanIrache__dji-srt-viewer__sample2.SRT",
)
QUICK_KINDS = 14  # of each log, by chance
SEED = 20261122
# What is found of each kind that can be seen, where it is less than nine in ten (docs/integrity.md says why).
LESS = {
    "straight line for 30 s, velocities too": 0.8,
    "heights halved": 0.8,
}
LEAST_IN_ALL = 0.9
ALARMS_AT_MOST = 0.02  # of the logs that a test could run on, with a NOTICE


@pytest.fixture(scope="module")
def outcomes() -> list[EditOutcome]:
    if FULL:
        paths = [*logs.samples(), *(path for path in logs.real_logs() if is_tried(path))]
    else:
        paths = [path for path in (*QUICK, *REAL) if path.is_file()]
    chance = random.Random(SEED)
    return [
        outcome
        for path in paths
        for outcome in edits_of(path, SEED, KINDS if FULL else chance.sample(KINDS, QUICK_KINDS))[1]
    ]


@pytest.mark.slow
def test_of_each_kind_of_edit_that_can_be_seen_nine_in_ten_are_found(outcomes: list[EditOutcome]) -> None:
    seen = Counter(one.kind for one in outcomes if one.seen)
    found = Counter(one.kind for one in outcomes if one.seen and one.by)
    # of few edits one may be missed
    missed = {
        kind: (found[kind], count) for kind, count in seen.items() if found[kind] < LESS.get(kind, 0.9) * count - 1
    }
    assert missed == {}
    assert sum(found.values()) >= LEAST_IN_ALL * sum(seen.values())


@pytest.mark.slow
def test_what_cannot_be_seen_is_not_found_by_chance(outcomes: list[EditOutcome]) -> None:
    """A whole shift in time is consistent: who claims to find it finds honest logs too."""
    assert not [one for one in outcomes if one.kind == "clocks 3 h later" and one.by]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bin", *(pytest.param(name, marks=full_only) for name in ("ulg", "log", "tlog"))])
def test_no_edit_of_one_source_of_two_hides_a_crossing_without_a_word(name: str) -> None:
    edits = hidden(logs.SAMPLES / f"founding_dandong_sinuiju.{name}", sources=("receiver", "estimate"))
    assert len(edits) >= 10
    assert all(one.has_both for one in edits)
    assert [one for one in edits if one.is_silent] == []


@pytest.mark.slow
def test_honest_logs_are_left_alone(shared: Path) -> None:
    untouched: list[Untouched] = [edits_of(path, SEED, ())[0] for path in logs.real_logs() if is_tried(path)]
    gravest = [(one.log, said) for one in untouched for said in one.said if said[1] == Weight.CONTRADICTION]
    assert gravest == []
    for test in TESTS:
        could = sum(test.id in one.run for one in untouched)
        odd = sum(any(said[:2] == (test.id, Weight.NOTICE) for said in one.said) for one in untouched)
        assert odd <= ALARMS_AT_MOST * could, test.id


def test_the_page_names_every_kind_of_edit_and_every_test(repo: Path) -> None:
    text = (repo / "docs/integrity.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE))
    assert {kind.name for kind in KINDS} - rows == set()
    assert {test.id for test in TESTS} - rows == set()
