"""Many small logs, each with a content of its own: short flights far from every border."""

from __future__ import annotations

from pathlib import Path

from tests.support.airdata import HEADER

__all__ = ["small_logs"]


def small_logs(folder: Path, count: int, *, fixes: int = 40) -> list[Path]:
    """Write `count` Airdata CSVs in folders of a hundred: a line northwards at 1 Hz, each 11 m from the last."""
    paths = []
    for number in range(count):
        path = folder / f"{number // 100:03d}" / f"flight_{number:05d}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        lat = -36.0 + number * 1e-4
        lines = [
            f"{step * 1000},2026-05-01 {3 + step // 3600:02d}:{step // 60 % 60:02d}:{step % 60:02d},"
            f"{lat + 5e-5 * step:.7f},-61.0000000,{min(step, 60)},5.5,15,5"
            for step in range(fixes)
        ]
        path.write_text("\n".join([HEADER, *lines]) + "\n")
        paths.append(path)
    return paths
