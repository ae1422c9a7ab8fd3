"""XML that is made to do harm is refused quickly; offsets are those of the bytes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.errors import UnreadableInput
from dronecheck.safe.xml import CHUNK_BYTES, walk_xml
from tests.support.growth import assert_linear, hang_guard


class Seen:
    def __init__(self):
        self.starts, self.ends = [], []

    def start(self, name, attributes, offset):
        self.starts.append((name, dict(attributes), offset))

    def end(self, name, text, offset):
        self.ends.append((name, text, offset))


def walked(data, *more):
    seen = Seen()
    return walk_xml(data, seen, *more), seen


LAUGHS = (
    b'<!DOCTYPE gpx [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><gpx>&j;</gpx>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (LAUGHS, "xml_entities"),
        (b'<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx>&a;</gpx>', "xml_entities"),
        (b'<!DOCTYPE gpx [<!ENTITY % a SYSTEM "http://example.invalid/x"> %a;]><gpx/>', "xml_entities"),
        (b"<a>" * 1_000_000, "xml_too_deep"),
        (b'<?xml version="1.0" encoding="gb2312"?><gpx/>', "xml"),
    ],
)
def test_hostile_documents_are_refused_before_they_unfold(data, code):
    seen = Seen()
    with pytest.raises(UnreadableInput) as caught, hang_guard():
        walk_xml(data, seen)
    assert caught.value.code == code
    assert len(seen.starts) <= 1_000
    assert not seen.ends


def test_an_undeclared_entity_stops_the_walk_at_its_place():
    data = b"<gpx><trk>&secret;</trk></gpx>"
    stop, _ = walked(data)
    assert (stop.offset, stop.cut) == (data.index(b"&secret"), False)


@pytest.mark.parametrize("start", [b'<trkpt lat="', b"<!-- ", b"<?x "])
def test_a_tag_without_an_end_is_no_quadratic_work(start):
    def make(chunks):
        return b"<gpx>" + start + b"x" * (chunks * CHUNK_BYTES)

    stop, _ = walked(make(24))
    assert (stop.offset, stop.cut) == (5, False)
    assert_linear(walked, make, 3, 24)


def test_offsets_hold_across_chunks_and_behind_a_prefix():
    data = b"<gpx>" + b"<p>1</p>" * (CHUNK_BYTES // 4) + b"</gpx>"
    stop, seen = walked(data)
    assert stop is None
    assert all(data[offset : offset + 2] == b"<p" for _, _, offset in seen.starts[1:])
    place = data.index(b"<p>", 1000)
    stop, seen = walked(data, place, b"<gpx>")
    assert stop is None
    assert seen.starts[1][2] == place


@pytest.mark.parametrize("cut", range(1, 42))
def test_a_cut_document_says_that_it_is_cut(cut):
    whole = b'<gpx><trk a="1"><n>t\xc3\xa9xt</n></trk></gpx>'
    stop, _ = walked(whole[:-cut] if cut < len(whole) else b"")
    assert stop is not None
    assert stop.cut


NAMES = st.sampled_from(["a", "b", "trk", "x1"])
TREES = st.recursive(
    st.tuples(NAMES, st.text("abc <&>é\t", max_size=5), st.just([])),
    lambda inner: st.tuples(NAMES, st.text("abc é", max_size=5), st.lists(inner, max_size=3)),
    max_leaves=20,
)


def _element(tree):
    name, text, children = tree
    element = ElementTree.Element(name, {"t": text})
    element.text = text
    element.extend(_element(child) for child in children)
    return element


@given(TREES, st.sampled_from(["utf-8", "utf-16", "iso-8859-1"]))
def test_the_same_elements_as_elementtree(tree, encoding):
    root = _element(tree)
    data = ElementTree.tostring(root, encoding=encoding)
    stop, seen = walked(data)
    assert stop is None
    same = list(ElementTree.fromstring(data).iter())
    assert [(name, attributes) for name, attributes, _ in seen.starts] == [(e.tag, e.attrib) for e in same]
    leaves = {(e.tag, e.text or "") for e in same if not len(e)}
    assert leaves <= {(name, text) for name, text, _ in seen.ends}


def test_an_external_document_type_is_not_fetched():
    stop, seen = walked(b'<!DOCTYPE gpx SYSTEM "http://example.invalid/gpx.dtd"><gpx/>')
    assert stop is None
    assert [name for name, _, _ in seen.starts] == ["gpx"]
