"""Do the tests notice a wrong geofence? One small change to the source at a time, and the tests on it. `make mutate`.

    python -m tests.mutation.run MUTANTS SEED [RESULTS]

A random sample of all changes to src/dronecheck/geo and src/dronecheck/geofence. Each is made in a forked child, by an
import hook, so that neither files nor the installed package change. A mutant is killed when a test fails or hangs.
Of tests/geo and tests/geofence those run that reach the changed statement (coverage by test, measured once without any
change), those named after the module first, then the quick ones. A test that does not reach it cannot notice it; what
runs outside of functions (constants, defaults) is put to all tests, and what runs while a test is set up, to all tests
of that file. A child may use CPU_S of processor time, so that a busy machine kills no mutant.
RESULTS (JSON lines) is gone on with when it exists: a run can be broken off.

Left out, because such mutants are equal to the original or change words only: `<` against `<=` on measured numbers
(comparisons are turned round instead), docstrings, messages, annotations, `__all__`, what only type checkers see.
"""

from __future__ import annotations

import ast
import copy
import importlib
import json
import os
import random
import resource
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import coverage
import numpy as np
import pytest
from hypothesis import Phase, settings

REPO = Path(__file__).resolve().parents[2]
SOURCE = REPO / "src" / "dronecheck"
PACKAGES = ("geo", "geofence")
CPU_S, WAIT_S = 300, 3_600

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


def patch(module_name: str, path: Path, tree: ast.Module) -> None:
    """Put the changed code into the loaded module: functions, methods, defaults and plain constants."""
    old = importlib.import_module(module_name)
    new = types.ModuleType(module_name)
    new.__file__ = str(path)
    exec(compile(tree, str(path), "exec"), new.__dict__)
    _patch_members(vars(old), vars(new), module_name)
    for name, value in list(vars(new).items()):
        was = vars(old).get(name)
        code = callable(value) and not isinstance(value, np.ufunc)  # put in above; a table of figures is not
        if name.startswith("__") or code or isinstance(value, types.ModuleType) or was is value:
            continue
        for module in [m for n, m in sys.modules.items() if n.startswith("dronecheck")]:
            if vars(module).get(name) is was:  # where it was imported to, too
                setattr(module, name, value)


def _patch_members(old: dict[str, object], new: dict[str, object], module_name: str) -> None:
    for name, member in list(new.items()):
        was = old.get(name)
        if isinstance(member, type) and isinstance(was, type) and member.__module__ == module_name:
            _patch_members(dict(vars(was)), dict(vars(member)), module_name)
        for one, other in zip(_functions(was), _functions(member), strict=False):
            if one.__module__ == module_name and len(one.__code__.co_freevars) == len(other.__code__.co_freevars):
                one.__code__ = other.__code__
                one.__defaults__, one.__kwdefaults__ = other.__defaults__, other.__kwdefaults__


def _functions(member: object) -> list[types.FunctionType]:
    """The functions behind a function, a method, a property or a cache."""
    if isinstance(member, property):
        found = [member.fget]
    else:
        found = [getattr(member, "func", None) or getattr(member, "__func__", None) or member]
    found = [getattr(one, "__wrapped__", one) for one in found]
    return [one for one in found if isinstance(one, types.FunctionType)]


def sources() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((SOURCE / package).rglob("[!_]*.py"))]


def places() -> Iterator[tuple[Path, int]]:
    for path in sources():
        counter = _Mutator()
        counter.visit(ast.parse(path.read_text(encoding="utf-8")))
        yield from ((path, number) for number in range(counter.count))


def mutant(path: Path, number: int) -> tuple[ast.Module, str]:
    mutator = _Mutator(number)
    tree = mutator.visit(copy.deepcopy(ast.parse(path.read_text(encoding="utf-8"))))
    return ast.fix_missing_locations(tree), mutator.what


def statement(path: Path, number: int) -> set[int]:
    """The lines of the function's statement with this place; none when it is outside of functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    mutator = _Mutator(number)
    line = int(mutator.visit(tree) and mutator.what.split(":")[0].removeprefix("line "))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[int] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        if any(
            line in _span(default) for default in [*function.args.defaults, *filter(None, function.args.kw_defaults)]
        ):
            return set()
        holders = [s for body in function.body for s in ast.walk(body) if isinstance(s, ast.stmt) and line in _span(s)]
        if holders:
            found = _span(min(holders, key=lambda s: len(_span(s))))
    return found


def _span(node: ast.expr | ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


class Reached:
    """Which lines of the packages each test runs, and each file's tests while they are set up."""

    def __init__(self) -> None:
        self.coverage = coverage.Coverage(data_file=None, include=[str(p) for p in sources()])
        self.coverage.start()

    def end(self) -> dict[str, dict[str, list[int]]]:
        self.coverage.stop()
        data = self.coverage.get_data()
        found: dict[str, dict[str, list[int]]] = {}
        for path in data.measured_files():
            for line, contexts in data.contexts_by_lineno(path).items():
                for context in contexts:
                    found.setdefault(context, {}).setdefault(path, []).append(line)
        return found

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.coverage.switch_context(str(item.path))

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        self.coverage.switch_context(item.nodeid)


