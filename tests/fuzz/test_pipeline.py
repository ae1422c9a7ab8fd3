"""A minute's worth of `make fuzz` in seconds: the same invariant on a few damaged copies of every sample."""

from __future__ import annotations

import random

import pytest

import dronecheck
from tests.fuzz.pipeline import SAMPLES, mutant, outcome, samples
from tests.support.scale import loops


@pytest.mark.parametrize("log", samples(), ids=lambda log: log[0].name)
def test_any_damage_gives_a_result_or_a_refusal(log):
    path, data = log
    zones = dronecheck.load_zones([SAMPLES / "restricted_zone.geojson"])
    source = random.Random(path.name)
    seen = {outcome(path, mutant(source, data), zones) for _ in range(loops(12, 4))}
    assert seen <= {"VIOLATION", "INCONCLUSIVE", "CLEAR", "unreadable"}
    assert len(seen - {"unreadable"}) >= 1
