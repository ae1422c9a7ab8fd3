"""What the tree promises a reader: names that exist once, small folders, an engine without sentences, one table."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from dronecheck.airspace import ZONE_READERS
from dronecheck.audit.tables.columns import FINDINGS
from dronecheck.geofence.result import Finding
from dronecheck.readers import READERS
from dronecheck.report.columns import FINDING_COLUMNS, NOT_IN_TABLES
from dronecheck.report.export.table import COLUMNS, LEFT_OUT
from dronecheck.report.json.document import FindingEntry
from tests.conftest import REPO

SOURCE = REPO / "src" / "dronecheck"
MODULES = sorted(SOURCE.rglob("*.py"))
PACKAGES = sorted({path.parent for path in MODULES})
MOST = 12
ZONE_FAMILIES = {module.partition(".")[0] for module in ZONE_READERS.values()}
# The top level; one a format, and what they share; one a family, ed and maker behind json, feeds, and what they share.
MORE = {"dronecheck": 29, "readers": len(READERS) + 1, "airspace": len(ZONE_FAMILIES) + 8}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# ---- names


def homes(trees: dict[str, ast.Module]) -> dict[str, list[str]]:
    """Where each class is defined; a private one counts as one of the same name without the line before it."""
    found = defaultdict(list)
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name.removeprefix("_")].append(f"{name}:{node.lineno}")
    return found


def test_a_class_name_exists_once():
    found = homes({path.relative_to(SOURCE).as_posix(): tree_of(path) for path in MODULES})
    assert len(found) > 200
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_a_second_class_of_a_name_would_be_found():
    made = homes({"a": ast.parse("class One: pass\nclass Two: pass"), "b": ast.parse("def f():\n  class _One: pass")})
    assert made == {"One": ["a:1", "b:2"], "Two": ["a:2"]}


# ---- folders


def entries(folder: Path) -> list[str]:
    """The modules and packages in a folder, by name; data, the face and the way in do not count."""
    modules = [p.stem for p in folder.glob("*.py") if p.stem not in ("__init__", "__main__")]
    return sorted([*modules, *(p.name for p in folder.iterdir() if p in PACKAGES)])


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda p: p.relative_to(SOURCE.parent).as_posix())
def test_a_folder_can_be_seen_at_a_glance(folder):
    assert (folder / "__init__.py").is_file()
    assert len(entries(folder)) <= MORE.get(folder.name, MOST), entries(folder)


def test_readers_are_one_a_format():
    assert entries(SOURCE / "readers") == sorted([*READERS, "common"])


# ---- the engine's strings


def spoken(tree: ast.Module) -> Iterator[str]:
    """Strings with a space and a letter that are no docstring and no part of a `__repr__`; {} for what is put in."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.body and isinstance(node.body[0], ast.Expr):
                silent.add(id(node.body[0].value))
            if getattr(node, "name", "") == "__repr__":
                silent |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text and any(letter.isalpha() for letter in text):
            yield text


def test_the_engine_holds_no_sentence():
    paths = sorted((SOURCE / "geofence").rglob("*.py"))
    assert len(paths) > 30
    assert {f"{path.name}: {text!r}" for path in paths for text in spoken(tree_of(path))} == set()


@pytest.mark.parametrize(("line", "found"), [
    ('x = "no zone"', ["no zone"]), ('x = f"{a} inside"', ["{} inside"]), ('x = f"{a + \'b c\'}"', ["b c"]),
    ('x = "code"', []), ('x = ", ".join(y)', []), ('def f():\n  """Return it all."""', []),
    ('class A:\n  def __repr__(self):\n    return f"<A of {self.n} fixes>"', []), ("def f(x=' m/s'): pass", [" m/s"]),
    ('def f():\n  x = 1\n  "no docstring"', ["no docstring"]),
])  # fmt: skip
def test_what_counts_as_spoken(line, found):
    assert list(spoken(ast.parse(line))) == found


# ---- issue codes

# Who may be given a code: what notes a thing, and what says why a file was refused.
TAKES_CODE = {"Issue", "UnreadableInput", "Outcome"}


