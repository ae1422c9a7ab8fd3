"""`--report FOLDER` of several flights: an index beside their pages, worst first, and nothing that it may overwrite."""

from __future__ import annotations

import re
import shutil

import pytest


@pytest.fixture
def logs(repo, tmp_path):
    """Copies of a clear flight, called `index`, and of one that entered."""
    kept = tmp_path / "logs"
    kept.mkdir()
    shutil.copy(repo / "samples/clear_dandong.csv", kept / "index.csv")
    shutil.copy(repo / "samples/founding_dandong_sinuiju.ulg", kept / "entered.ulg")
    return [kept / "index.csv", kept / "entered.ulg"]


def rows(page):
    return re.findall(r"<tr>.*?</tr>", page.read_text("utf-8"))[1:]


def test_each_flight_is_named_with_its_answer_times_and_page(cli, logs, tmp_path):
    out = tmp_path / "out"
    code, said, _ = cli("check", *logs, "--report", out)
    assert code == 1
    assert f"wrote {out / 'index.html'}" in said
    assert sorted(p.name for p in out.iterdir()) == ["entered.html", "index-2.html", "index.html"]
    first, second = rows(out / "index.html")
    assert 'href="entered.html"' in first and "ENTERED North Korea" in first and "2025-09-20 06:41" in first
    assert 'href="index-2.html"' in second and "No border crossed" in second and "index.csv" in second
    assert "<script></script>" in (out / "index.html").read_text("utf-8")  # none, and a policy that allows none


def test_the_same_again_and_unreadable_logs_have_a_row(cli, logs, tmp_path):
    bad = tmp_path / "logs" / "notes.csv"
    bad.write_bytes(b"nothing")
    pages = []
    for name in ("one", "two"):
        cli("check", *logs, bad, "--report", tmp_path / name)
        pages.append((tmp_path / name / "index.html").read_bytes())
    assert pages[0] == pages[1]
    assert [re.search(r"could not be read", row) is not None for row in rows(tmp_path / "one/index.html")] == [
        False, True, False,
    ]  # fmt: skip
    assert b"2 flights" in pages[0]


def test_json_on_the_terminal_stands_alone_and_one_flight_has_no_index(cli, logs, tmp_path):
    _, said, _ = cli("check", *logs, "--report", tmp_path / "many", "--json", "-")
    assert "wrote" not in said and (tmp_path / "many/index.html").exists()
    (tmp_path / "one").mkdir()
    assert cli("check", logs[1], "--report", tmp_path / "one")[0] == 1
    assert [p.name for p in (tmp_path / "one").iterdir()] == ["entered.html"]


def test_an_input_is_never_overwritten(cli, logs):
    log = logs[0].with_name("index.html")
    shutil.copy(logs[0], log)
    before = log.read_bytes()
    code, _, err = cli("check", log, logs[1], "--report", log.parent)
    assert code == 2
    assert "index.html is the input" in err
    assert log.read_bytes() == before


def test_what_is_hidden_is_hidden_in_the_index(cli, logs, tmp_path):
    cli("check", *logs, "--report", tmp_path / "out", "--hide-home", 500)
    text = (tmp_path / "out/index.html").read_text("utf-8")
    assert str(tmp_path) not in text
    assert not re.search(r"\d+\.\d{3,}", text)
