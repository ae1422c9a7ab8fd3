"""The command line as users meet it: exit codes, one-line errors, JSON against the shipped schema."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest

from dronecheck.report.json.document import schema_bytes
from tests.support.airdata import airdata


@pytest.fixture(scope="session")
def schema(repo):
    return json.loads((repo / "src/dronecheck/report/json/result.schema.json").read_text())


@pytest.fixture
def run(cli, tmp_path, monkeypatch):
    """The command line in this process, from a folder of its own, 80 columns wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: subprocess.CompletedProcess(words, *cli(*words))


@pytest.fixture
def process(clean_env, tmp_path):
    """The same in a process of its own."""

    def call(*args, cwd=None, **extra):
        return subprocess.run(
            [sys.executable, "-m", "dronecheck", *map(str, args)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or tmp_path,
            env={**clean_env, "COLUMNS": "80", **extra},
        )

    return call


@pytest.fixture
def crossing(tmp_path):
    return airdata(tmp_path / "crossing.csv", 40.1175, 124.3923, 40.0950, 124.4100)


@pytest.fixture
def inland(tmp_path):
    return airdata(tmp_path / "inland.csv", 47.0, 2.0, 47.004, 2.004)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "noise.bin"
    path.write_bytes(bytes(range(256)) * 4)
    return path


def test_clear_exits_0_and_names_its_scope(process, inland):
    done = process("check", inland)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No border crossed: all of it in France. Airspace: NOT CHECKED")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


def test_a_violation_exits_1_and_says_where_when_and_how_deep(run, process, crossing):
    done = process("check", crossing)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("ENTERED North Korea (PRK).")
    assert "2.68 km inside" in done.stdout
    assert "permission not checked" in done.stdout
    assert run("check", crossing, "--allow", "prk").returncode == 0
    assert "북한" in run("check", crossing, "--lang", "ko").stdout


def test_unreadable_exits_3_with_one_line(run, process, plan, tmp_path):
    done = process("check", plan)
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1
    done = run("check", "/dev/null")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "args",
    [
        ["check"],
        ["check", "none.csv"],
        ["check", "LOG", "--home", "ATLANTIS"],
        ["check", "LOG", "--max-height", "-3"],
        ["check", "LOG", "--lang", "tlh"],
        ["check", "LOG", "--zones", "none.geojson"],
        ["check", "LOG", "--zones", "LOG"],
        ["check", "LOG", "--zones", "/"],
        ["check", "LOG", "--zones", "/dev/null"],
        ["check", "LOG", "--nonsense"],
        ["check", "LOG", "--json", "/proc/none/x.json"],
        ["nonsense"],
        ["track", "LOG"],
    ],
)
def test_a_users_mistake_exits_2_and_says_what_to_do(run, inland, args):
    done = run(*[str(inland) if a == "LOG" else a for a in args])
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr or "Usage" in done.stdout


def test_json_holds_the_contract(run, crossing, schema):
    done = run("check", crossing, "--json", "-")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    assert document["verdict"] == "VIOLATION"
    assert document["input"]["path"] == "crossing.csv"  # no full path unless asked for
    assert [c["question"] for c in document["checks"]] == ["border", "airspace", "height"]
    assert document["checks"][1] == {
        "question": "airspace", "status": "not_checked", "verdict": None, "reasons": ["no_zone_file"],
        "remedies": ["add_zones"],
    }  # fmt: skip
    (finding,) = document["findings"]
    line = finding["evidence"][0]["offset"]
    row = crossing.read_text().splitlines()[line - 1].split(",")
    assert abs(float(row[2]) - finding["entry"]["lat"]) < 1e-4  # the evidence is the line beside the crossing
    assert document["flight"]["bbox"][0] < document["flight"]["bbox"][2]


def test_the_same_run_twice_gives_the_same_bytes_in_any_locale_and_zone(process, crossing):
    first = process("check", crossing, "--json", "-")
    second = process("check", crossing, "--json", "-", TZ="America/St_Johns", PYTHONHASHSEED="7", LC_ALL="de_DE.UTF-8")
    assert first.stdout == second.stdout
    assert first.stdout.endswith("}\n")


def test_several_logs_give_a_line_each_and_the_worst_code(run, crossing, inland, plan, schema, tmp_path):
    out = tmp_path / "out.jsonl"
    done = run("check", inland, plan, crossing, "--json", out)
    assert done.returncode == 1
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    for line in lines:
        jsonschema.validate(line, schema, cls=jsonschema.Draft202012Validator)
    assert [line["verdict"] for line in lines] == ["CLEAR", None, "VIOLATION"]
    assert lines[1]["error"]["code"]
    assert lines[1]["input"]["bytes"] == 1024
    assert len(lines[1]["input"]["sha256"]) == 64
    assert done.stdout.splitlines()[-1] == "3 logs: 1 violation, 1 unreadable, 1 clear"
    done = run("check", inland, plan)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "2 logs: 1 unreadable, 1 clear"
    assert "logs:" not in run("check", inland).stdout


