"""The framing rules of DataFlash read one record after the other, in plain Python: what the fast walk must equal."""

from __future__ import annotations

from dataclasses import dataclass, field

MARK = b"\xa3\x95"


@dataclass
class Plain:
    """Walks all of `data`; `lengths` are whole record lengths by type."""

    data: bytes
    lengths: dict[int, int]
    wanted: set[int]
    kept: list[int] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    cut: int | None = None

    def header(self, at: int) -> int:
        """Length of the record whose header is at this place, 0 when there is none."""
        head = self.data[at : at + 3]
        return self.lengths.get(head[2], 0) if head[:2] == MARK and len(head) == 3 else 0

    def sound(self, at: int) -> bool:
        return bool(self.header(at)) and at + self.header(at) <= len(self.data)

    def resumes(self, at: int, filling: int) -> bool:
        if at + 4 > len(self.data) or not self.sound(at):
            return False
        behind = at + self.header(at)
        return behind >= filling or (behind + 4 <= len(self.data) and self.data[behind : behind + 2] == MARK)

    def resume(self, after: int, filling: int) -> int:
        at = self.data.find(MARK, after + 1)
        while at >= 0 and not self.resumes(at, filling):
            at = self.data.find(MARK, at + 1)
        return at if at >= 0 else len(self.data)

    def walk(self) -> Plain:
        end = len(self.data)
        pad = self.data[-1:]
        filling = len(self.data.rstrip(pad)) if pad in (b"\0", b"\xff") else end
        at, held = 0, None
        while at < end:
            head = self.data[at : at + 3]
            if self.sound(at):
                self.take(held)
                held, at = at, at + self.header(at)
            elif at >= filling:
                if held is not None and self.data[at - 1 : at] == pad:
                    self.cut, held = held, None
                at = end
            elif head[:2] == MARK[: len(head)] and (len(head) < 3 or self.header(at)):
                self.cut = at
                at = end
            elif head[:2] == MARK:
                self.take(held)
                behind = self.resume(at, filling)
                if behind - at <= 255:
                    self.unknown.append(at)
                else:
                    self.holes.append((at, behind))
                held, at = None, behind
            else:
                first = at if held is None else held
                held, at = None, self.resume(first, filling)
                self.holes.append((first, at))
        self.take(held)
        return self

    def take(self, at: int | None) -> None:
        if at is not None and self.data[at + 2] in self.wanted:
            self.kept.append(at)
