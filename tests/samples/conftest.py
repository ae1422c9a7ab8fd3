"""The samples as committed, as written again, and as perfect instruments would have written them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
sys.path.insert(0, str(SAMPLES))  # the simulator is a script with modules beside it


def _simulate(*options: str) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "simulate.py"), *options], check=True, timeout=120)


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def manifest(samples: Path) -> dict:
    return tomllib.loads((samples / "MANIFEST.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    _simulate("--out", str(folder))
    return folder


@pytest.fixture(scope="session")
def noise_free(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("noise_free")
    _simulate("--noise-free", str(folder))
    return folder
