"""No test compares a time with a number of seconds, which a busy machine would fail: see `tests.support.growth`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import REPO

CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime"}
CLOCKS |= {f"{name}_ns" for name in CLOCKS} | {"ru_utime", "ru_stime", "cpu_times"}
SPANS = {"elapsed", "elapsed_s", "took", "took_s", "spent", "spent_s", "slowest", "slowest_s"}
PROCESSOR = ("process_" + "time", "thread_" + "time", "ru_" + "utime", "ru_" + "stime", "perf_" + "counter")
MAY_READ_IT = {"tests/support/growth.py"}


def reads_clock(tree: ast.AST, timed: set[str]) -> bool:
    """Whether the expression reads a clock, or a name that was given what a clock said."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id="time"))) if name in CLOCKS:
                return True
            case ast.Call(func=ast.Name(id=name)) if name in (CLOCKS | SPANS) - {"time"}:
                return True
            case ast.Attribute(attr=name) if name in {"ru_utime", "ru_stime", "slowest_s"}:
                return True
            case ast.Name(id=name) if name in timed | SPANS:
                return True
    return False


def timed_names(function: ast.AST) -> set[str]:
    """Names in the function that hold a clock's answer, directly or by way of others."""
    timed: set[str] = set()
    while True:
        before = len(timed)
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=targets, value=value) if reads_clock(value, timed):
                    timed |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
                case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id=name)), args=[value]):
                    timed |= {name} if reads_clock(value, timed) else set()
        if len(timed) == before:
            return timed


def against_seconds(tree: ast.AST) -> Iterator[int]:
    """Lines on which an assertion compares a time with something that is none."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        timed = timed_names(function)
        for claim in ast.walk(function):
            for node in ast.walk(claim) if isinstance(claim, ast.Assert) else ():
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    sides = {reads_clock(side, timed) for side in (node.left, *node.comparators)}
                    if sides == {True, False}:
                        yield node.lineno


def test_no_assertion_is_on_absolute_time():
    found = [
        f"{path.relative_to(REPO)}:{line}"
        for path in sorted((REPO / "tests").rglob("*.py"))
        for line in against_seconds(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_one_place_reads_the_processors_clock():
    """Of code in strings for other processes, too."""
    found = {
        str(path.relative_to(REPO))
        for path in (REPO / "tests").rglob("*.py")
        if any(clock in path.read_text(encoding="utf-8") for clock in PROCESSOR)
    }
    assert found - {"tests/contract/test_no_clock.py"} == MAY_READ_IT


@pytest.mark.parametrize(
    "text",
    [
        "begin = time.process_time()\n work()\n assert time.process_time() - begin < 1.0",
        "begin = monotonic()\n took = monotonic() - begin\n assert took < LIMIT_S",
        "spent = []\n spent.append(perf_counter() - begin)\n assert min(spent) < 0.5",
        "assert {name: took for name, took in found if took > 2.0} == {}",
        "before = getrusage(RUSAGE_SELF).ru_utime\n assert getrusage(RUSAGE_SELF).ru_utime - before < 2",
    ],
)
def test_it_would_be_seen(text):
    assert list(against_seconds(ast.parse(f"def test():\n {text}")))


def test_a_wait_with_an_end_is_none():
    text = "def test():\n deadline = monotonic() + 60\n while monotonic() < deadline:\n  sleep(1)\n assert done()"
    assert not list(against_seconds(ast.parse(text)))
