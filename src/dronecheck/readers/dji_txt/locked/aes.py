"""AES-256 backwards, block by block (FIPS-197): by the package cryptography, or with numpy where there is none.

Chaining is left to the caller: behind a lost record the block before is another one.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Bytes", "decrypt_blocks"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]

BLOCK = 16
_ROUNDS, _KEY_WORDS = 14, 8
_POLYNOMIAL = 0x11B
_AFFINE = 0x63


def decrypt_blocks(key: bytes, blocks: Bytes) -> Bytes:
    """Return blocks of shape (n, 16) decrypted, each for itself; the key has 32 bytes."""
    if not len(blocks):
        return blocks
    if find_spec("cryptography") is None:
        return _with_numpy(key, blocks)
    return _with_cryptography(key, blocks)


def _with_cryptography(key: bytes, blocks: Bytes) -> Bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # chained by the caller
    plain = decryptor.update(np.ascontiguousarray(blocks).tobytes()) + decryptor.finalize()
    return np.frombuffer(plain, dtype=np.uint8).reshape(-1, BLOCK)


def _with_numpy(key: bytes, blocks: Bytes) -> Bytes:
    """Do the equivalent inverse cipher (FIPS-197, 5.3.5) with all blocks at once, one table look-up a byte and round.

    A state is four columns of four bytes, each a word with its first byte lowest.
    """
    tables, inverse_box = _tables()
    keys = _round_keys(key)
    columns = np.ascontiguousarray(blocks).view("<u4").astype(np.uint32).T ^ keys[_ROUNDS][:, None]
    for number in range(_ROUNDS - 1, 0, -1):
        columns = _shifted_through(tables, columns) ^ keys[number][:, None]
    last = [inverse_box.astype(np.uint32) << np.uint32(8 * row) for row in range(4)]
    columns = _shifted_through(last, columns) ^ keys[0][:, None]
    return np.ascontiguousarray(columns.T).astype("<u4").view(np.uint8).reshape(-1, BLOCK)


def _shifted_through(tables: list[Words], columns: Words) -> Words:
    """Return the columns, shape (4, n), of what the tables have for each byte, rows shifted right by their number."""
    out = np.zeros_like(columns)
    for row in range(4):
        picked = tables[row][(columns >> np.uint32(8 * row)) & np.uint32(0xFF)]
        out ^= np.roll(picked, row, axis=0)
    return out


@cache
def _boxes() -> tuple[Bytes, Bytes]:
    """Return the substitution box and its inverse: the inverse in the field, and an affine map over it."""
    box = np.zeros(256, dtype=np.uint8)
    for value in range(256):
        inverse = next((other for other in range(256) if _times(value, other) == 1), 0)
        mixed = inverse
        for turn in range(1, 5):
            mixed ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        box[value] = mixed ^ _AFFINE
    back = np.zeros(256, dtype=np.uint8)
    back[box] = np.arange(256, dtype=np.uint8)
    return box, back


@cache
def _tables() -> tuple[list[Words], Bytes]:
    """Return what InvSubBytes and InvMixColumns make of a byte in each row, and the inverse box."""
    back = _boxes()[1]
    return [_unmixed(row)[back] for row in range(4)], back


@cache
def _unmixed(row: int) -> Words:
    """Return what InvMixColumns makes of each value in that row of a column, the rest being zero."""
    factors = np.roll((14, 9, 13, 11), row).tolist()
    made: list[int] = []
    for value in range(256):
        made.append(sum(_times(factor, value) << 8 * place for place, factor in enumerate(factors)))
    return np.array(made, dtype=np.uint32)


def _times(one: int, other: int) -> int:
    """Multiply in the field of 256 elements."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = one << 1 ^ (_POLYNOMIAL if one & 0x80 else 0)
        other >>= 1
    return product


def _round_keys(key: bytes) -> list[Words]:
    """Return the fifteen round keys of the equivalent inverse cipher, four words each."""
    box = _boxes()[0].tolist()
    words = [list(key[at : at + 4]) for at in range(0, len(key), 4)]
    constant = 1
    for at in range(_KEY_WORDS, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if at % _KEY_WORDS == 0:
            word = [box[byte] for byte in (*word[1:], word[0])]
            word[0] ^= constant
            constant = _times(constant, 2)
        elif at % _KEY_WORDS == 4:
            word = [box[byte] for byte in word]
        words.append([one ^ other for one, other in zip(words[-_KEY_WORDS], word, strict=True)])
    expanded = np.array(words, dtype=np.uint8).reshape(_ROUNDS + 1, 4, 4)
    keys: list[Words] = [_as_words(one) for one in expanded]
    for number in range(1, _ROUNDS):
        columns: Any = expanded[number]
        mixed = np.zeros(4, dtype=np.uint32)
        for row in range(4):
            mixed ^= _unmixed(row)[columns[:, row]]
        keys[number] = mixed
    return keys


def _as_words(columns: Bytes) -> Words:
    return np.ascontiguousarray(columns).view("<u4").reshape(4).astype(np.uint32)
