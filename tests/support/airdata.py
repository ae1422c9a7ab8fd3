"""A small Airdata CSV, made to measure."""

from __future__ import annotations

from pathlib import Path

HEADER = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),speed(m/s),satellites,gpslevel"
)


def airdata(
    path: Path, lat: float, lon: float, end_lat: float, end_lon: float, seconds: int = 240, *, height_m: float = 60.0
) -> Path:
    """A small Airdata CSV: take-off, there and back at 10 Hz."""
    lines = [HEADER + ",flycState"]
    for i in range(seconds * 10):
        share = max(0.0, min(i / (seconds * 5), 2 - i / (seconds * 5)) - 0.05) / 0.95
        height = min(height_m, max(0, i - 50) * 0.5, max(0, seconds * 10 - 50 - i) * 0.5)
        moment = f"2026-05-01 03:{i // 600:02d}:{i // 10 % 60:02d}"
        speed = 10.0 if share > 0 else 0.0
        lines.append(
            f"{i * 100},{moment},{lat + (end_lat - lat) * share:.8f},{lon + (end_lon - lon) * share:.8f},"
            f"{height:.1f},{speed},15,5,P-GPS"
        )
    path.write_text("\n".join(lines) + "\n")
    return path
