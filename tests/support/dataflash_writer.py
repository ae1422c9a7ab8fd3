"""Writes small DataFlash logs, binary and as text, for tests."""

from __future__ import annotations

import struct

CODES = {
    "b": "b", "B": "B", "M": "B", "h": "h", "H": "H", "c": "h", "C": "H", "i": "i", "I": "I", "e": "i", "E": "I",
    "L": "i", "q": "q", "Q": "Q", "f": "f", "d": "d", "n": "4s", "N": "16s", "Z": "64s",
}  # fmt: skip
SCALES = {"c": 100, "C": 100, "e": 100, "E": 100, "L": 1e7}
# name -> type, format, columns
KINDS = {
    "GPS": (130, "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"),
    "GPA": (131, "QBCCCCfBIHf", "TimeUS,I,VDop,HAcc,VAcc,SAcc,YAcc,VV,SMS,Delta,Und"),
    "POS": (132, "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt"),
    "MSG": (133, "QZ", "TimeUS,Message"),
    "EV": (134, "QB", "TimeUS,Id"),
    "ARM": (135, "QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method"),
    "MODE": (136, "QMBB", "TimeUS,Mode,ModeNum,Rsn"),
    "ORGN": (137, "QBLLe", "TimeUS,Type,Lat,Lng,Alt"),
    "TERR": (138, "QBLLHffHH", "TimeUS,Status,Lat,Lng,Spacing,TerrH,CHeight,Pending,Loaded"),
    "RFND": (139, "QBCBB", "TimeUS,Instance,Dist,Stat,Orient"),
    "AHR2": (140, "QccCfLL", "TimeUS,Roll,Pitch,Yaw,Alt,Lat,Lng"),
    "IMU": (141, "Qfff", "TimeUS,GyrX,GyrY,GyrZ"),
    "SIM": (142, "QLL", "TimeUS,Lat,Lng"),
    "DSF": (144, "QIH", "TimeUS,Dp,Blk"),
    "GPS2": (143, "QBIHBcLLefffB", "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,U"),
}
WEEK, FIRST_MS = 2300, 100_000_000


def raw_fmt(kind: int, length: int, name: str, form: str, columns: str) -> bytes:
    return b"\xa3\x95\x80" + struct.pack("<BB4s16s64s", kind, length, name.encode(), form.encode(), columns.encode())


def layout(form: str) -> struct.Struct:
    return struct.Struct("<" + "".join(CODES[code] for code in form))


class Dataflash:
    """A log under construction; every record returns its offset."""

    def __init__(self, *names: str, **kinds: tuple[int, str, str]) -> None:
        self.kinds = dict(KINDS, **kinds)
        self.parts: list[bytes] = []
        self.size = 0
        self.add(raw_fmt(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns"))
        for name in names or self.kinds:
            self.define(name)

    @property
    def bytes(self) -> bytes:
        return b"".join(self.parts)

    def add(self, piece: bytes) -> int:
        self.parts.append(piece)
        self.size += len(piece)
        return self.size - len(piece)

    def define(self, name: str) -> int:
        kind, form, columns = self.kinds[name]
        return self.add(raw_fmt(kind, 3 + layout(form).size, name, form, columns))

    def row(self, name: str, *values: object) -> int:
        kind, form, _ = self.kinds[name]
        raw = [
            round(value * SCALES[code]) if code in SCALES else value.encode() if isinstance(value, str) else value
            for code, value in zip(form, values, strict=True)
        ]
        return self.add(b"\xa3\x95" + bytes([kind]) + layout(form).pack(*raw))

    def gps(self, t_s: float, lat: float, lon: float, **more: float) -> int:
        """A fix `t_s` seconds after boot; satellite time runs along."""
        values = {"I": 0, "status": 3, "week": WEEK, "hdop": 1.0, "alt": 100.0, "speed": 5.0, "lag_ms": 0, **more}
        ms = FIRST_MS + round(t_s * 1000) - values["lag_ms"]
        return self.row("GPS", round(t_s * 1e6), values["I"], values["status"], ms, values["week"], 12, values["hdop"],
                        lat, lon, values["alt"], values["speed"], 0.0, 0.0, 0.0, 1)  # fmt: skip

    def gpa(self, t_s: float, hacc: float = 2.0, vacc: float = 3.0, instance: int = 0) -> int:
        return self.row("GPA", round(t_s * 1e6), instance, 1.5, hacc, vacc, 0.2, 0.0, 1, 0, 200, -48.5)

    def pos(self, t_s: float, lat: float, lon: float, alt: float = 101.0, home: float = 10.0, origin=10.0) -> int:
        return self.row("POS", round(t_s * 1e6), lat, lon, alt, home, origin)


def flight(fixes: int = 40) -> Dataflash:
    """A plain flight: five fixes a second, each with its accuracy and an estimate."""
    log = Dataflash()
    log.row("MSG", 9_000_000, "ArduCopter V4.3.2 (deadbeef)")
    for row in range(fixes):
        t_s = 10 + row / 5
        log.row("IMU", round(t_s * 1e6), 0.1, 0.2, 0.3)
        log.gps(t_s, 47 + row * 1e-5, 8)
        log.gpa(t_s)
        log.pos(t_s + 0.01, 47 + row * 1e-5, 8)
    return log
