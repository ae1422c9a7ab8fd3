"""Do the tests notice a wrong geofence? One small change to the source at a time, and the tests on it. `make mutate`.

    python -m tests.mutation.run MUTANTS SEED [RESULTS]

A random sample of all changes to src/dronecheck/geo and src/dronecheck/geofence. Each is made in a forked child, by an
import hook, so that neither files nor the installed package change. A mutant is killed when a test fails or hangs.
Tests named after the module run first, then those that import it, then all others of tests/geo and tests/geofence.
RESULTS (JSON lines) is gone on with when it exists: a run can be broken off.

Left out, because such mutants are equal to the original or change words only: `<` against `<=` on measured numbers
(comparisons are turned round instead), docstrings, messages, annotations, `__all__`, what only type checkers see.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGES = ("geo", "geofence")
TIMEOUT_S = 240
SLOW = ("test_edges", "test_land", "test_calibration")  # come last

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.Mod: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any",
          "argmin": "argmax", "argmax": "argmin", "sin": "cos", "cos": "sin", "floor": "ceil", "ceil": "floor",
          "isfinite": "isnan", "hypot": "maximum", "cumsum": "abs", "unwrap_lon": "subtract"}  # fmt: skip


class _Mutator(ast.NodeTransformer):
    """Counts the places that can be changed, and changes the one numbered `wanted`."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.count, self.what = wanted, 0, ""

    def _take(self, node: ast.AST, text: str) -> bool:
        self.count += 1
        if self.count - 1 != self.wanted:
            return False
        self.what = f"line {getattr(node, 'lineno', 0)}: {text}"
        return True

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        swap = _OPERATORS.get(type(node.op))
        text = isinstance(node.left, (ast.JoinedStr,)) or isinstance(node.right, (ast.JoinedStr,))
        if swap and not text and self._take(node, f"{type(node.op).__name__} to {swap.__name__}"):
            node.op = swap()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        swap = _OPERATORS[type(node.op)]
        if self._take(node, f"{type(node.op).__name__} to {swap.__name__}"):
            node.op = swap()
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        swap = _OPERATORS.get(type(node.ops[0]))
        if swap and self._take(node, f"{type(node.ops[0]).__name__} to {swap.__name__}"):
            node.ops[0] = swap()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if self._take(node, f"{type(node.op).__name__} dropped"):
            return node.operand
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node
        self.generic_visit(node)
        if self._take(node, "condition negated"):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self._take(node, "branches swapped"):
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            if self._take(node, f"{value} to {not value}"):
                return ast.copy_location(ast.Constant(not value), node)
        elif isinstance(value, (int, float)):
            other = value + 1 if isinstance(value, int) else value * 2 + (value == 0)
            if self._take(node, f"{value} to {other}"):
                return ast.copy_location(ast.Constant(other), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        other = _NAMES.get(name)
        if other and self._take(node, f"{name} to {other}"):
            if isinstance(node.func, ast.Name):
                node.func.id = other
            elif isinstance(node.func, ast.Attribute):
                node.func.attr = other
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node  # words

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        node.args.defaults = [self.visit(default) for default in node.args.defaults]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node  # decorators (frozen, slots) stay

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return node
        self.generic_visit(node)
        return node


class _Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Supplies one module from changed source."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self, origin=str(self.path)) if name == self.module else None

    def exec_module(self, module: object) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def sources() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((REPO / "src/dronecheck" / package).glob("[!_]*.py"))]


def places() -> Iterator[tuple[Path, int]]:
    for path in sources():
        counter = _Mutator()
        counter.visit(ast.parse(path.read_text(encoding="utf-8")))
        yield from ((path, number) for number in range(counter.count))


def mutant(path: Path, number: int) -> tuple[ast.Module, str]:
    mutator = _Mutator(number)
    tree = mutator.visit(copy.deepcopy(ast.parse(path.read_text(encoding="utf-8"))))
    return ast.fix_missing_locations(tree), mutator.what


def tests_of(path: Path) -> list[str]:
    """Tests named after it first, then those that import it, then the rest of the two folders; the slow ones last."""
    every = [p for package in PACKAGES for p in sorted((REPO / "tests" / package).glob("test_*.py"))]
    wanted = f"from dronecheck.{path.parent.name}.{path.stem} import"

    def distance(test: Path) -> tuple[bool, int]:
        if test.stem == f"test_{path.stem}":
            return test.stem in SLOW, 0
        nearness = 1 if wanted in test.read_text(encoding="utf-8") else 2
        return test.stem in SLOW, nearness + 2 * (test.parent.name != path.parent.name)

    return [str(p) for p in sorted(every, key=distance)]


def is_killed(path: Path, number: int) -> tuple[bool, str]:
    tree, what = mutant(path, number)
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        name = ".".join(path.relative_to(REPO / "src").with_suffix("").parts)
        sys.meta_path.insert(0, _Hook(name, path, tree))
        import pytest

        quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options = ["-x", "-m", "not slow", "--hypothesis-seed=0", *quiet]
        os._exit(int(pytest.main([*options, *tests_of(path)])) & 0x7F)
    begin = time.monotonic()
    while time.monotonic() - begin < TIMEOUT_S:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0, what
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True, f"{what} (hangs)"


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    results = Path(sys.argv[3] if len(sys.argv) > 3 else REPO / "out/mutants.jsonl")
    results.parent.mkdir(exist_ok=True)
    os.chdir(REPO)
    everything = list(places())
    chosen = random.Random(seed).sample(everything, min(count, len(everything)))
    known = {}
    if results.exists():
        for line in results.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            known[row["module"], row["number"]] = row
    import hypothesis  # the children find these loaded
    import numpy  # noqa: F401
    import pyproj  # noqa: F401
    import pytest  # noqa: F401
    import shapely  # noqa: F401

    assert hypothesis
    if is_killed(sources()[0], -2)[0]:
        sys.exit("the tests fail without any change")
    begin, rows = time.monotonic(), []
    for done, (path, number) in enumerate(chosen, 1):
        module = f"{path.parent.name}/{path.name}"
        row = known.get((module, number))
        if row is None:
            killed, what = is_killed(path, number)
            row = {"module": module, "number": number, "what": what, "killed": killed}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        rows.append(row)
        if not row["killed"]:
            print(f"survived: {module} {row['what']}", flush=True)
        if done % 25 == 0:
            print(f"... {done} of {len(chosen)}, {sum(r['killed'] for r in rows)} killed", flush=True)
    total, killed = Counter(r["module"] for r in rows), Counter(r["module"] for r in rows if r["killed"])
    for module in sorted(total):
        print(f"{module:<34} {killed[module]:4d} of {total[module]:4d}")
    share = sum(killed.values()) / len(rows)
    error = 1.96 * (share * (1 - share) / len(rows)) ** 0.5
    print(
        f"seed {seed}: {sum(killed.values())} of {len(rows)} mutants killed ({share:.1%} +-{error:.1%} at 95 %) "
        f"of {len(everything)} possible, {time.monotonic() - begin:.0f} s"
    )


if __name__ == "__main__":
    main()
