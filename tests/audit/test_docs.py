"""Every question of docs/audit.md runs on an audit of a simulated fleet, in SQL and in pandas, and they agree."""

from __future__ import annotations

import re
import subprocess
import sys

import duckdb
import pytest

from dronecheck.settings import Options


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, repo):
    folder = tmp_path_factory.mktemp("fleet")
    maker = [sys.executable, str(repo / "samples" / "make_fleet.py"), "60", "--out", str(folder), "--damaged", "0.1"]
    subprocess.run([*maker, "--seed", "7"], check=True, timeout=120)
    return folder


def blocks(repo, language):
    text = (repo / "docs" / "audit.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_questions_of_the_page_run(audit, fleet, repo, tmp_path, monkeypatch, capsys):
    audit([fleet / "logs"], tmp_path / "audit", options=Options(zones=(fleet / "zones.geojson",)))
    monkeypatch.chdir(tmp_path)
    answers = [duckdb.sql(sql).fetchall() for sql in blocks(repo, "sql")]
    assert len(answers) == 6
    names: dict[str, object] = {}
    for block in blocks(repo, "python"):
        exec(compile(block, "docs/audit.md", "exec"), names)
    capsys.readouterr()
    assert [row[0] for row in answers[0]] == names["entered"]["file"].tolist() and answers[0]
    assert dict(answers[1]) == names["open_ones"]["cause"].value_counts().to_dict()
    assert sum(row[1] for row in answers[2]) == len(names["ok"])
    assert sum(row[2] for row in answers[3]) == len(names["bad"]) > 0
    assert sorted(row[0] for row in answers[4]) == sorted(names["odd"]["file"])
    highest = names["highest"].to_dict()
    flights = names["flights"].set_index("file")["sha256"].to_dict()
    assert answers[5] and all(value is None or highest[flights[file]] == value for file, value in answers[5])


def test_the_fleet_is_the_same_every_time(fleet, repo, tmp_path):
    maker = [sys.executable, str(repo / "samples" / "make_fleet.py"), "60", "--out", str(tmp_path), "--damaged", "0.1"]
    subprocess.run([*maker, "--seed", "7", "--workers", "2"], check=True, timeout=120)
    names = sorted(p.relative_to(fleet) for p in fleet.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert all((fleet / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_no_answer_about_the_fleet_is_wrong(audit, fleet, repo, tmp_path):
    from benchmarks.fleet_score import score
    from tests.audit.conftest import exported

    audit([fleet / "logs"], tmp_path / "audit", options=Options(zones=(fleet / "zones.geojson",)))
    (tmp_path / "audit.csv").write_bytes(exported(tmp_path / "audit"))
    lines, wrong = score(fleet, tmp_path / "audit.csv")
    assert wrong == 0, "\n".join(lines)
    assert any("60 files, 60 in the audit" in line for line in lines)
