"""The invariant of `tests.fuzz.zone_files` on some damaged copies of every zone sample."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.pipeline import mutant
from tests.fuzz.zone_files import outcome, reshaped, samples


@pytest.mark.parametrize("file", samples(), ids=lambda file: file[0])
def test_any_damage_gives_zones_or_a_refusal(file):
    name, data = file
    source = random.Random(name)
    seen = {outcome(name, damage(source, data)) for _ in range(25) for damage in (mutant, reshaped)}
    assert len(seen) > 1
