"""`dronecheck FILE...`: logs and zone files as they come, exit codes as `check`, a page that is opened."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from dronecheck.recognition import Kind, recognise_file
from tests.conftest import REPO

SAMPLES = REPO / "samples"
CLEAR, FOUNDING = SAMPLES / "clear_dandong.csv", SAMPLES / "founding_dandong_sinuiju.ulg"
OPEN, AGAIN = SAMPLES / "bank_hugging_dandong.ulg", SAMPLES / "founding_dandong_sinuiju.gpx"
RESTRICTED, ZONES = SAMPLES / "restricted_zone.csv", SAMPLES / "restricted_zone.geojson"


@pytest.fixture
def opened(tmp_path, monkeypatch) -> list[str]:
    """The addresses that the browser was asked for; temporary folders are made in the test's own."""
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return asked


def pages_of(out: str) -> list[Path]:
    """The pages of flights, without their index."""
    pages = [Path(path) for path in re.findall(r"^wrote (.*\.html)$", out, re.MULTILINE)]
    return [page for page in pages if page.name != "index.html"]


@pytest.mark.parametrize(("log", "code"), [(CLEAR, 0), (FOUNDING, 1), (OPEN, 4)])
def test_a_log_alone_is_checked_and_its_page_opened(log, code, cli, opened, tmp_path):
    checked, said, _ = cli("check", log)
    found, out, err = cli(log)
    assert (found, err) == (checked, "")
    assert found == code
    (page,) = pages_of(out)
    assert page.is_relative_to(tmp_path)
    assert page.name == f"{log.stem}.html"
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert opened == [page.as_uri()]
    assert out == f"{said}wrote {page}\n"


def test_without_the_browser_the_page_is_written_all_the_same(cli, opened):
    code, out, _ = cli(CLEAR, "--no-open")
    assert code == 0
    assert pages_of(out)[0].is_file()
    assert opened == []


@pytest.mark.parametrize("order", [(RESTRICTED, ZONES), (ZONES, RESTRICTED)])
def test_zone_files_among_the_files_are_the_zones(order, cli, opened, tmp_path):
    code, out, _ = cli(*order)
    wanted, said, _ = cli("check", RESTRICTED, "--zones", ZONES, "--report", tmp_path / "check.html")
    assert (code, wanted) == (1, 1)
    (page,) = pages_of(out)
    assert out.replace(str(page), "PAGE") == said.replace(str(tmp_path / "check.html"), "PAGE")
    assert page.read_bytes() == (tmp_path / "check.html").read_bytes()


def test_zone_files_are_told_by_what_is_in_them(cli, opened, tmp_path):
    hidden = tmp_path / "dragged.dat"
    shutil.copy(ZONES, hidden)
    assert recognise_file(hidden) is Kind.ZONES
    code, out, _ = cli(RESTRICTED, hidden, "--no-open")
    assert code == 1
    assert "dragged.dat" in out


def test_several_logs_have_a_page_each_and_the_worst_exit_code(cli, opened):
    code, out, _ = cli(CLEAR, FOUNDING, AGAIN, OPEN)
    assert code == cli("check", CLEAR, FOUNDING, AGAIN, OPEN)[0] == 1
    pages = pages_of(out)
    names = ["clear_dandong.html", "founding_dandong_sinuiju.html", "founding_dandong_sinuiju-2.html",
             "bank_hugging_dandong.html"]  # fmt: skip
    assert [page.name for page in pages] == names
    assert opened == [pages[0].with_name("index.html").as_uri()]  # it leads to all
    assert "4 logs: 2 violation, 1 cannot tell, 1 clear" in out


def test_of_many_logs_a_few_pages_are_opened(cli, opened, tmp_path):
    logs = [shutil.copy(CLEAR, tmp_path / f"{number}.csv") for number in range(9)]
    code, out, _ = cli(*logs)
    assert code == 0
    assert len(pages_of(out)) == 9
    assert len(opened) == 1


