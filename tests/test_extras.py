"""What needs an extra says so before any work is done: one line, exit code 2, the command that brings it."""

from __future__ import annotations

import sys

import pytest

from tests.support.small_logs import small_logs


@pytest.fixture
def no_pyarrow(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "run", "LOGS", "--out", "OUT"),
        ("track", "LOG", "-o", "OUT.parquet"),
        ("check", "LOG", "--export", "OUT.parquet"),
        ("check", "LOG", "--zones", "ZONES"),
    ],
    ids=lambda words: " ".join(words),
)
def test_parquet_is_refused_at_once_and_the_hint_is_one_line(cli, tmp_path, no_pyarrow, words):
    (log,) = small_logs(tmp_path / "logs", 1)
    (tmp_path / "zones.parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    places = {"LOGS": log.parent, "LOG": log, "ZONES": tmp_path / "zones.parquet", "OUT": tmp_path / "out"}
    places["OUT.parquet"] = tmp_path / "out.parquet"
    code, out, err = cli(*[places.get(word, word) for word in words])
    assert (code, out) == (2, "")
    assert err.endswith("needs the package pyarrow: pip install 'dronecheck[parquet]'\n")
    assert len(err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["logs", "zones.parquet"]


def test_a_check_needs_no_pyarrow(cli, tmp_path, no_pyarrow):
    (log,) = small_logs(tmp_path / "logs", 1)
    outputs = ["--json", tmp_path / "x.json", "--report", tmp_path / "x.html", "--plots", tmp_path / "plots"]
    code, _, err = cli("check", log, *outputs, "--export", tmp_path / "x.gpkg")
    assert (code, err) == (0, "")
