"""The code counts on 32 bits as on 64: where numpy's own integers are narrow (in a browser), nothing fails or wraps.

- `np.repeat`, `np.bincount` and `reduceat` refuse indices and counts of 64 bits there: `dronecheck.arrays` has them.
- An integer array without a width has 32 bits there, and times in nanoseconds wrap in it without a word.
- A view of a file as overlapping stretches may not be larger than memory: one helper makes them in windows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import REPO

HELPERS = {"repeat", "bincount", "reduceat"}
MADE_OF_INTEGERS = {"arange", "indices", "tri"}
MAKERS = {
    "zeros",
    "ones",
    "full",
    "empty",
    "array",
    "asarray",
    "fromiter",
    "linspace",
    "arange",
    "cumsum",
    "sum",
    "astype",
}
IS_FLOAT = {"floor", "ceil", "float64", "float32"}
COUNTS_FOR_ALL = {"src/dronecheck/arrays.py"}
WINDOWED = {"src/dronecheck/readers/common/stretches.py"}


def is_numpy(node: ast.expr, name: str) -> bool:
    """Whether the expression is `np.name`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "np"
    )


def without_width(node: ast.expr | None) -> bool:
    """Whether a dtype is the machine's own integer."""
    return (isinstance(node, ast.Name) and node.id == "int") or (node is not None and is_numpy(node, "int_"))


def is_float(node: ast.AST) -> bool:
    """Whether an argument of arange can only be a float."""
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=float()) | ast.BinOp(op=ast.Div()):
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in IS_FLOAT:
                return True
    return False


def narrow(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and kind of what works with 64-bit integers only."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and is_numpy(node.elts[0], "void"):
                yield node.lineno, "overlapping view"
            continue
        function, dtype = node.func, next((word.value for word in node.keywords if word.arg == "dtype"), None)
        name = function.attr if isinstance(function, ast.Attribute) else ""
        if name == "reduceat" or (name in HELPERS and is_numpy(function, name)):
            counts = node.args[1] if len(node.args) > 1 else None
            if not (name == "repeat" and isinstance(counts, ast.Constant)):  # a number fits any width
                yield node.lineno, f"np.{name}"
        of_integers = name in MADE_OF_INTEGERS and is_numpy(function, name) and not any(map(is_float, node.args))
        if of_integers and dtype is None and len(node.args) < 4:
            yield node.lineno, f"np.{name} without dtype"
        if name in MAKERS | {"astype"}:
            given = [dtype, *(node.args if name == "astype" else node.args[1:])]
            if any(map(without_width, given)):
                yield node.lineno, f"{name} as int"


def test_integers_have_a_width_and_counting_goes_through_the_helpers():
    found = {}
    for path in sorted((REPO / "src").rglob("*.py")):
        name = str(path.relative_to(REPO))
        places = list(narrow(ast.parse(path.read_text(encoding="utf-8"))))
        if name in COUNTS_FOR_ALL:
            places = [(line, kind) for line, kind in places if not kind.startswith("np.")]
        if name in WINDOWED:
            places = [(line, kind) for line, kind in places if kind != "overlapping view"]
        if places:
            found[name] = places
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "np.repeat(a, counts)",
        "np.bincount(index)",
        "np.maximum.reduceat(values, starts)",
        "np.arange(len(rows))",
        "np.zeros(5, int)",
        "np.zeros(5, dtype=np.int_)",
        "mask.astype(int)",
        "np.ndarray((count,), np.dtype((np.void, 8)), data, 0, (1,))",
    ],
)
def test_it_would_be_seen(text):
    assert len(list(narrow(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "np.repeat(corner, 2)",
        "repeat(a, counts)",
        "reduceat(np.maximum, values, starts)",
        "np.arange(len(rows), dtype=np.int64)",
        "np.arange(np.floor(a), b)",
        "np.zeros(5, np.int64)",
        "np.zeros(5)",
        "mask.astype(np.int8)",
    ],
)
def test_what_has_a_width_is_left_alone(text):
    assert not list(narrow(ast.parse(text)))
