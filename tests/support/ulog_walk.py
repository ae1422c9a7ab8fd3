"""The framing rules of ULog read one record after the other, in plain Python: what the fast walk must equal."""

from __future__ import annotations

from dataclasses import dataclass, field

BOUNDS = {
    "B": (40, 300), "F": (3, 65535), "I": (3, 65535), "M": (4, 65535), "P": (6, 300), "Q": (7, 300), "A": (4, 300),
    "R": (2, 2), "L": (9, 4096), "C": (11, 4096), "S": (8, 8), "O": (2, 2),
}  # fmt: skip
KEPT = "BFIARLCO"


@dataclass
class Plain:
    """Walks data[start:end]; `sizes` maps the subscribed ids to their payload sizes."""

    data: bytes
    end: int
    sizes: dict[int, int]
    wanted: frozenset[int]
    kept: list[int] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)
    cut: int | None = None

    def number(self, at: int) -> int:
        return self.data[at] | self.data[at + 1] << 8

    def weight(self, at: int) -> int:
        size, kind = self.number(at), chr(self.data[at + 2])
        if kind == "D":
            if size < 2 or at + 5 > self.end:
                return int(size >= 2)
            expected = self.sizes.get(self.number(at + 3))
            return 1 if expected is None else 2 * (size == expected)
        low, high = BOUNDS.get(kind, (1, 0))
        return int(low <= size <= high)

    def resumes(self, at: int) -> bool:
        total = 0
        for _ in range(4):
            if at > self.end - 8 or not self.weight(at) or at + 3 + self.number(at) > self.end:
                break
            total += self.weight(at)
            at += 3 + self.number(at)
            total += 2 * (at == self.end)
        return total >= 4

    def resume(self, after: int) -> int:
        return next((at for at in range(after + 1, self.end - 7) if self.resumes(at)), self.end)

    def odd_run(self, at: int) -> list[int]:
        run = [at]
        for _ in range(16):
            size, kind = self.number(at), chr(self.data[at + 2])
            at += 3 + size
            if kind == "\0" or not (2 if kind == "D" else 1) <= size <= 10_000 or at > self.end:
                return []
            run.append(at)
            if at + 3 > self.end or self.weight(at):
                return run
        return []

    def cut_here(self, at: int) -> bool:
        if at + 3 > self.end:
            return True
        if at + 3 + self.number(at) <= self.end:
            return False
        weight, data = self.weight(at), self.data[at + 2] == ord("D")
        return weight == 2 or ((weight == 1 or data) and self.resume(at) == self.end)

    def take(self, at: int | None) -> None:
        if at is None:
            return
        kind = chr(self.data[at + 2])
        msg_id = self.number(at + 3) if kind == "D" else 0
        if kind in KEPT or (kind == "D" and (msg_id in self.wanted or msg_id not in self.sizes)):
            self.kept.append(at)

    def walk(self, at: int) -> Plain:
        held = None
        while at < self.end:
            if at + 3 <= self.end and self.weight(at) and at + 3 + self.number(at) <= self.end:
                self.take(held)
                held, at = at, at + 3 + self.number(at)
            elif self.cut_here(at):
                self.cut = at
                break
            elif run := self.odd_run(at):
                self.take(held)
                self.odd += run[:-1]
                held, at = None, run[-1]
            else:
                first = at if held is None else held
                at, held = self.resume(first), None
                self.holes.append((first, at))
        self.take(held)
        return self
