"""The invariant of `tests.fuzz.openair_texts` on some damaged texts, and texts made to be slow."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.openair_texts import SAMPLE, damaged, outcome
from tests.support.growth import assert_linear
from tests.support.scale import loops

HEAD = "AC R\nAN x\nAH UNL\nAL GND\n"
CENTRE = "V X=47:00:00 N 008:00:00 E\n"


def test_any_damage_gives_zones_or_a_refusal():
    source, text = random.Random(20260101), SAMPLE.read_text()
    seen = {outcome(damaged(source, text), polygons=False) for _ in range(loops(60))}
    assert len(seen) > 2


def circle_of_points(count):
    return "".join(
        f"DP 47:{n * 60 / count:.9f} N 008:{30 - abs(n - count / 2) * 60 / count:.9f} E\n" for n in range(count)
    )


@pytest.mark.parametrize(
    ("make", "size", "expected"),
    [
        (lambda n: HEAD + circle_of_points(n), 20_000, "1 zones"),
        (lambda n: HEAD + CENTRE + "DC 1\n" * n, 3_000, "1 zones"),
        (lambda n: HEAD + CENTRE + "DA 1,0,1\n" * n, 50_000, "0 zones"),  # more arcs than any zone has
        (lambda n: HEAD + CENTRE + (HEAD + "DA 0.01,0,180\n") * n, 1_000, "1000 zones"),
        (lambda n: "AC R\nAN x\n" * n, 20_000, "0 zones"),
        (lambda n: HEAD + "hello there\n" * n, 100_000, "0 zones"),
        (lambda n: HEAD + "AN " + "n" * n + "\n" + CENTRE + "DC 1\n", 10_000_000, "1 zones"),
        (lambda n: HEAD + "DP " + "47:00:00 N " * n, 1_000_000, "0 zones"),
        (lambda n: HEAD + "DP " + " " * n + "1\n", 5_000_000, "0 zones"),
        (lambda n: HEAD + "DP " + "1" * n + "\n", 5_000_000, "0 zones"),
        (lambda n: HEAD + "x" * n, 10_000_000, "0 zones"),
        (lambda n: HEAD + " *" * n, 5_000_000, "0 zones"),
        (lambda n: HEAD + "AN a" + " *" * n, 3_000_000, "0 zones"),
        (lambda n: HEAD + "AH " + "(" * n + "\nAA " + "/" * n, 5_000_000, "0 zones"),
        (lambda n: HEAD + "AA 2024-01-01T00:00Z/NONE\n" * n + CENTRE + "DC 1\n", 10_000, "1 zones"),
        (lambda n: "AN early\n" * n + HEAD + CENTRE + "DC 1\n", 50_000, "1 zones"),
    ][:: loops(1, 2)],
)
def test_what_is_made_to_be_slow_is_read_in_linear_time(make, size, expected):
    assert outcome(make(size), polygons=False) == expected
    assert_linear(lambda text: outcome(text, polygons=False), make, size // 8, size)