@pytest.mark.parametrize("before", [True, False])
def test_options_of_check_stand_before_and_after_the_files(before, cli, opened):
    options = ["--allow", "PRK", "--lang", "ko", "--no-open"]
    words = [*options, FOUNDING] if before else [FOUNDING, *options]
    code, out, err = cli(*words)
    assert (code, err) == (0, "")
    assert '<html lang="ko">' in pages_of(out)[0].read_text("utf-8")


def test_a_page_goes_where_it_is_wanted(cli, opened, tmp_path):
    wanted = tmp_path / "here.html"
    code, out, _ = cli(CLEAR, "--report", wanted)
    assert code == 0
    assert pages_of(out) == [wanted]
    assert opened == [wanted.as_uri()]


def test_the_json_of_check_is_alone_on_the_terminal(cli, opened):
    assert cli(CLEAR, "--json", "-", "--no-open") == cli("check", CLEAR, "--json", "-")


def test_zones_by_option_and_by_file_are_both_used(cli, opened):
    other = SAMPLES / "zones" / "fictitious.geojson"
    code, out, _ = cli(RESTRICTED, ZONES, "--zones", other, "--no-open")
    assert code == 1
    assert cli("check", RESTRICTED, "--zones", other, "--zones", ZONES)[1] in out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["absent.ulg"], 2, "absent.ulg: no such file, nor a command; dronecheck --help"),
        (["chekc"], 2, "chekc: no such file, nor a command"),
        ([CLEAR, "absent.ulg"], 2, "absent.ulg: no such file"),
        (["FOLDER"], 2, "a folder without a flight log"),
        ([ZONES], 2, "has zones, not a flight log; name a log, too"),
        ([CLEAR, "--home", "ATLANTIS"], 2, "ATLANTIS"),
        (["NOISE"], 3, "noise.bin"),
    ],
)
def test_a_mistake_is_one_line_and_opens_nothing(words, code, says, cli, opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 4)
    stands_for = {"FOLDER": "logs", "NOISE": "noise.bin"}
    found, out, err = cli(*(stands_for.get(word, word) for word in words))
    assert (found, out) == (code, "")
    assert len(err.splitlines()) == 1
    assert says in err
    assert opened == []
    assert list(tmp_path.rglob("*.html")) == []
    assert list(tmp_path.glob("dronecheck-*")) == []  # no folder is left behind


def test_an_option_that_is_none_is_a_mistake(cli, opened):
    code, _, err = cli(CLEAR, "--nonsense")
    assert code == 2
    assert "--nonsense" in err
    assert opened == []


def test_of_several_the_readable_are_opened(cli, opened, tmp_path):
    noise = tmp_path / "noise.bin"
    noise.write_bytes(bytes(range(256)) * 4)
    code, out, err = cli(CLEAR, noise)
    assert code == cli("check", CLEAR, noise)[0] == 3
    assert "noise.bin" in err
    assert [page.name for page in pages_of(out)] == ["clear_dandong.html"]
    assert len(opened) == 1


def test_names_of_logs_stay_in_the_folder(cli, opened, tmp_path):
    for name in ("-rf.csv", "..csv", "a b.csv", "<b>.csv"):
        log = tmp_path / name
        shutil.copy(CLEAR, log)
        code, out, err = cli("--no-open", log)
        assert (code, err) == (0, ""), name
        (page,) = pages_of(out)
        assert page.parent.parent == tmp_path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--help"], "Was it where it was allowed to be?"),
        (["--version"], "dronecheck "),
        (["check", "--help"], "Check one or more flight logs."),
        (["formats"], "flight logs"),
    ],
)
def test_commands_and_their_help_stay_as_they_are(words, says, cli, opened):
    code, out, _ = cli(*words)
    assert code == 0
    assert says in out
    assert opened == []


def test_the_help_tells_of_it_and_lists_no_command_for_it(cli):
    out = cli("--help")[1]
    assert "dronecheck FILE..." in out
    assert not re.search(r"^\W*look\b", out, re.MULTILINE)


def test_a_file_that_has_the_name_of_a_command_is_given_with_its_folder(cli, opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(CLEAR, tmp_path / "check")
    code, out, _ = cli("./check", "--no-open")
    assert code == 0
    assert len(pages_of(out)) == 1
