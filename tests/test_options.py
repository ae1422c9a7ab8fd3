"""What a check can be asked travels to other processes and folders as it is."""

from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dronecheck.cli.options import grouped
from dronecheck.settings import Options

ALL = Options(
    zones=(Path("a.geojson"), Path("/b.txt")), library=False, home="CHN", allow="PRK", max_height_m=120.0,
    max_agl_m=100.0, authorised=Path("leave.csv"), geoid=Path("g.gtx"), qnh_hpa=1018.5, dem=(Path("tiles"),),
    dem_datum="egm96", dem_model="surface", takeoff_amsl_m=430.0, relief_m=30.0,
    start_time="2026-05-01T03:00:12Z", utc_offset_h=8.0, language="zh",
)  # fmt: skip


@pytest.mark.parametrize("options", [Options(), ALL])
def test_options_survive_the_way_to_another_process(options):
    assert Options.from_text(options.as_text()) == options


def test_anchored_options_mean_the_same_files_from_everywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    anchored = ALL.anchored()
    assert anchored.zones == (tmp_path / "a.geojson", Path("/b.txt"))
    assert (anchored.authorised, anchored.geoid) == (tmp_path / "leave.csv", tmp_path / "g.gtx")
    assert anchored.dem == (tmp_path / "tiles",)
    assert Options().anchored() == Options()


def test_every_option_of_the_command_line_reaches_the_options():
    """A command gets them all as one argument, whatever it has beside; and each has its own place in Options."""
    seen = []
    app = typer.Typer()

    @app.command()
    @grouped
    def command(log: str, asked: Options, count: int = 3) -> int:
        seen.append((log, asked, count))
        return 0

    words = ["x.ulg", "--zones", "a.geojson", "--zones", "/b.txt", "--no-library", "--home", "CHN", "--allow", "PRK"]
    words += ["--max-height", "120", "--max-agl", "100", "--authorised", "leave.csv", "--geoid", "g.gtx"]
    words += ["--qnh", "1018.5", "--dem", "tiles", "--dem-datum", "egm96", "--dem-model", "surface", "--relief", "30"]
    words += ["--takeoff-amsl", "430"]
    words += ["--start-time", "2026-05-01T03:00:12Z", "--utc-offset", "8", "--count", "5"]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0, found.output
    ((log, asked, count),) = seen
    assert (log, count) == ("x.ulg", 5)
    assert asked == replace(ALL, language="en")  # the language is not shared
