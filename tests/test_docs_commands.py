"""The pages generated from code have not drifted; commands and examples in the documents run as written."""

from __future__ import annotations

import inspect
import re
import runpy
import shlex
import shutil
from glob import glob
from itertools import pairwise

import numpy as np
import pytest

from dronecheck import readers
from dronecheck.airspace import ZONE_READERS, load_reader, load_zones
from dronecheck.readers import READERS
from tests.conftest import REPO
from tests.support.scale import full_only

PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


@pytest.mark.parametrize(("maker", "page"), [("make_cli_reference.py", "cli.md"), ("make_json_page.py", "json.md")])
def test_a_generated_page_has_not_drifted(maker, page):
    made = runpy.run_path(str(REPO / "docs" / maker))["page"]()
    assert (REPO / "docs" / page).read_text(encoding="utf-8") == made, "run make cli-reference"


# What the reader of a page is taken to have in the folder, and what stands for it here.
AT_HAND = {
    "flight.csv": "founding_dandong_sinuiju_airdata.csv",
    "flight.ulg": "founding_dandong_sinuiju.ulg",
    "zones.geojson": "restricted_zone.geojson",
    **{f"DJI_000{number}.SRT": "founding_dandong_sinuiju.SRT" for number in (1, 2, 3)},
    "logs/first.csv": "clear_dandong.csv",
    "logs/2026-05/flight.ulg": "founding_dandong_sinuiju.ulg",
    "ch-2026-03.json": "zones/fictitious.ed269.json",
}
WRITTEN = {
    "leave.csv": "zone,from,to,reference\nPRK,2025-09-20,2025-09-20,PERMIT 7\n",
    "roster.csv": "serial,registration,pilot,base\n",
}
OUTPUTS = ("-o", "--report", "--json", "--plots", "--out", "--pdf", "--export", "--plot")
ELSEWHERE = ("tcp://", "[options]", "[OPTIONS]", "[@DATE]", "--tsr")  # a cluster, lines of usage, an authority


def commands(page):
    """The command lines of a page in order, wherever they stand: in fences of any kind, or indented."""
    lines = re.findall(r"^ *(?:\$ )?(?:\.venv/bin/)?(dronecheck .*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    known = re.compile(
        r"dronecheck ((check|track|formats|zones|rules|audit|case|verify|keygen)\b|[\w/.-]+\.(csv|ulg)\b)"
    )
    return [line for line in lines if known.match(line) and not any(word in line for word in ELSEWHERE)]


QUICKLY = ("README", "commands", "pilot", "investigator", "auditor", "case")
WITH_COMMANDS = [page for page in PAGES if commands(page)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with everything that the pages' commands name; the current one."""
    shutil.copytree(REPO / "samples", tmp_path / "samples")
    for name, sample in AT_HAND.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(REPO / "samples" / sample, tmp_path / name)
    for name, text in WRITTEN.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles" / "N40E124.hgt").write_bytes(np.full((1201, 1201), 12, ">i2").tobytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda address: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_the_pages_that_show_commands_are_found():
    shown = {page.stem for page in WITH_COMMANDS}
    assert shown >= {
        "README",
        "commands",
        "pilot",
        "investigator",
        "auditor",
        "audit",
        "cli",
        "terrain",
        "zone-library",
    }
    assert len(commands(REPO / "docs" / "commands.md")) >= 16


@pytest.mark.parametrize(
    "page",
    [page if page.stem in QUICKLY else pytest.param(page, marks=full_only) for page in WITH_COMMANDS],
    ids=lambda page: page.stem,
)
def test_its_commands_run(page, folder, cli):
    if page.stem == "cli":  # its examples look at an audit that stands
        assert cli("audit", "run", "logs", "--out", "audit")[0] == 0
    for line in commands(page):
        words = [part for word in shlex.split(line, comments=True) for part in (sorted(glob(word)) or [word])]
        code, _, err = cli(*words[1:])
        assert code in (0, 1, 4), (line, code, err)
        for option, word in pairwise(words):
            if option in OUTPUTS and word != "-":
                assert (folder / word).exists(), (line, word)


def test_the_zone_reader_of_the_page_reads(tmp_path, monkeypatch):
    text = (REPO / "docs" / "adding-a-zone-format.md").read_text(encoding="utf-8")
    whole = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def read(source):" in b)
    (tmp_path / "myzones.py").write_text(whole)
    monkeypatch.syspath_prepend(str(tmp_path))
    import myzones

    from dronecheck import airspace

    real = airspace.load_reader
    monkeypatch.setattr(airspace, "ZONE_READERS", {**airspace.ZONE_READERS, "myzones": "myzones"})
    monkeypatch.setattr(airspace, "load_reader", lambda name: myzones if name == "myzones" else real(name))
    (tmp_path / "a.myz").write_text("MYZ1\nTower;0;120;40.0,124.0 40.0,124.1 40.1,124.1\nbroken\n")
    zones = load_zones([tmp_path / "a.myz"])
    assert [zone.name for zone in zones.zones] == ["Tower"] and zones.zones[0].upper.value_m == 120
    assert [issue.code.value for issue in zones.issues] == ["zone_skipped"]
    (tmp_path / "cut.myz").write_text("MYZ1\nTower;0;120;40.0,124.0 40.0,124.1 40.1,124.1 40.1,12")
    cut = load_zones([tmp_path / "cut.myz"])
    assert not cut.zones and cut.skipped == 1


def python_blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_of_the_commands_runs(monkeypatch, capsys):
    monkeypatch.chdir(REPO)
    (block,) = python_blocks(REPO / "docs" / "commands.md")
    names: dict[str, object] = {}
    exec(compile(block, "commands.md", "exec"), names)
    assert "VIOLATION North Korea" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "modules"), [("adding-a-reader", readers.load), ("adding-a-zone-format", load_reader)]
)
def test_the_names_of_a_reader_on_the_page_are_those_of_every_reader(page, modules):
    names: dict[str, object] = {}
    block = python_blocks(REPO / "docs" / f"{page}.md")[0]
    exec(compile(f"from __future__ import annotations\n{block}", page, "exec"), names)
    said = {name for name in names if not name.startswith("__") and name != "annotations"}
    for name in READERS if modules is readers.load else ZONE_READERS:
        module = modules(name)
        assert said <= {*dir(module)}, name
        for function in ("sniff", "read"):
            mine, its = inspect.signature(names[function]), inspect.signature(getattr(module, function))
            assert [(p.name, p.annotation) for p in mine.parameters.values()] == [
                (p.name, p.annotation) for p in its.parameters.values()
            ], (name, function)
            assert mine.return_annotation == its.return_annotation, (name, function)


def test_the_outline_of_the_page_is_a_zone(tmp_path):
    text = (REPO / "docs" / "zones.md").read_text(encoding="utf-8")
    block = re.findall(r"```json\n(.*?)```", text, re.DOTALL)[1]
    (tmp_path / "zone.geojson").write_text(block)
    (zone,) = load_zones([tmp_path / "zone.geojson"]).zones
    assert (zone.name, zone.upper.value_m, zone.upper.datum.value) == ("Reservoir", 300, "AMSL")


def test_the_csv_dialect_of_the_page_is_read(tmp_path, monkeypatch):
    import tomllib

    from dronecheck import read
    from dronecheck.readers.csvlog import dialects as csv_dialects

    text = (REPO / "docs" / "adding-a-reader.md").read_text(encoding="utf-8")
    table = re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1]
    assert tomllib.loads(table)["my_logger"]["title"] == "My logger"
    whole = (REPO / "src/dronecheck/readers/csvlog/dialects.toml").read_text(encoding="utf-8")
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
