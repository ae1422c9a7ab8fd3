"""The documentation says what the code says."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from importlib import import_module

import pytest

from dronecheck.cli import app
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import Reason
from dronecheck.issues import Code, Remedy
from dronecheck.readers import READERS, load
from dronecheck.report.text.templates import WHY_OPEN


def test_every_issue_code_is_explained_and_no_other(repo):
    explained = set(re.findall(r"^\| `(\w+)` \|", (repo / "docs/issues.md").read_text(), re.MULTILINE))
    assert explained == {code.value for code in Code}


def test_every_issue_code_is_said_by_something(repo):
    """A code that nothing says would promise a check that is not made."""
    code = "".join(p.read_text() for p in (repo / "src").rglob("*.py") if p.name != "issues.py")
    assert [c.name for c in Code if f"Code.{c.name}" not in code] == []


def test_every_open_reason_is_explained(repo):
    text = (repo / "docs/verdicts.md").read_text()
    assert {reason.value for reason in WHY_OPEN if reason.value not in text} == set()
    assert set(WHY_OPEN) <= set(Reason)


@pytest.mark.parametrize(
    ("heading", "codes", "least"), [("Clauses", ClauseCode, 15), ("Remedies", Remedy, 8), ("Closed lists", None, 60)]
)
def test_every_code_of_the_json_is_explained_and_no_other(repo, heading, codes, least):
    """A row with some words for each clause and each remedy; and every value of the schema's closed lists."""
    text = (repo / "docs/json.md").read_text(encoding="utf-8")
    part = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", part, re.MULTILINE))
    if codes is not None:
        assert rows.keys() == {code.value for code in codes}
        assert [code for code, told in rows.items() if len(told.split("|")[1].strip()) < least] == []
        return
    schema = json.loads((repo / "src/dronecheck/report/json/result.schema.json").read_text(encoding="utf-8"))
    lists = {name: {*one["enum"]} for name, one in schema["$defs"].items() if "enum" in one}
    assert {name: {*re.findall(r"`(\w+)`", told)} for name, told in rows.items()} == lists
    assert sum(map(len, lists.values())) > least


def test_every_option_and_link_of_the_readme_exists(repo):
    text = (repo / "README.md").read_text()
    check = next(c for c in app.registered_commands if c.name == "check" or c.callback.__name__ == "check")
    known = {f"--{name.replace('_', '-')}" for name in inspect.signature(check.callback).parameters} | {"--json"}
    commands = re.findall(r"dronecheck check ([^\n]*)", text)
    used = {option for line in commands for option in re.findall(r"--[a-z][a-z-]+", line)}
    assert used
    assert used <= known
    for target in re.findall(r"\]\(([^)h#][^)]*)\)", text):
        assert (repo / target.partition("#")[0]).exists(), target


def test_no_link_between_the_documents_is_dead(repo):
    for page in (*repo.glob("*.md"), *repo.glob("docs/*.md"), *repo.glob("samples/**/*.md")):
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (page.parent / target).exists(), (page.name, target)


def test_every_command_that_is_named_is_a_target_of_make(repo):
    targets = set(re.findall(r"^([a-z-]+):", (repo / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in (*repo.glob("*.md"), *repo.glob("docs/*.md")):
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, (page.name, named - targets)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_has_a_title_and_a_table_of_its_format(name):
    assert load(name).TITLE
    assert len(import_module(f"dronecheck.readers.{name}.reader").__doc__ or "") > 300


def test_nothing_names_a_machine_or_a_registry(repo):
    listed = subprocess.run(["git", "ls-files"], cwd=repo, capture_output=True, text=True, check=False).stdout.split()
    if not listed:
        pytest.skip("no git checkout")
    forbidden = re.compile(
        r"registry\.npm" r"js|pypi\.o" r"rg|files\.pythonhos" r"ted|deb\.deb" r"ian|/wo" r"rk/|/ro" r"ot/"
    )
    for name in listed:
        path = repo / name
        if path.suffix in (".py", ".toml", ".md", ".csv", ".json", ".geojson", "") and path.is_file():
            found = forbidden.search(path.read_text(errors="replace"))
            assert not found, (name, found)