def codes_read(tree: ast.Module) -> Iterator[str]:
    """Where a member of `Code` stands for anything else than to note something."""
    given: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TAKES_CODE:
            given |= {id(part) for part in (*node.args, *(keyword.value for keyword in node.keywords))}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="Code"), attr=name) if id(node) not in given:
                yield f"{node.lineno}: Code.{name}"


def codes_compared(tree: ast.Module) -> Iterator[str]:
    """Where a member of `Code` is compared with something that was noted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue):
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "Code":
                    yield f"{part.lineno}: Code.{part.attr}"


@pytest.mark.parametrize("part", ["airspace", "readers", "media"])
def test_who_notes_codes_asks_none_back(part):
    paths = sorted((SOURCE / part).rglob("*.py"))
    assert [f"{path.name}:{place}" for path in paths for place in codes_compared(tree_of(path))] == []


@pytest.mark.parametrize(("line", "found"), [
    ("x = 1 if i.code is Code.A else 2", ["1: Code.A"]), ("x = i.code in (Code.A, B)", ["1: Code.A"]),
    ("match c:\n  case Code.A: pass", ["2: Code.A"]), ("notes.add(Code.A if x else Code.B)", []),
])  # fmt: skip
def test_a_code_that_is_asked_back_is_found(line, found):
    assert list(codes_compared(ast.parse(line))) == found


@pytest.mark.parametrize("part", ["geofence", "settings.py", "cli", "audit", "authorisation_file.py"])
def test_no_issue_code_decides_anything(part):
    paths = [SOURCE / part] if part.endswith(".py") else sorted((SOURCE / part).rglob("*.py"))
    assert paths
    assert [f"{path.name}:{place}" for path in paths for place in codes_read(tree_of(path))] == []


@pytest.mark.parametrize(("line", "found"), [
    ("Issue(Code.A, x)", []),
     ("raise UnreadableInput(code=Code.A)", []), ("x = i.code is Code.A", ["1: Code.A"]),
    ("Issue(B if i.code is Code.A else C)", ["1: Code.A"]),
    ("x = i.code in (Code.A, Code.B)", ["1: Code.A", "1: Code.B"]),
    ("match c:\n  case Code.A: pass", ["2: Code.A"]), ("W = {Code.A: 1}", ["1: Code.A"]),
])  # fmt: skip
def test_what_counts_as_reading_a_code(line, found):
    assert list(codes_read(ast.parse(line))) == found


# ---- one table for a finding

# Fields whose columns have another name, or several columns.
COLUMNS_OF = {
    "zone": ("zone_id", "zone_name", "zone_kind", "zone_source"),
    "authorised_by": ("authorisation",), "enter_ns": ("enter_utc",), "exit_ns": ("exit_utc",),
    "entry": ("entry_lat_deg", "entry_lon_deg"), "exit": ("exit_lat_deg", "exit_lon_deg"),
}  # fmt: skip


def test_every_field_of_a_finding_is_in_the_one_table_or_left_out_with_a_reason():
    names = {field.name for field in fields(Finding)}
    kept = names - NOT_IN_TABLES.keys()
    assert NOT_IN_TABLES.keys() <= names
    assert all(NOT_IN_TABLES.values())
    assert {column for name in kept for column in COLUMNS_OF.get(name, (name,))} == FINDING_COLUMNS.keys()


def test_every_field_of_a_finding_in_json_is_in_audits_and_exports_or_left_out_with_a_reason():
    names = set(FindingEntry.__struct_fields__)
    told = {name for name, column in FINDING_COLUMNS.items() if column.in_json}
    assert told <= names
    columns = {column for name in names - {"clauses"} for column in COLUMNS_OF.get(name, (name,))}
    assert "clauses" in NOT_IN_TABLES
    assert columns == FINDING_COLUMNS.keys()  # no column that JSON lacks, no field of JSON without a column
    assert columns - COLUMNS.keys() == LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
    renamed = {name: f"finding_{name}" for name in ("verdict", "duration_s", "reasons")}  # a flight has these itself
    assert {renamed.get(name, name) for name in columns} <= FINDINGS.keys()
