"""Writes the subtitles that a DJI camera (Mavic 3) puts beside a film: one cue a frame, here five frames a second.

The camera's clock is set to China's time. The film begins on the ground; without satellites a cue holds 0, 0.
"""

from __future__ import annotations

from datetime import timedelta

from _dji_csv import Row

LOCAL_AHEAD = timedelta(hours=8)
FRAME_MS = 200


def subtitles(rows: list[Row]) -> str:
    """All cues; heights above take-off and, like the cameras, above nothing in particular."""
    parts = []
    for frame, row in enumerate(rows, 1):
        begin = row.elapsed_s
        stamp = (row.time + LOCAL_AHEAD).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        lat_deg, lon_deg = (row.lat_deg, row.lon_deg) if row.level else (0.0, 0.0)
        parts.append(
            f"{frame}\n{_film(begin)} --> {_film(begin + FRAME_MS / 1000)}\n"
            f'<font size="28">FrameCnt: {frame}, DiffTime: {FRAME_MS}ms\n{stamp}\n'
            f"[iso: 100] [shutter: 1/1000.0] [latitude: {lat_deg:.6f}] [longitude: {lon_deg:.6f}] "
            f"[rel_alt: {row.height_m:.3f} abs_alt: {row.amsl_m + 31:.3f}] </font>\n\n"
        )
    return "".join(parts)


def _film(seconds: float) -> str:
    millis = round(seconds * 1000)
    return f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d},{millis % 1000:03d}"
