"""Writes the text log that the app of HF-XL (ZLL) toy drones keeps: Chinese prose in blocks, each under a time.

By the one log of that app that is public. The phone's clock is set to China's time and prints milliseconds without
leading zeros; heights are whole metres; without satellites the aircraft is at 0, 0.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from _dji_csv import NOTICE, Row

LOCAL_AHEAD = timedelta(hours=8)
ROWS_A_CONTROLLER = 4  # the controller tells its own position less often
SATELLITES_LOST = 5


def zll_log(rows: list[Row]) -> str:
    """One block a row of the record, and now and then one of the controller, which stays at the take-off."""
    first, blocks = rows[0], []
    blocks.append(_block(first.time, " 读取到飞行器信息   飞行器:SIM-XL019A, 版本号: 1.0", NOTICE))
    for row in rows:
        has_fix = row.satellites > SATELLITES_LOST
        lat_deg, lon_deg = (row.lat_deg, row.lon_deg) if has_fix else (0.0, 0.0)
        blocks.append(_block(
            row.time, "---------飞行模式 : 定点模式", f" ----GPS卫星数:{row.satellites}, 精度:70.000000",
            f"飞机坐标:(Lat:{lat_deg:.6f},Lon:{lon_deg:.6f}）", f"飞行距离:{row.distance_m:.0f}m  ",
            f"飞行高度:{max(row.height_m, 0):.0f}m ",
            f"飞行速度 升降速度：{-row.down_mps:.1f}m/s 水平速度:{row.speed_mps:.1f}m/s",
        ))  # fmt: skip
        if row.number % ROWS_A_CONTROLLER == 0:
            place = f" 遥控器坐标:(Lat:{first.home_lat_deg:.6f}, Lon: {first.home_lon_deg:.6f})"
            blocks.append(_block(row.time + timedelta(milliseconds=31), place, ""))
    return "\n" + "".join(blocks)


def _block(time: datetime, *lines: str) -> str:
    local = time + LOCAL_AHEAD
    stamp = f"{local:%Y:%m:%d %H:%M:%S}.{local.microsecond // 1000}"
    return "\n".join([f"--------- {stamp}  ---------", *lines, "", "", ""])
