"""The invariant of `tests.fuzz.openair_texts` on some damaged texts, and texts made to be slow."""

from __future__ import annotations

import random
import time

import pytest

from tests.fuzz.openair_texts import SAMPLE, damaged, outcome

HEAD = "AC R\nAN x\nAH UNL\nAL GND\n"
CENTRE = "V X=47:00:00 N 008:00:00 E\n"


def test_any_damage_gives_zones_or_a_refusal():
    source, text = random.Random(20260101), SAMPLE.read_text()
    seen = {outcome(damaged(source, text), polygons=False) for _ in range(60)}
    assert len(seen) > 2


def circle_of_points(count):
    return "".join(
        f"DP 47:{n * 60 / count:.9f} N 008:{30 - abs(n - count / 2) * 60 / count:.9f} E\n" for n in range(count)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + circle_of_points(20_000), "1 zones"),
        (HEAD + CENTRE + "DC 1\n" * 3_000, "1 zones"),
        (HEAD + CENTRE + "DA 1,0,1\n" * 50_000, "0 zones"),  # more arcs than any zone has
        (HEAD + CENTRE + (HEAD + "DA 0.01,0,180\n") * 1_000, "1000 zones"),
        ("AC R\nAN x\n" * 20_000, "0 zones"),
        (HEAD + "hello there\n" * 100_000, "0 zones"),
        (HEAD + "AN " + "n" * 10_000_000 + "\n" + CENTRE + "DC 1\n", "1 zones"),
        (HEAD + "DP " + "47:00:00 N " * 1_000_000, "0 zones"),
        (HEAD + "DP " + " " * 5_000_000 + "1\n", "0 zones"),
        (HEAD + "DP " + "1" * 5_000_000 + "\n", "0 zones"),
        (HEAD + "x" * 10_000_000, "0 zones"),
        (HEAD + " *" * 5_000_000, "0 zones"),
        (HEAD + "AN a" + " *" * 3_000_000, "0 zones"),
        (HEAD + "AH " + "(" * 5_000_000 + "\nAA " + "/" * 5_000_000, "0 zones"),
        (HEAD + "AA 2024-01-01T00:00Z/NONE\n" * 10_000 + CENTRE + "DC 1\n", "1 zones"),
        ("AN early\n" * 50_000 + HEAD + CENTRE + "DC 1\n", "1 zones"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_what_is_made_to_be_slow_is_read_in_linear_time(text, expected):
    begin = time.process_time()
    assert outcome(text, polygons=False) == expected
    assert time.process_time() - begin < 2.0