class _Loop:
    """A pytest plugin: all tests are collected once; each mutant is a fork that runs them until one fails."""

    def __init__(self, chosen: list[tuple[Path, int]], results: Path) -> None:
        self.chosen, self.results, self.rows = chosen, results, list[dict[str, object]]()
        self.duration_s: dict[str, float] = {}
        self.reach: dict[str, dict[str, list[int]]] = {}  # test, module: lines it runs

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        begin = time.monotonic()
        killed, _ = self._run(session, None, session.items, timed=True)
        if killed:
            session.shouldfail = "the tests fail without any change"
            print(session.shouldfail)
            return True
        print(f"{len(session.items)} tests pass in {time.monotonic() - begin:.0f} s without any change", flush=True)
        known = {}
        if self.results.exists():
            for line in self.results.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                known[row["module"], row["number"]] = row
        for done, (path, number) in enumerate(self.chosen, 1):
            module = path.relative_to(SOURCE).as_posix()
            row = known.get((module, number))
            if row is None:
                killed, what = self._run(
                    session, (path, number), self._chosen(session.items, path, number), timed=False
                )
                row = {"module": module, "number": number, "what": what, "killed": killed}
                with self.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
            self.rows.append(row)
            if not row["killed"]:
                print(f"survived: {module} {row['what']}", flush=True)
            if done % 25 == 0:
                print(
                    f"... {done} of {len(self.chosen)}, {sum(bool(r['killed']) for r in self.rows)} killed", flush=True
                )
        return True

    def _chosen(self, items: list[pytest.Item], path: Path, number: int) -> list[pytest.Item]:
        """Tests that reach the statement; those named after the module first, then the quick ones."""
        lines, module = statement(path, number), str(path)

        def key(item: pytest.Item) -> tuple[bool, float]:
            stem = item.path.stem.removeprefix("test_")
            package = path.relative_to(SOURCE).parts[0]
            own = item.path.parent.name == package and (stem == path.stem or path.stem.startswith(stem))
            return not own, self.duration_s.get(item.nodeid, 0.0)

        def reaches(item: pytest.Item) -> bool:
            contexts = (item.nodeid, str(item.path))
            return any(not lines.isdisjoint(self.reach.get(c, {}).get(module, ())) for c in contexts)

        return sorted((item for item in items if not lines or reaches(item)), key=key)

    def _run(
        self, session: pytest.Session, place: tuple[Path, int] | None, items: list[pytest.Item], *, timed: bool
    ) -> tuple[bool, str]:
        tree, what = mutant(*place) if place else (None, "")
        child = os.fork()
        if not child:
            self._child(session, place, tree, items, timed)
        begin = time.monotonic()
        while time.monotonic() - begin < WAIT_S:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                if timed and not status:
                    told = json.loads(self.results.with_suffix(".times").read_text(encoding="utf-8"))
                    self.duration_s, self.reach = told["times"], told["reach"]
                return status != 0, what
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True, f"{what} (hangs)"

    def _child(
        self, session: pytest.Session, place: tuple[Path, int] | None, tree: ast.Module | None,
        items: list[pytest.Item], timed: bool,
    ) -> None:  # fmt: skip
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        code = 1
        if place:
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
        try:
            if place and tree:
                name = ".".join(place[0].relative_to(REPO / "src").with_suffix("").parts)
                patch(name, place[0], tree)
            reached = Reached() if timed else None
            if reached:
                session.config.pluginmanager.register(reached)
            times = {}
            for item, following in zip(items, [*items[1:], None], strict=True):
                begin = time.monotonic()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                times[item.nodeid] = time.monotonic() - begin
                if session.testsfailed:
                    break
            else:
                if reached:
                    text = json.dumps({"times": times, "reach": reached.end()})
                    self.results.with_suffix(".times").write_text(text, encoding="utf-8")
                code = 0
        except Exception as error:
            (self.results.with_suffix(".error")).write_text(repr(error), encoding="utf-8")
        finally:
            os._exit(code)


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    results = Path(sys.argv[3] if len(sys.argv) > 3 else REPO / "out/mutants.jsonl")
    results.parent.mkdir(exist_ok=True)
    os.chdir(REPO)
    everything = list(places())
    chosen = random.Random(seed).sample(everything, min(count, len(everything)))
    # A failing example is enough: shrinking it is for people.
    settings.register_profile("mutation", phases=[Phase.explicit, Phase.generate], deadline=None, max_examples=40)
    settings.load_profile("mutation")
    loop, begin = _Loop(chosen, results), time.monotonic()
    # The full assertions of pytest cost time, and only tell what a developer wants to read.
    quiet = ["-o", "addopts=--import-mode=importlib", "-p", "no:terminal", "--capture=no"]
    options = [
        *quiet,
        "--assert=plain",
        "-m",
        "not slow",
        "--hypothesis-seed=0",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    folders = [str(REPO / "tests" / package) for package in PACKAGES]
    if pytest.main([*options, *folders], plugins=[loop]) or not loop.rows:
        sys.exit("the tests fail without any change")
    rows = loop.rows
    total, killed = Counter(r["module"] for r in rows), Counter(r["module"] for r in rows if r["killed"])
    for module in sorted(total):
        print(f"{module:<44} {killed[module]:4d} of {total[module]:4d}")
    share = sum(killed.values()) / len(rows)
    error = 1.96 * (share * (1 - share) / len(rows)) ** 0.5
    print(
        f"seed {seed}: {sum(killed.values())} of {len(rows)} mutants killed ({share:.1%} +-{error:.1%} at 95 %) "
        f"of {len(everything)} possible, {time.monotonic() - begin:.0f} s"
    )


if __name__ == "__main__":
    main()
