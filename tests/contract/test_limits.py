"""Time and memory grow with the file and no faster, whatever fills it: records, junk, zeros, or lengths that lie."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.fuzz.formats import FORMATS
from tests.support.scale import loops

# Each filling begins as the sample does, so that the reader takes the file; then so many bytes of it.
MEASURE = """
import json, random, resource, sys
sys.path.insert(0, {repo!r})
from dronecheck.errors import UnreadableInput
from tests.fuzz.formats import read, sample, shortened
from tests.support.growth import growth

format_ = sys.argv[1]
def attempt(data):
    try:
        read(format_, data)
    except UnreadableInput:
        pass

head = shortened(format_, 8_000)
read(format_, head)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ratio = {{}}
for filling in {fillings!r}:
    both = []
    for size in {sizes!r}:
        fill = {{
            "records": lambda: sample(format_)[len(head):] * 40,
            "junk": lambda: random.Random(1).randbytes(size),
            "zeros": lambda: bytes(size),
            "lengths": lambda: b"\\xff\\xff" * (size // 2),
            "marks": lambda: head[:64] * (size // 64),
        }}[filling]()
        both.append((head + fill)[:size])
    ratio[filling] = growth(lambda: attempt(both[0]), lambda: attempt(both[1]), enough={most!r})
print(json.dumps([ratio, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024]))
"""
SMALL, LARGE = (loops(size, size // 8) for size in (500_000, 4_000_000))
MOST = 24.0
"""Eight times the bytes: a quadratic reader takes 64 times as long."""
FILLINGS = ("records", "junk", "zeros", "lengths", "marks")[:: loops(1, 2)]


@pytest.mark.parametrize("format_", FORMATS)
def test_time_and_memory_are_linear(repo, format_):
    code = MEASURE.format(repo=str(repo), fillings=FILLINGS, sizes=(SMALL, LARGE), most=MOST)
    argv = [sys.executable, "-c", code, format_]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=1_200)
    assert done.returncode == 0, done.stderr
    ratios, rss = json.loads(done.stdout)
    assert set(ratios) == set(FILLINGS)
    assert all(ratio <= MOST for ratio in ratios.values()), ratios
    assert rss < 64e6 + 20 * LARGE
