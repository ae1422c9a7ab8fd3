"""The gate over all combinations of heads: nothing passes but what this machine's own page sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.app.gate import Refused, refusal, stated_length

PORT, TOKEN = 41234, "t" * 32
HOSTS = st.sampled_from([
    f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LOCALHOST:{PORT}", "127.0.0.1", "localhost", f"127.0.0.1:{PORT + 1}",
    f"evil.example:{PORT}", f"127.0.0.1:{PORT}.evil.example", f"127.0.0.1:{PORT}@evil.example", f"[::1]:{PORT}",
    f"0.0.0.0:{PORT}", f"127.1:{PORT}", "", f"127.0.0.1:{PORT},evil.example", f"localhost.:{PORT}",
])  # fmt: skip
ORIGINS = st.sampled_from([
    f"http://127.0.0.1:{PORT}", f"http://localhost:{PORT}", "null", "", f"https://127.0.0.1:{PORT}", "http://127.0.0.1",
    f"http://127.0.0.1:{PORT + 1}", "http://evil.example", f"http://127.0.0.1:{PORT}.evil.example", "file://",
])  # fmt: skip
SITES = st.sampled_from(["same-origin", "none", "same-site", "cross-site", "", "SAME-ORIGIN", "same-origin, none"])
TOKENS = st.sampled_from([TOKEN, "", TOKEN[:-1], TOKEN + "t", TOKEN.upper(), "\u00e9", TOKEN + "\0"])
NAMES = {"Host": HOSTS, "Origin": ORIGINS, "Sec-Fetch-Site": SITES, "X-Dronecheck-Token": TOKENS}


@st.composite
def heads(draw):
    found = []
    for name, values in NAMES.items():
        spelled = draw(st.sampled_from([name, name.lower(), name.upper()]))
        found += [(spelled, value) for value in draw(st.lists(values, max_size=2))]
    return draw(st.permutations(found))


METHODS = st.sampled_from(["GET", "POST", "DELETE", "OPTIONS", "PUT", "HEAD", "PATCH", "TRACE", "get", ""])


@given(METHODS, heads(), st.booleans())
def test_what_passes_is_ours_in_every_head(method, given_heads, needs_token):
    def all_of(name):
        return [value for key, value in given_heads if key.lower() == name.lower()]

    passed = refusal(method, given_heads, port=PORT, token=TOKEN, needs_token=needs_token) is None
    host = all_of("Host")
    ours = (
        len(host) == 1 and host[0].lower() in (f"127.0.0.1:{PORT}", f"localhost:{PORT}")
        and method in ("GET", "POST", "DELETE")
        and all_of("Origin") in ([], [f"http://{host[0].lower()}"])
        and all_of("Sec-Fetch-Site") in ([], ["same-origin"], ["none"])
        and (not needs_token or all_of("X-Dronecheck-Token") == [TOKEN])
    )  # fmt: skip
    assert passed == ours


@given(METHODS, st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=6), st.booleans())
def test_any_heads_are_decided_without_a_failure(method, given_heads, needs_token):
    assert refusal(method, given_heads, port=PORT, token=TOKEN, needs_token=needs_token) is not None
    assert isinstance(stated_length(method, given_heads, 10), int | Refused)


@pytest.mark.parametrize(("given_heads", "status"), [
    ([], 411), ([("Content-Length", "5")], 5), ([("content-length", " 5 ")], 5), ([("Content-Length", "11")], 413),
    ([("Content-Length", "-1")], 400), ([("Content-Length", "+5")], 400),
    ([("Content-Length", "5"), ("Content-Length", "5")], 400),
    ([("Content-Length", "9" * 40)], 400), ([("Content-Length", "0x5")], 400), ([("Content-Length", "\u0665")], 400),
    ([("Content-Length", "5, 5")], 400), ([("Transfer-Encoding", "chunked")], 411),
    ([("Transfer-Encoding", "chunked"), ("Content-Length", "5")], 411), ([("Transfer-Encoding", "identity")], 411),
])  # fmt: skip
def test_how_long_a_body_is(given_heads, status):
    found = stated_length("POST", given_heads, 10)
    assert (found.status if isinstance(found, Refused) else found) == status


def test_only_a_post_has_a_body():
    assert stated_length("GET", [], 10) == 0
    assert stated_length("GET", [("Content-Length", "5")], 10).status == 400
    assert stated_length("DELETE", [("Content-Length", "0")], 10) == 0
