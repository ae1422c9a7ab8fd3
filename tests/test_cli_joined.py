"""Several files and folders on the command line: what is of one flight has the outputs of one log."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import jsonschema
import pytest

from dronecheck.flight.joined import Ends
from tests.conftest import REPO
from tests.support.airdata import airdata
from tests.support.dataflash_writer import Dataflash
from tests.support.tlog_writer import Tlog
from tests.test_joined import cut

SAMPLES = REPO / "samples"
FILMED, CLEAR = SAMPLES / "founding_dandong_sinuiju.SRT", SAMPLES / "clear_dandong.csv"


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    return cut(FILMED, [0.35, 0.7], folder)


def test_one_flight_has_one_verdict_one_document_and_one_page(cli, films, tmp_path):
    outs = [tmp_path / name for name in ("a.json", "a.html", "a.pdf", "plots", "a.geojson")]
    options = [
        w for o, out in zip(("json", "report", "pdf", "plots", "export"), outs, strict=True) for w in (f"--{o}", out)
    ]
    code, said, _ = cli("check", *reversed(films), *options)
    assert code == cli("check", FILMED)[0] == 1
    assert said.startswith("ENTERED North Korea") and said.count("ENTERED North Korea (PRK)") == 2
    assert "logs:" not in said
    assert all(out.exists() for out in outs)
    assert (tmp_path / "plots" / "map.png").is_file()
    document = json.loads(outs[0].read_text())
    schema = json.loads((REPO / "src/dronecheck/report/json/result.schema.json").read_text())
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    assert document["input"] == document["inputs"][0]
    assert [one["path"] for one in document["inputs"]] == [film.name for film in films]
    assert [one["bytes"] for one in document["inputs"]] == [film.stat().st_size for film in films]
    assert {e["file"] for f in document["findings"] for e in f["evidence"]} == {film.name for film in films}
    page = outs[1].read_text()
    assert all(f"<strong>{n} {film.name}</strong>" in page for n, film in enumerate(films, 1))
    assert f"of {films[0].name} to line" in page


def test_separate_ends_it(cli, films):
    code, said, _ = cli("check", *films, "--separate")
    assert code == 1  # the first film has the take-off and the crossing
    assert said.splitlines()[-1].startswith("3 logs: 1 violation")


def test_a_folder_is_read_with_what_is_below_and_other_files_are_counted(cli, films, tmp_path):
    folder = films[0].parent
    (folder / "deeper").mkdir()
    shutil.move(films[2], folder / "deeper" / films[2].name)
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe1\0\x10Exif" + bytes(500))
    (folder / "deeper" / "manual.pdf").write_bytes(b"%PDF-1.7\n" + bytes(500))
    code, said, err = cli("check", folder)
    assert (code, err) == (1, "")
    assert "one flight of 3 files" in " ".join(said.split())
    assert said.splitlines()[-1] == "2 other files, which are no flight logs"
    code, said, _ = cli(folder, "--no-open", "--report", tmp_path / "page.html")
    assert (code, (tmp_path / "page.html").is_file()) == (1, True)
    out = cli("check", folder, CLEAR, "--json", "-")[1]
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["VIOLATION", "CLEAR"]


@pytest.mark.parametrize("start", [(), ("check",)])
def test_a_folder_without_a_log_is_a_mistake_and_with_very_many_is_for_the_audit(start, cli, tmp_path):
    code, out, err = cli(*start, tmp_path)
    assert (code, out) == (2, "")
    assert "a folder without a flight log (there is nothing in it and below)" in err
    (tmp_path / "notes.md").write_text("nothing")
    assert "one other file" in cli(*start, tmp_path)[2]
    for number in range(201):
        (tmp_path / f"{number}.csv").hardlink_to(CLEAR) if number else shutil.copy(CLEAR, tmp_path / "0.csv")
    code, out, err = cli(*start, tmp_path)
    assert (code, out) == (2, "")
    assert f"more than 200 flight logs; dronecheck audit run {tmp_path} --out DIR" in err


def test_one_that_cannot_be_read_is_told_and_the_others_are_joined(cli, films, tmp_path):
    empty = tmp_path / "empty.srt"
    empty.touch()
    code, said, err = cli("check", films[0], empty, *films[1:])
    assert code == 1
    assert "empty.srt: an empty file" in err
    assert said.splitlines()[-1] == "4 logs of 2 flights: 1 violation, 1 unreadable"
    inland = airdata(tmp_path / "inland.csv", 47.0, 2.0, 47.004, 2.004)
    assert cli("check", inland, empty)[0] == 3


def test_what_can_be_of_no_other_log_is_named_with_why(cli, films, tmp_path):
    """Several vehicles, no date, a clock that starts again: two copies of a folder's logs, each judged alone."""
    two = Tlog()
    undated, restarted = Dataflash(), Dataflash()
    for row in range(60):
        for system in (1, 2):
            two.beat(10 + row, system=system)
            two.clock(10 + row, system=system)
            two.gps(10 + row, 47.0, 8.0 + row * 1e-4, system=system)
    for start in (0.0, 0.01):
        for row in range(60):
            restarted.gps(10 + row, 47.0 + start, 8.0 + row * 1e-4)
    for row in range(60):
        undated.gps(10 + row, 47.0, 8.0 + row * 1e-4, week=0)
    alone = {"two.tlog": two, "undated.bin": undated, "restarted.bin": restarted}
    for name, log in alone.items():
        (tmp_path / name).write_bytes(log.bytes)
    said = cli("check", *films, *(tmp_path / name for name in alone))[1]
    line = said.splitlines()[-1]
    assert line == (
        "judged alone, whatever flight it is of: two.tlog (several vehicles), undated.bin (no date), "
        "restarted.bin (a clock that starts again)"
    )
    assert "judged alone" not in cli("check", *films, CLEAR)[1]
    assert "judged alone" not in cli("check", *(tmp_path / name for name in alone), "--separate")[1]


