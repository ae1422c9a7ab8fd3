"""Merkle trees against the vectors, and against the recursive definition of RFC 6962 as it stands in the text."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.evidence.withheld.merkle import MerkleTree, leaf_hash, root_of_proof
from tests.conftest import SHARED

VECTORS = SHARED / "vectors" / "domain_vectors.json"


def mth(entries):
    """MTH(D[n]), word for word."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path_of(m, entries):
    """PATH(m, D[n]), word for word."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*path_of(m, entries[:k]), mth(entries[k:])]
    return [*path_of(m - k, entries[k:]), mth(entries[:k])]


def tree(entries):
    return MerkleTree(map(leaf_hash, entries))


@pytest.mark.skipif(not VECTORS.is_file(), reason="../shared/vectors is absent")
def test_vectors():
    known = json.loads(VECTORS.read_text())["merkle_rfc6962"]
    assert tree([text.encode() for text in known["leaves"]]).root.hex() == known["root"]
    assert tree([]).root.hex() == known["empty"]


def test_certificate_transparency_s_own_tree():
    """The eight leaves that the tests of Certificate Transparency's servers use, and their roots."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    entries = [bytes.fromhex(text) for text in leaves]
    assert {count: tree(entries[:count]).root.hex() for count in roots} == roots


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_root_and_every_proof_are_the_definition_s(entries):
    made = tree(entries)
    assert made.root == mth(entries)
    for index, entry in enumerate(entries):
        path = made.proof(index)
        assert path == path_of(index, entries)
        assert root_of_proof(leaf_hash(entry), index, len(entries), path) == made.root


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40, unique=True), st.data())
def test_nothing_else_is_proven(entries, data):
    made = tree(entries)
    index = data.draw(st.integers(0, len(entries) - 1))
    leaf, path = leaf_hash(entries[index]), made.proof(index)
    other = data.draw(st.integers(-1, len(entries)).filter(lambda at: at != index))
    assert root_of_proof(leaf, other, len(entries), path) != made.root
    assert root_of_proof(leaf_hash(entries[index] + b"!"), index, len(entries), path) != made.root
    assert root_of_proof(leaf, index, len(entries), [*path, bytes(32)]) is None
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert root_of_proof(leaf, index, len(entries), path[:at] + path[at + 1 :]) != made.root
        assert root_of_proof(leaf, index, len(entries), [*path[:at], path[at][:-1], *path[at + 1 :]]) is None
        bit = data.draw(st.integers(0, 255))
        flipped = bytearray(path[at])
        flipped[bit // 8] ^= 1 << bit % 8
        assert root_of_proof(leaf, index, len(entries), [*path[:at], bytes(flipped), *path[at + 1 :]]) != made.root


def test_there_is_no_leaf_beyond_the_last():
    with pytest.raises(IndexError):
        tree([b"a"]).proof(1)
    with pytest.raises(IndexError):
        tree([]).proof(-1)
