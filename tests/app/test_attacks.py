"""The checklist of the page's server, a test a line, by raw sockets as no browser would send them."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from contextlib import closing, suppress

import psutil
import pytest

from tests.app.conftest import SAMPLES


def spoken(app, *lines: str, body: bytes = b"", timeout_s: float = 15.0) -> tuple[int, dict[str, str], bytes, bool]:
    """Send lines and a body as they are; status, heads and body of the answer, whether the connection was closed."""
    with closing(socket.create_connection(("127.0.0.1", app.port), timeout=timeout_s)) as wire:
        with suppress(ConnectionError):  # refused before all of it was sent
            wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        raw, is_closed = b"", False
        try:
            while b"\r\n\r\n" not in raw or len(raw.partition(b"\r\n\r\n")[2]) < length_of(raw):
                piece = wire.recv(65536)
                if not piece:
                    is_closed = True
                    break
                raw += piece
            wire.settimeout(3.0)
            is_closed = is_closed or wire.recv(1) == b""
        except ConnectionError:
            is_closed = True
        except TimeoutError:
            pass
    head, _, rest = raw.partition(b"\r\n\r\n")
    first, *more = head.decode("latin-1").split("\r\n")
    heads = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in more)}
    return int(first.split()[1]) if first else 0, heads, rest, is_closed


def length_of(raw: bytes) -> int:
    head = raw.partition(b"\r\n\r\n")[0].lower()
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0


def host(app) -> str:
    return f"Host: 127.0.0.1:{app.port}"


def token(app) -> str:
    return f"X-Dronecheck-Token: {app.token}"


def status_of(app, *lines: str, body: bytes = b"") -> int:
    status, heads, _, is_closed = spoken(app, *lines, body=body)
    assert "access-control-allow-origin" not in heads
    if status >= 400:
        assert is_closed, "a refusal closes"
    return status


def test_the_page_and_the_api_answer_when_all_is_well(app):
    assert status_of(app, "GET / HTTP/1.1", host(app)) == 200
    assert status_of(app, "GET /api/about HTTP/1.1", host(app), token(app)) == 200
    assert status_of(app, "GET /api/about HTTP/1.1", f"Host: localhost:{app.port}", token(app)) == 200


def test_it_listens_on_this_machine_alone(app):
    found = [c.laddr for c in psutil.Process(app.process.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [(address.ip, address.port) for address in found] == [("127.0.0.1", app.port)]


@pytest.mark.parametrize("lines", [
    ["Host: evil.example:PORT"], ["Host: evil.example"], ["Host: 127.0.0.1"], ["Host: localhost"], [],
    ["Host: 127.0.0.1:PORT", "Host: evil.example"], ["Host: 127.0.0.1:PORT", "Host: 127.0.0.1:PORT"],
    ["Host: 127.0.0.1:1"], ["Host: 127.0.0.1:PORT.evil.example"], ["Host:"],
], ids=str)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/about"])
def test_another_host_is_refused(app, lines, path):
    heads = [line.replace("PORT", str(app.port)) for line in lines]
    assert status_of(app, f"GET {path} HTTP/1.1", *heads, token(app)) == 421


@pytest.mark.parametrize("origin", [
    "http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:PORT", "http://127.0.0.1", "",
    "http://localhost:PORT",  # ours by another name: not the one that the Host says
], ids=str)  # fmt: skip
def test_another_origin_is_refused(app, origin):
    line = f"Origin: {origin.replace('PORT', str(app.port))}"
    for request in ("GET /", "GET /api/about", "POST /api/stop", "DELETE /api/files/x"):
        assert status_of(app, f"{request} HTTP/1.1", host(app), token(app), line, "Content-Length: 0") == 403


def test_our_own_origin_passes(app):
    own = f"Origin: http://127.0.0.1:{app.port}"
    assert status_of(app, "GET /api/about HTTP/1.1", host(app), token(app), own) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
def test_what_a_browser_says_comes_from_elsewhere_is_refused(app, site):
    assert status_of(app, "GET / HTTP/1.1", host(app), f"Sec-Fetch-Site: {site}") == 403
    assert status_of(app, "GET / HTTP/1.1", host(app), "Sec-Fetch-Site: none") == 200


@pytest.mark.parametrize("lines", [
    [], ["X-Dronecheck-Token: "], ["X-Dronecheck-Token: wrong"], ["Cookie: t=TOKEN"], ["Authorization: Bearer TOKEN"],
    ["Referer: http://127.0.0.1/#t=TOKEN"], ["X-Dronecheck-Token: TOKEN", "X-Dronecheck-Token: TOKEN"],
], ids=str)  # fmt: skip
def test_without_the_token_in_its_own_header_nothing_is_answered(app, lines):
    heads = [line.replace("TOKEN", app.token) for line in lines]
    for request in ("GET /api/about", "GET /api/jobs?since=0", "GET /nothing", "POST /api/stop", "DELETE /api/past"):
        assert status_of(app, f"{request} HTTP/1.1", host(app), *heads, "Content-Length: 0") == 401
    assert status_of(app, f"GET /api/about?t={app.token} HTTP/1.1", host(app)) == 401


def test_the_token_is_long_and_in_no_answer(app):
    assert len(app.token) >= 32
    assert app.token.encode() not in app.ask("GET", "/")[1] + app.ask("GET", "/api/about")[1]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "HEAD", "TRACE", "CONNECT"])
def test_other_methods_are_refused(app, method):
    preflight = ("Origin: http://evil.example", "Access-Control-Request-Method: POST")
    assert status_of(app, f"{method} /api/files HTTP/1.1", host(app), token(app)) == 405
    assert status_of(app, f"{method} /api/files HTTP/1.1", host(app), *preflight) == 405
    assert status_of(app, f"FOO{method} /api/files HTTP/1.1", host(app), token(app)) in (405, 501)


@pytest.mark.parametrize(("lines", "status"), [
    (["Content-Length: 99000000000"], 413), (["Transfer-Encoding: chunked"], 411), ([], 411),
    (["Transfer-Encoding: chunked", "Content-Length: 5"], 411), (["Content-Length: 5", "Content-Length: 6"], 400),
    (["Content-Length: -5"], 400), (["Content-Length: five"], 400), (["Transfer-Encoding: gzip, chunked"], 411),
    (["Transfer-Encoding : chunked", "Content-Length: 5"], 411),
], ids=str)  # fmt: skip
def test_a_body_that_cannot_be_measured_or_is_too_long_is_refused(app, lines, status):
    before = len(app.json("GET", "/api/files")["files"])
    body = b"5\r\nhello\r\n0\r\n\r\nGET /api/stop HTTP/1.1\r\n\r\n"
    assert status_of(app, "POST /api/files?name=a HTTP/1.1", host(app), token(app), *lines, body=body) == status
    assert len(app.json("GET", "/api/files")["files"]) == before


def test_a_get_with_a_body_is_refused(app):
    line = "GET /api/about HTTP/1.1"
    assert status_of(app, line, host(app), token(app), "Content-Length: 5", body=b"hello") == 400


def test_a_head_that_is_too_long_is_refused(app):
    assert status_of(app, "GET / HTTP/1.1", host(app), "X: " + "y" * 70_000) == 431
    assert status_of(app, "GET / HTTP/1.1", host(app), *(f"X{n}: y" for n in range(200))) == 431
    assert status_of(app, "GET /" + "y" * 70_000 + " HTTP/1.1", host(app)) == 414


@pytest.mark.parametrize(
    "line", ["", "GET", "GET /", "GET / HTTP/9.9", "\x16\x03\x01", "GET http://evil.example/ HTTP/1.1"]
)
def test_what_is_no_request_is_refused(app, line):
    assert status_of(app, line, host(app)) in (0, 200, 400, 401, 404, 421, 505)
    assert app.ask("GET", "/api/about")[0] == 200


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "..", ".", "a/../../b", "..\\..\\b", "a\0b", "\0",
    "x" * 300, "<img src=x onerror=alert(1)>.csv", "\u202egpj.exe", "a\r\nSet-Cookie: x=1", "CON", "-rf", ".hidden",
], ids=repr)  # fmt: skip
def test_a_name_is_just_a_name(app, name, tmp_path):
    (session,) = app.sessions()
    outside = {path for path in app.folder.rglob("*") if session not in path.parents}
    file = app.put_bytes(name, b"hello", f"../../{name}")
    assert {path for path in app.folder.rglob("*") if session not in path.parents} == outside
    (kept,) = (session / file["id"]).iterdir()
    assert kept.read_bytes() == b"hello"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert app.ask("DELETE", f"/api/files/{file['id']}")[0] == 200
    assert not kept.parent.exists()


@pytest.mark.parametrize("path", [
    "/api/files/../../x", "/api/page/..%2f..", "/api/json/j99", "/api/export/j1?as=../../x", "/api", "/api/",
    "/index.html", "/page/app.js", "/api/past/..%2f", "/api/media/j1/0/thumb", "/../../etc/passwd", "/api/nothing",
])  # fmt: skip
def test_no_path_leads_to_a_file(app, path):
    for method in ("GET", "DELETE"):
        status, body = app.ask(method, path)
        assert status in (400, 404), (method, path)
        assert "error" in json.loads(body)


def test_an_id_and_not_a_path_names_a_file(app):
    for files in (["/etc/passwd"], ["../lock"], [""], [None], [{}]):
        assert app.ask("POST", "/api/check", {"files": files})[0] in (400, 404)
    for options in ({"zones": ["/etc/passwd"]}, {"dem": "/etc"}, {"authorised": "/etc/passwd"}, {"geoid": "x"}):
        assert app.ask("POST", "/api/check", {"files": [], "options": options})[0] == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"files": 5}', b"[" * 100_000, b"\xff\xfe", b'"x"'])
@pytest.mark.parametrize("path", ["check", "zones", "past", "audit", "scrub"])
def test_odd_json_is_a_sentence(app, path, body):
    if (path, body) == ("past", b""):
        return
    status, raw = app.ask("POST", f"/api/{path}", body)
    assert status in (200, 400, 404) if path in ("check", "past") else status in (400, 404)
    assert "Traceback" not in raw.decode()


def test_each_answer_says_how_it_may_be_used(app):
    for path in ("/", "/api/about"):
        _, heads, _, _ = spoken(app, f"GET {path} HTTP/1.1", host(app), token(app))
        assert heads["cache-control"] == "no-store"
        assert heads["x-content-type-options"] == "nosniff"
        assert heads["cross-origin-resource-policy"] == heads["cross-origin-opener-policy"] == "same-origin"
        assert heads["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in heads
        policy = heads["content-security-policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert "*" not in policy
    _, heads, _, _ = spoken(app, "GET / HTTP/1.1", host(app))
    assert "connect-src 'self'" in heads["content-security-policy"]


# ---- connections


def test_a_hundred_connections_that_say_nothing_leave_it_answering(app):
    wires = [socket.create_connection(("127.0.0.1", app.port), timeout=10) for _ in range(100)]
    for wire in wires:
        wire.sendall(b"GET / HTTP/1.1\r\nHos")
    assert app.ask("GET", "/api/about")[0] == 200
    more = [socket.create_connection(("127.0.0.1", app.port), timeout=10) for _ in range(250)]
    assert app.ask("GET", "/api/about")[0] == 200
    more[-1].setblocking(False)
    with pytest.raises(BlockingIOError):  # it was not their end that made room
        more[-1].recv(1)
    assert psutil.Process(app.process.pid).num_threads() < 330
    for wire in (*wires, *more):
        wire.close()


def test_an_upload_that_is_cut_leaves_no_file(app):
    (session,) = app.sessions()
    before = sorted(path.name for path in session.iterdir())
    with closing(socket.create_connection(("127.0.0.1", app.port), timeout=10)) as wire:
        head = ("POST /api/files?name=cut.bin HTTP/1.1", host(app), token(app), "Content-Length: 10000000", "", "")
        wire.sendall("\r\n".join(head).encode() + bytes(5_000_000))
        until = time.monotonic() + 10
        while sorted(path.name for path in session.iterdir()) == before and time.monotonic() < until:
            time.sleep(0.05)
        assert sorted(path.name for path in session.iterdir()) != before
    until = time.monotonic() + 20
    while sorted(path.name for path in session.iterdir()) != before and time.monotonic() < until:
        time.sleep(0.05)
    assert sorted(path.name for path in session.iterdir()) == before


@pytest.mark.slow
def test_a_large_upload_leaves_the_memory_flat(app):
    process = psutil.Process(app.process.pid)
    app.ask("GET", "/api/about")
    before, most, size = process.memory_info().rss, 0, 300 << 20
    sent = threading.Event()

    def watch():
        nonlocal most
        while not sent.wait(0.02):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with closing(socket.create_connection(("127.0.0.1", app.port), timeout=60)) as wire:
        head = ("POST /api/files?name=large.bin HTTP/1.1", host(app), token(app), f"Content-Length: {size}", "", "")
        wire.sendall("\r\n".join(head).encode())
        for _ in range(300):
            wire.sendall(bytes(1 << 20))
        raw = wire.recv(65536)
    sent.set()
    watcher.join()
    assert b" 200 " in raw
    assert most - before < 30 << 20
    file = json.loads(raw.partition(b"\r\n\r\n")[2])
    assert file["size"] == size
    app.json("DELETE", f"/api/files/{file['id']}")


# ---- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda s: s.name)
def test_a_signal_ends_it_and_its_folder(start, number):
    app = start()
    app.check(app.put(SAMPLES / "clear_dandong.csv"))
    children = psutil.Process(app.process.pid).children(recursive=True)
    assert len(app.sessions()) == 1
    assert app.sessions()[0].stat().st_mode & 0o777 == 0o700
    assert app.end(number) == 0
    assert app.sessions() == []
    assert psutil.wait_procs(children, timeout=10)[1] == []


def test_the_page_ends_it(start):
    app = start()
    app.put(SAMPLES / "clear_dandong.csv")
    assert app.ask("POST", "/api/stop", b"")[0] == 200
    assert app.process.wait(20) == 0
    assert app.sessions() == []


def test_it_ends_when_no_page_has_asked_for_long(start):
    app = start("--idle", 10)  # long beside any pause of a busy machine
    for _ in range(40):  # longer than that in all, whatever the machine
        assert app.ask("GET", "/api/jobs?since=0")[0] == 200
        time.sleep(0.3)
    assert app.process.wait(300) == 0
    assert app.sessions() == []


def test_what_a_killed_one_left_is_swept_by_the_next_and_one_in_use_is_not(start):
    killed, used = start(), start()
    killed.put(SAMPLES / "clear_dandong.csv")
    children = psutil.Process(killed.process.pid).children(recursive=True)
    killed.process.kill()
    killed.process.wait(10)
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert len(used.sessions()) == 2
    third = start()
    assert len(third.sessions()) == 2
    assert used.ask("GET", "/api/about")[0] == 200
    assert used.put(SAMPLES / "clear_dandong.csv")["kind"] == "log"


def test_a_killed_worker_costs_its_row_alone(start):
    app = start()
    files = [app.put(SAMPLES / "founding_dandong_sinuiju.ulg") for _ in range(4)]
    app.json("POST", "/api/check", {"files": [file["id"] for file in files]})
    for child in psutil.Process(app.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
    rows = [row for row in app.rows() if row["kind"] == "flight"]
    assert len(rows) == 4
    assert {row["state"] for row in rows} <= {"done", "failed"}
    assert all("no verdict" in row["error"] for row in rows if row["state"] == "failed")
    assert app.check(files[0])[-1]["verdict"] == "VIOLATION"


def test_a_port_that_is_taken_is_told(app, cli):
    code, _, told = cli("app", "--no-browser", "--port", app.port)
    assert code == 2
    assert f"--port {app.port}" in told
    assert cli("app", "--host", "0.0.0.0")[0] == 2
