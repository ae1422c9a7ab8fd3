"""Damage to logs: what the tests of the readers do to real files."""

from __future__ import annotations

import random


def wounded(data: bytes, rng: random.Random, first: int = 0) -> bytes:
    """One to four small wounds behind `first`: a bit or byte changed, bytes cut out, put in, zeroed, moved; the end."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if len(out) <= first:
            break
        at = rng.randrange(first, len(out))
        span = rng.choice((1, 2, 7, 64, 700, 5000))
        match rng.randrange(8):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at] = rng.randrange(256)
            case 2:
                del out[at : at + span]
            case 3:
                out[at:at] = rng.randbytes(span)
            case 4:
                out[at : at + span] = bytes(len(out[at : at + span]))
            case 5:
                out[at:at] = out[rng.randrange(first, len(out)) :][:span]
            case 6:
                del out[max(len(out) - span, first + 100) :]
            case 7:
                out += rng.choice((b"\0", b"\xff")) * span
    return bytes(out)


def torn(data: bytes, rng: random.Random, head_bytes: int) -> bytes:
    """One to five wounds of up to 20 kB, every second in the head, where the definitions are; or the end cut off."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(out)) if rng.random() < 0.5 else rng.randrange(min(head_bytes, len(out)))
        span = rng.choice((1, 3, 40, 1000, 20_000))
        match rng.randrange(6):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at : at + span] = rng.randbytes(len(out[at : at + span]))
            case 2:
                del out[at : at + span]
            case 3:
                out[at:at] = rng.randbytes(span)
            case 4:
                out[at : at + span] = bytes(len(out[at : at + span]))
            case 5:
                out = out[: max(at, 8)]
        out = out or bytearray(b"\0")
    return bytes(out)


TOKENS = (b",", b'"', b"\n", b";", b"\t", b"\r", b"-", b"e99", b"9" * 400, b"nan", b"1e308")  # what texts stumble over


def scratched(data: bytes, rng: random.Random, most: int = 8) -> bytes:
    """One or more wounds of up to 3 kB, anywhere: as `wounded`, and spans of FF, spans exchanged, marks of texts."""
    out = bytearray(data)
    for _ in range(rng.randint(1, most)):
        at, other = rng.randrange(len(out)), rng.randrange(len(out))
        span = rng.choice((1, 3, 20, 50, 200, 3000))
        match rng.randrange(9 if most > 1 else 8):  # one wound alone is no cut, which may not be seen
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + span]
            case 2:
                out[at:at] = rng.randbytes(span)
            case 3:
                out[at : at + span] = rng.randbytes(len(out[at : at + span]))
            case 4:
                out[at : at + span] = bytes(len(out[at : at + span]))
            case 5:
                out[at : at + span] = b"\xff" * len(out[at : at + span])
            case 6:
                out[at:at] = rng.choice(TOKENS)
            case 7:
                out[at : at + span], out[other : other + span] = out[other : other + span], out[at : at + span]
            case 8:
                del out[at:]
        out = out or bytearray(b"\0")
    return bytes(out)