def test_a_fault_of_the_program_is_told_for_its_log_and_hides_no_other(cli, films, monkeypatch):
    """It happens while the logs are told apart, once: nothing may be lost of it."""
    of, failures = Ends.of, [KeyError("a slip")]

    def slips(flight):
        if flight.source.path == CLEAR and failures:
            raise failures.pop()
        return of(flight)

    monkeypatch.setattr(Ends, "of", slips)
    code, said, err = cli("check", *films, CLEAR)
    assert code == 70
    assert "clear_dandong.csv: failed; no verdict (KeyError: 'a slip')" in err
    assert said.splitlines()[-1] == "4 logs of 2 flights: 1 violation, 1 failed"


def test_where_home_cannot_be_found_for_a_fault_of_the_program_nothing_is_shown(cli, films, monkeypatch, capfd):
    """The fault goes on to `main`, which makes it exit code 70."""

    def slips(*_):
        raise TypeError("a slip")

    monkeypatch.setattr("dronecheck.report.privacy.homes.homes_of", slips)
    with pytest.raises(TypeError, match="a slip"):
        cli("check", films[0], CLEAR, "--hide-home", "200")
    assert capfd.readouterr().out == ""


def test_the_document_of_a_flight_that_failed_names_all_its_files(cli, films, monkeypatch):
    def slips(*_, **__):
        raise TypeError("a slip")

    monkeypatch.setattr("dronecheck.settings.CheckSetup.judge_files", slips)
    code, out, _ = cli("check", *films, CLEAR, "--json", "-")
    schema = json.loads((REPO / "src/dronecheck/report/json/result.schema.json").read_text())
    joined, other = documents = [json.loads(line) for line in out.splitlines()]
    for document in documents:
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
        assert (document["verdict"], document["error"]["code"]) == (None, "internal_failure")
        assert document["input"] == document["inputs"][0]
    assert code == 70
    assert [(one["path"], one["bytes"]) for one in joined["inputs"]] == [(f.name, f.stat().st_size) for f in films]
    assert [one["path"] for one in other["inputs"]] == [CLEAR.name]