def test_the_shipped_schema_is_the_one_of_the_types(repo):
    assert (repo / "src/dronecheck/report/json/result.schema.json").read_bytes() == schema_bytes()


def test_the_input_is_never_changed(run, crossing):
    before = crossing.read_bytes(), crossing.stat().st_mtime_ns
    run("check", crossing, "--json", "-")
    assert (crossing.read_bytes(), crossing.stat().st_mtime_ns) == before
    assert sorted(p.name for p in crossing.parent.iterdir()) == ["crossing.csv"]


@pytest.mark.parametrize("broken", ["dronecheck.cli", "dronecheck.geofence.engine", "numpy"])
def test_an_internal_failure_exits_70_even_at_import(clean_env, inland, broken):
    code = (
        "import sys\n"
        f"sys.modules[{broken!r}] = None\n"  # any import of it fails
        "from dronecheck.__main__ import main\n"
        f"sys.argv = ['dronecheck', 'check', {str(inland)!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=clean_env)
    assert done.returncode == 70
    assert "failed; no verdict" in done.stderr
    assert done.stdout == ""


def test_the_common_path_imports_nothing_heavy(clean_env, inland):
    code = (
        "import sys\n"
        "from dronecheck.__main__ import main\n"
        f"sys.argv = ['dronecheck', 'check', {str(inland)!r}]\n"
        "try: main()\n"
        "except SystemExit as e: assert e.code == 0\n"
        "heavy = {'pandas', 'matplotlib', 'geopandas', 'pyogrio', 'pymavlink', 'pyulog', 'pyarrow'}\n"
        "heavy |= {'shapely', 'pyproj'}  # no border is near\n"
        "found = heavy & set(sys.modules); assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=clean_env)
    assert done.returncode == 0, done.stderr
    code = "import sys, dronecheck; assert not {'numpy', 'typer', 'shapely', 'pandas'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=clean_env).returncode == 0


def test_help_examples_and_formats(run):
    assert "dronecheck check flight.csv" in run("check", "--help").stdout
    formats = run("formats")
    assert formats.returncode == 0
    assert "ulog" in formats.stdout
    assert "csv" in formats.stdout
    assert "openair" in formats.stdout
    assert run("--version").stdout.startswith("dronecheck 0.")


def test_an_output_never_overwrites_an_input(run, crossing, tmp_path):
    zone = tmp_path / "zone.geojson"
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    zone.write_text(
        json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    )
    link = tmp_path / "link.json"
    link.symlink_to(crossing)
    hard = tmp_path / "map.png"
    hard.hardlink_to(crossing)
    before = crossing.read_bytes(), zone.read_bytes()
    for args in (
        ["check", crossing, "--json", crossing],
        ["check", crossing, "--json", link],
        ["check", crossing, "--zones", zone, "--json", zone],
        ["check", crossing, "--plots", tmp_path],
        ["track", crossing, "-o", crossing],
    ):
        done = run(*args)
        assert done.returncode == 2, (args, done.stdout)
        assert (crossing.read_bytes(), zone.read_bytes()) == before


def test_a_mistyped_place_builds_no_tree_and_is_told_before_the_work(run, crossing, tmp_path):
    for args in (["--json", tmp_path / "none/a.json"], ["--plots", tmp_path / "none/deep"], ["--plots", crossing]):
        done = run("check", crossing, *args)
        assert done.returncode == 2
        assert done.stdout == ""
    assert not (tmp_path / "none").exists()


def test_a_missing_log_among_several_costs_one_row(run, crossing, tmp_path):
    done = run("check", crossing, tmp_path / "missing.csv", "--json", "-")
    assert done.returncode == 1
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["verdict"] == "VIOLATION"
    assert second["error"]["code"] == "cannot_be_opened"


def test_logs_of_one_name_keep_their_own_plots(run, crossing, inland, tmp_path):
    (tmp_path / "b").mkdir()
    twin = tmp_path / "b" / crossing.name
    twin.write_bytes(inland.read_bytes())
    out = tmp_path / "out"
    assert run("check", crossing, twin, "--plots", out).returncode == 1
    assert sorted(p.name for p in out.iterdir()) == ["crossing", "crossing-2"]
    assert (out / "crossing/map.png").read_bytes() != (out / "crossing-2/map.png").read_bytes()


def test_an_allowed_visit_is_told_in_the_headline(run, crossing):
    headline = run("check", crossing, "--allow", "PRK").stdout
    assert headline.startswith("WAS IN North Korea (PRK), allowed. No other border crossed: in China, North")
