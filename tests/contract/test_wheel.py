"""The wheel alone, away from the repository, gives the same answer: data, tables and schema are inside."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import pytest

from tests.support.airdata import airdata


@pytest.fixture(scope="module")
def unpacked(repo, tmp_path_factory, clean_env):
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=repo, env=clean_env, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    target = out / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_the_wheel_ships_borders_licences_tables_and_schema(unpacked):
    package = unpacked / "dronecheck"
    borders = package / "airspace_data/borders"
    assert {"SOURCE.toml", "LICENSE", "names.csv"} <= {p.name for p in borders.iterdir()}
    assert {"SOURCE.toml", "egm96.bin"} <= {p.name for p in (package / "airspace_data/geoid").iterdir()}
    assert (package / "report/json/result.schema.json").is_file()
    assert (package / "report/json/rules.schema.json").is_file()
    assert (package / "readers/csvlog/dialects.toml").is_file()
    assert {"eu-open.toml", "faa-107.toml"} <= {p.name for p in (package / "rules/packs").iterdir()}
    assert {"zh.mo", "ko.mo"} <= {p.name for p in (package / "report/text/locale").iterdir()}
    assert (package / "py.typed").is_file()


def test_the_wheel_ships_every_template(unpacked, repo):
    source = repo / "src" / "dronecheck"
    templates = {path.relative_to(source) for path in source.rglob("templates/*.j2")}
    assert len(templates) > 10
    assert {path.relative_to(unpacked / "dronecheck") for path in unpacked.rglob("*.j2")} == templates


def test_the_wheel_answers_like_the_checkout(unpacked, tmp_path, clean_env):
    log = airdata(tmp_path / "crossing.csv", 40.1175, 124.3923, 40.0950, 124.4100)
    answers = []
    for path in (str(unpacked), None):
        env = {**clean_env, "PYTHONPATH": path} if path else clean_env
        command = [sys.executable, "-m", "dronecheck", "check", str(log), "--json", "-"]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        answers.append(json.loads(done.stdout))
    assert answers[0] == answers[1]
    where = subprocess.run(
        [sys.executable, "-c", "from dronecheck.safe.data_files import data_dir; print(data_dir())"],
        cwd=tmp_path,
        env={**clean_env, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(unpacked))