def test_where_pages_and_exports_go(cli, films, tmp_path):
    assert cli("check", *films, "--report", tmp_path / "new")[0] == 1
    assert [page.name for page in (tmp_path / "new").iterdir()] == [f"{films[0].stem}.html"]
    code, _, err = cli("check", *films, CLEAR, "--report", tmp_path / "page.html")
    assert (code, "of 2 flights; name a folder such as" in err) == (2, True)
    assert cli("check", *films, CLEAR, "--export", tmp_path / "a.csv")[0] == 2
    assert not (tmp_path / "page.html").exists()


def test_the_exit_code_is_that_of_all_logs_when_nobody_reads_on(clean_env, films, tmp_path):
    inland = [airdata(tmp_path / f"{n}.csv", 47.0 + n, 2.0, 47.004 + n, 2.004) for n in range(3)]
    for words in ([*inland, FILMED], [FILMED, "--json", "-"], [*films, "--report", tmp_path / "page.html"]):
        command = [sys.executable, "-m", "dronecheck", "check", *map(str, words)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env) as process:
            process.stdout.close()  # before a word is said
            errors = process.stderr.read()
            assert (process.wait(), errors) == (1, b""), words
    assert (tmp_path / "page.html").is_file()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--home", "China"], ["--home", "CHN"]),
        (["--home", " chn "], ["--home", "CHN"]),
        (["--home", "UK"], ["--home", "GBR"]),
        (["--home", "북한"], ["--home", "PRK"]),
        (["--home", "朝鲜"], ["--home", "PRK"]),
        (["--allow", "north korea, South Korea"], ["--allow", "PRK,KOR"]),
        (["--max-height", "300ft"], ["--max-height", "91.44"]),
        (["--max-height", "90 m"], ["--max-height", "90"]),
        (["--max-agl", "0.4 km"], ["--max-agl", "400"]),
        (["--relief", "1,000'", "--max-agl", "5000"], ["--relief", "304.8", "--max-agl", "5000"]),
    ],
)
def test_what_people_type_is_what_they_mean(cli, typed, meant):
    log = SAMPLES / "founding_dandong_sinuiju_airdata.csv"
    assert cli("check", log, *typed) == cli("check", log, *meant)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--home", "Korea"], "KOR (South Korea), PRK (North Korea)"),
        (["--allow", "CHN,Congo"], "COD (Congo - Kinshasa), COG (Congo - Brazzaville)"),
        (["--home", "Germny"], "DEU (Germany)"),
        (["--home", "CH"], "use ISO 3166-1 alpha-3 codes such as"),
        (["--max-height", "120x"], "120x is no length; give metres such as 120, or 120m, 400ft"),
        (["--max-height", "400", "ft"], "ft: no such file; a length with its unit is one word, such as 400ft"),
        (["--report", "a.json"], "--report a.json: .json is written by --json"),
        (["--pdf", "a.html", "--report", "b.html"], "--pdf a.html: .html is written by another option"),
        (["--plots", "map.png"], "--plots map.png: several plots are written; name a folder"),
        (["--json", "a.html"], "for a page or a document --report a.html"),
    ],
)
def test_what_cannot_be_meant_says_what_to_do(cli, words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = cli("check", CLEAR, *words)
    assert (code, out) == (2, "")
    assert says in " ".join(err.split()).replace("│ ", "").replace(" │", "")
    assert list(tmp_path.iterdir()) == []


def test_a_document_is_told_by_its_ending_and_a_path_by_what_is_there(cli, tmp_path):
    assert cli("check", CLEAR, "--report", tmp_path / "a.pdf")[0] == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert cli("check", CLEAR, "--pdf", tmp_path / "a.html")[0] == 0
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    spaced = tmp_path / "my log.csv"
    shutil.copy(CLEAR, spaced)
    for name in (f"'{spaced}'", f'"{spaced}"', spaced.as_uri()):
        assert cli("check", name)[0] == 0, name
        assert cli("--no-open", name)[0] == 0, name
    assert cli("check", "'absent.csv'")[0] == 2
