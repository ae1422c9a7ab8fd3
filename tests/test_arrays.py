"""numpy's counting functions whatever the width of its index type; and that nobody else leaves a width open."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.arrays import bincount, reduceat, repeat, spread

COUNTS = st.lists(st.integers(0, 6), max_size=12)
WIDTHS = [np.int32, np.int64, np.uint8, np.intp]
PACKAGES = ("arrays.py", "audit", "borders", "geo", "timebase.py")  # those that are clean so far
COUNTING = ("repeat", "bincount", "reduceat")


@pytest.mark.parametrize("width", WIDTHS)
@given(counts=COUNTS)
def test_as_plain_python_counts(width, counts):
    given_counts = np.array(counts, dtype=width)
    values = np.arange(len(counts), dtype=np.float64)
    assert repeat(values, given_counts).tolist() == [float(i) for i, n in enumerate(counts) for _ in range(n)]
    group, number = spread(given_counts)
    assert list(zip(group.tolist(), number.tolist(), strict=True)) == [
        (i, k) for i, n in enumerate(counts) for k in range(n)
    ]
    assert bincount(given_counts, 7).tolist() == [counts.count(n) for n in range(7)]
    assert {a.dtype for a in (group, number, bincount(given_counts))} == {np.dtype(np.int64)}


@pytest.mark.parametrize("width", WIDTHS)
def test_reductions(width):
    values = np.array([3, 1, 4, 1, 5], dtype=np.int64)
    assert reduceat(np.add, values, np.array([0, 2], dtype=width)).tolist() == [4, 10]
    assert reduceat(np.maximum, values, np.array([0, 2], dtype=width)).tolist() == [3, 5]


def open_widths(source: str) -> list[str]:
    """What in a module depends on the width of the machine's integers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, keywords = node.func.attr, {k.arg: k.value for k in node.keywords}
        of_numpy = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        once = len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
        if name in COUNTING and (of_numpy or name == "reduceat") and not once:
            found.append(f"{node.lineno}: {name}")
        if of_numpy and name == "arange" and "dtype" not in keywords:
            found.append(f"{node.lineno}: arange")
        plain = [*node.args[:1]] if name == "astype" else [keywords.get("dtype"), *(node.args[1:2] if of_numpy else [])]
        if any(isinstance(p, ast.Name) and p.id == "int" for p in plain):
            found.append(f"{node.lineno}: int without a width")
        if "void" in {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}:
            found.append(f"{node.lineno}: void")
    return found


def test_no_width_is_left_open(repo):
    source = Path(repo) / "src" / "dronecheck"
    for package in PACKAGES:
        place = source / package
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            found = open_widths(path.read_text())
            assert path.name == "arrays.py" or not found, (path, found)


@pytest.mark.parametrize(
    "line",
    ["np.repeat(a, b)", "np.bincount(a)", "np.add.reduceat(a, b)", "np.arange(n)", "a.astype(int)",
     "np.zeros(3, int)", "np.zeros(3, dtype=int)", "a.view(np.dtype((np.void, 3)))"],
)  # fmt: skip
def test_each_would_be_found(line):
    assert open_widths(line)
