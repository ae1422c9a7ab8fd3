"""The framing rules of MAVLink streams as plain as they can be, one record after the other."""

from __future__ import annotations

from pymavlink.dialects.v20 import all as dialect
from pymavlink.generator.mavcrc import x25crc


class Plain:
    def __init__(self, data: bytes, stamp: int) -> None:
        self.data, self.stamp = data, stamp
        self.records: list[int] = []
        self.holes: list[tuple[int, int]] = []
        self.cut: int | None = None

    def bare(self, at: int) -> int:
        """Length without payload of the record at `at`, 0 when none begins there."""
        frame = self.data[at + self.stamp : at + self.stamp + 8]
        if len(frame) < 8:
            return 0
        if frame[0] == 0xFE:
            return self.stamp + 8
        if frame[0] == 0xFD and frame[2] in (0, 1):
            return self.stamp + 12 + 13 * frame[2]
        return 0

    def late(self, at: int) -> bool:
        """Whether the stamp is one of 2112 or later."""
        return self.stamp > 0 and (self.data[at] > 0 or self.data[at + 1] >= 16)

    def end(self, at: int) -> int:
        bare = self.bare(at)
        end = at + bare + self.data[at + self.stamp + 1] if bare else 0
        return end if end <= len(self.data) else 0

    def following(self, at: int) -> int:
        end = self.end(at)
        return end if end and (not self.late(at) or self.good(at, True)) else 0

    def good(self, at: int, known_only: bool) -> bool:
        if not self.end(at):
            return False
        begin = at + self.stamp
        first = self.data[begin] == 0xFE
        size = self.data[begin + 1]
        end = begin + size + (6 if first else 10)
        msg_id = self.data[begin + 5] if first else int.from_bytes(self.data[begin + 7 : begin + 10], "little")
        received = int.from_bytes(self.data[end : end + 2], "little")
        crc = x25crc(self.data[begin + 1 : end])
        known = dialect.mavlink_map.get(msg_id)
        if known is None:
            # right for some definition: for one of the 256 last bytes
            return not known_only and any(_with(crc.crc, byte) == received for byte in range(256))
        if size > known.unpacker.size:
            return False
        return _with(crc.crc, known.crc_extra) == received

    def walk(self) -> Plain:
        at, held = 0, -1
        while at < len(self.data):
            end = self.following(at)
            if end:
                if held >= 0:
                    self.records.append(held)
                held, at = at, end
                continue
            first = at if held < 0 or self.good(held, False) else held
            resumed = next((i for i in range(first + 1, len(self.data)) if self.good(i, True)), len(self.data))
            over = at + self.stamp + 8 > len(self.data)
            if resumed == len(self.data) and (over or (self.bare(at) and not self.late(at))):
                self.cut = at
                break
            if held >= 0 and first == at:
                self.records.append(held)
            self.holes.append((first, resumed))
            at, held = resumed, -1
        if held >= 0:
            self.records.append(held)
        return self


def _with(crc: int, byte: int) -> int:
    last = x25crc()
    last.crc = crc
    last.accumulate(bytes([byte]))
    return last.crc
