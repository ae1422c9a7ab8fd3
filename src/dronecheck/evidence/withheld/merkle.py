"""Merkle trees as of RFC 6962, section 2.1: a root over entries, and proofs that an entry is among them.

    leaf(d)     SHA-256(0x00 || d)
    node(l, r)  SHA-256(0x01 || l || r)
    root        of n entries: the node of the first k and of the rest, k the largest power of two below n; of none
                SHA-256 of nothing

A tree is kept level by level: a node without a neighbour goes up as it is, which is the same tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

__all__ = ["MerkleTree", "leaf_hash", "root_of_proof"]

DIGEST_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, 32 bytes: no entry has the hash of a node, for their first bytes differ."""
    return sha256(b"\x00" + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """The tree over leaf hashes of 32 bytes, in order.

    >>> MerkleTree(map(leaf_hash, (b"a", b"b", b"c"))).root.hex()[:16]
    '36642e73c2540ab1'
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            above = [_node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self._levels.append(above + below[len(below) & ~1 :])

    def __len__(self) -> int:
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """Return the hash of the whole tree, 32 bytes."""
        return self._levels[-1][0] if len(self) else sha256().digest()

    def proof(self, index: int) -> list[bytes]:
        """Return the audit path of a leaf, counted from 0: the hashes beside its way up (RFC 6962, section 2.1.1).

        Raises IndexError where there is no such leaf.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"no leaf {index} among {len(self)}")
        path = []
        for level in self._levels[:-1]:
            beside = index ^ 1
            if beside < len(level):
                path.append(level[beside])
            index >>= 1
        return path


def root_of_proof(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf, its place and its audit path lead to (RFC 9162, section 2.1.3.2).

    None where a tree of so many leaves has no such place, or a path of another length: the leaf is then not proven.
    """
    if not 0 <= index < size:
        return None
    found, last = leaf, size - 1
    steps = iter(path)
    while last:
        if index & 1 or index < last:
            beside = next(steps, None)
            if beside is None or len(beside) != DIGEST_BYTES:
                return None
            found = _node_hash(beside, found) if index & 1 else _node_hash(found, beside)
        index, last = index >> 1, last >> 1
    return found if next(steps, None) is None else None
