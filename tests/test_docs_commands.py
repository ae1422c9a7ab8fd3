"""The pages generated from code have not drifted; commands and examples in the documents run as written."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from itertools import pairwise

import pytest

from dronecheck.airspace import load_zones
from dronecheck.cli import run as run_cli
from tests.conftest import REPO

PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


@pytest.mark.parametrize(("maker", "page"), [("make_cli_reference.py", "cli.md"), ("make_json_page.py", "json.md")])
def test_a_generated_page_has_not_drifted(maker, page):
    made = runpy.run_path(str(REPO / "docs" / maker))["page"]()
    assert (REPO / "docs" / page).read_text(encoding="utf-8") == made, "run make cli-reference"


def commands(page):
    """The console commands of a page, in order: lines that begin with `$ dronecheck`."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ dronecheck")]


WITH_COMMANDS = [page for page in PAGES if commands(page)]


def test_the_pages_of_all_three_users_have_commands():
    assert {page.stem for page in WITH_COMMANDS} >= {"pilot", "investigator", "auditor"}


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.stem)
def test_its_commands_run(page, tmp_path, monkeypatch, home, capfd):
    shutil.copytree(REPO / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    for line in commands(page):
        words = shlex.split(line)
        monkeypatch.setattr("sys.argv", words)
        code = run_cli()
        _, err = capfd.readouterr()
        assert code in (0, 1, 4), (line, code, err)
        for place, word in pairwise(words):
            if place in ("-o", "--report", "--json", "--plots", "--out"):
                assert (tmp_path / word).exists(), (line, word)


def test_the_zone_reader_of_the_page_reads(tmp_path, monkeypatch):
    text = (REPO / "docs" / "adding-a-zone-format.md").read_text(encoding="utf-8")
    whole = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "import shapely" in b)
    (tmp_path / "myzones.py").write_text(whole)
    monkeypatch.syspath_prepend(str(tmp_path))
    import myzones

    from dronecheck import airspace

    real = airspace.load_reader
    monkeypatch.setattr(airspace, "ZONE_READERS", (*airspace.ZONE_READERS, "myzones"))
    monkeypatch.setattr(airspace, "load_reader", lambda name: myzones if name == "myzones" else real(name))
    (tmp_path / "a.myz").write_text("MYZ1\nTower;0;120;40.0,124.0 40.0,124.1 40.1,124.1\nbroken\n")
    zones = load_zones([tmp_path / "a.myz"])
    assert [zone.name for zone in zones.zones] == ["Tower"] and zones.zones[0].upper.value_m == 120
    assert [issue.code.value for issue in zones.issues] == ["zone_skipped"]


def python_blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_of_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(REPO)
    (block,) = python_blocks(REPO / "README.md")
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    assert "VIOLATION North Korea" in capsys.readouterr().out


def test_the_csv_dialect_of_the_page_is_read(tmp_path, monkeypatch):
    import tomllib

    from dronecheck import read
    from dronecheck.readers import csv_dialects

    text = (REPO / "docs" / "adding-a-reader.md").read_text(encoding="utf-8")
    table = re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1]
    assert tomllib.loads(table)["my_logger"]["title"] == "My logger"
    whole = (REPO / "src/dronecheck/readers/csv_dialects.toml").read_text(encoding="utf-8")
    (tmp_path / "dialects.toml").write_text(f"{whole}\n{table}", encoding="utf-8")
    csv_dialects.dialects.cache_clear()
    monkeypatch.setattr(csv_dialects, "DIALECTS", tmp_path / "dialects.toml")
    try:
        rows = [f"2026-05-01T03:00:0{n}Z,40.{n},124.0,{n},5" for n in range(6)]
        log = tmp_path / "log.csv"
        log.write_text("\n".join(["utc,lat_wgs,lon_wgs,alt_rel[m],spd", *rows]) + "\n")
        flight = read(log)
        assert (flight.source.dialect, flight.clock.utc_known) == ("my_logger", True)
        assert flight.track.alt_home_m.tolist() == [0, 1, 2, 3, 4, 5]
    finally:
        csv_dialects.dialects.cache_clear()
