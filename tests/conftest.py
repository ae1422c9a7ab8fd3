"""What tests share: the real files beside the repository, and hand-made flights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from dronecheck.cli import run as run_cli
from dronecheck.flight import Clock, ClockSource, Event, EventKind, Flight, Source, Track
from tests.support.scale import SCALE

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared"

settings.load_profile(SCALE)

MakeFlight = Callable[..., Flight]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow ones, so that no processor waits at the end for one that has just begun."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real logs and zone files; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared (real logs and zone files) is not here")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def _no_library_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees, or writes to, the zone library of whoever runs the tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DRONECHECK_HOME", str(tmp_path_factory.mktemp("home") / "empty"))
    yield
    patch.undo()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zone library of the test's own, empty."""
    monkeypatch.setenv("DRONECHECK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def cli(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command line in this process: the words after `dronecheck` give exit code, stdout and stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["dronecheck", *map(str, words)])
        capfd.readouterr()
        code = run_cli()
        return code, *capfd.readouterr()

    return call


@pytest.fixture(scope="session")
def repo() -> Path:
    return REPO


@pytest.fixture(scope="session")
def clean_env(_no_library_of_the_user: None) -> dict[str, str]:
    """An environment for subprocesses that writes byte code, as a user's does."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "COLUMNS")}


def make_flight(
    lat: Sequence[float],
    lon: Sequence[float],
    *,
    dt_s: float | Sequence[float] = 0.2,
    sigma_m: float = 1.5,
    events: Sequence[tuple[int, str]] = (),
    utc: bool = True,
    start_ns: int = 1_750_000_000_000_000_000,
    **columns: Sequence[float],
) -> Flight:
    """A flight through given points; `events` as (row, kind)."""
    count = len(lat)
    steps = np.full(max(count - 1, 0), dt_s) if np.isscalar(dt_s) else np.asarray(dt_s)
    time_ns = start_ns + np.concatenate([[0], np.cumsum(np.round(steps * 1e9).astype(np.int64))])[:count]
    track = Track.build(
        time_ns=time_ns,
        lat_deg=lat,
        lon_deg=(np.asarray(lon) + 180.0) % 360.0 - 180.0,
        offset=np.arange(count) * 100,
        message="fix",
        h_sigma_m=np.full(count, sigma_m),
        **columns,
    )
    return Flight(
        source=Source(Path("made.ulg"), 100 * count, "0" * 64, "ulog", "", "test"),
        tracks={"gnss": track} if count else {},
        primary="gnss" if count else "",
        clock=Clock(utc, ClockSource.GNSS if utc else ClockSource.NONE, 0.1 if utc else float("nan")),
        events=tuple(Event(int(time_ns[row]), EventKind(kind), "") for row, kind in events),
    )


@pytest.fixture
def flight_of() -> MakeFlight:
    return make_flight
