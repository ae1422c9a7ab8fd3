"""`dronecheck app` in a real browser: every sample, uploads that are cut, workers that die, pages of elsewhere."""

from __future__ import annotations

import http.server
import shutil
import threading
from urllib.parse import urlsplit

import psutil
import pytest

from dronecheck import check, read
from dronecheck.errors import UnreadableInput
from tests.browser.test_app import CLEAR, ENTERED, SAMPLES, answered, app, give, running, server, until
from tests.support.scale import full_only

__all__ = ["app", "server"]
LOGS = sorted(p.name for p in SAMPLES.iterdir() if p.suffix in (
    ".ulg", ".csv", ".SRT", ".bin", ".gpx", ".igc", ".log", ".tlog", ".txt", ".DAT"))  # fmt: skip


def verdict_of(name):
    try:
        return check(read(SAMPLES / name)).verdict.value
    except UnreadableInput:
        return None


@full_only
def test_every_sample_by_the_file_chooser_is_answered_as_by_the_library(app):
    assert 12 < len(LOGS) <= 20  # more are one folder
    tab = app()
    give(tab, *LOGS)
    for name in LOGS:
        row, verdict = answered(tab, name), verdict_of(name)
        told = row.locator(".answer").inner_text()
        if verdict == "VIOLATION":
            assert "ENTERED North Korea" in told or "ENTERED Simulated" in told or "above" in told.lower(), (name, told)
        elif verdict == "CLEAR":
            assert "No border crossed" in told or "DID NOT ENTER" in told, (name, told)
        elif verdict == "INCONCLUSIVE":
            assert "CANNOT TELL" in told, (name, told)
        else:
            assert "failed" in row.get_attribute("class"), name


def test_an_upload_that_ends_with_its_tab_leaves_nothing(app, tmp_path):
    long = tmp_path / "long.ulg"
    shutil.copy(SAMPLES / ENTERED, long)
    with long.open("r+b") as opened:
        opened.truncate(400 << 20)
    home = tmp_path / "home"
    home.mkdir()
    with running(home) as (_, address):
        tab = app(address)
        tab.locator("#choose-files").set_input_files(long)
        until(lambda: any(p.stat().st_size for p in home.rglob("*") if p.is_file() and "data" not in p.parts), tab)
        tab.close()
        other = app(address)
        give(other, CLEAR)
        answered(other, CLEAR)
        held = [p for p in home.rglob("*") if p.is_file() and p.stat().st_size > 1 << 20]
        assert all(p.stat().st_size == 400 << 20 for p in held), held  # wholly there, or not at all


def test_workers_that_die_cost_no_more_than_their_row(app, tmp_path):
    with running(tmp_path) as (process, address):
        tab = app(address)
        give(tab, ENTERED)
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        tab.locator("li.row:not(.busy)").first.wait_for()
        give(tab, CLEAR)
        assert "No border crossed" in answered(tab, CLEAR).locator(".answer").inner_text()


@pytest.fixture
def elsewhere():
    """A page of another port of this machine: the same site to a browser, another origin."""

    class Blank(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>elsewhere</title>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_address[1]}/"
        other.shutdown()


TRIES = """async ([base, token]) => {
  const tried = {};
  const attempt = async (name, act) => {
    try { tried[name] = await act(); } catch (error) { tried[name] = "refused"; }
  };
  const heads = { "X-Dronecheck-Token": token }, blind = { method: "POST", mode: "no-cors", body: "{}" };
  await attempt("get", async () => (await fetch(base + "api/about")).status);
  await attempt("with the token", async () => (await fetch(base + "api/about", { headers: heads })).status);
  await attempt("post", async () => (await fetch(base + "api/stop", blind)).type);
  const loaded = (name, look) => new Promise((done) => {
    const tag = document.createElement(name);
    tag.onload = () => { try { done(look(tag)); } catch { done("refused"); } };
    tag.onerror = () => done("refused");
    tag.src = base;
    document.body.append(tag);
  });
  await attempt("script", () => loaded("script", () => "loaded"));
  await attempt("frame", () => loaded("iframe", (tag) => tag.contentDocument?.title ?? "refused"));
  return tried;
}"""


def test_a_page_of_another_port_gets_nothing(browser, server, elsewhere):
    """What it sends without being let read an answer changes nothing, either: the program is still there."""
    parts = urlsplit(server)
    tab = browser.new_context().new_page()
    tab.goto(elsewhere)
    tried = tab.evaluate(TRIES, [f"http://{parts.netloc}/", parts.fragment.removeprefix("t=")])
    assert {name: told for name, told in tried.items() if told not in ("refused", "", "opaque")} == {}
    tab.goto(server)
    assert tab.title() == "dronecheck"
    tab.context.close()


def test_a_name_that_is_bound_to_this_machine_gets_nothing(browser, server):
    parts = urlsplit(server)
    rebound = browser.browser_type.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
    )
    try:
        tab = rebound.new_page()
        answer = tab.goto(f"http://evil.example:{parts.port}/#{parts.fragment}")
        assert answer.status == 421
        told = tab.evaluate(
            "(token) => fetch('/api/about', { headers: { 'X-Dronecheck-Token': token } })"
            ".then((answer) => answer.status, () => 'refused')",
            parts.fragment.removeprefix("t="),
        )
        assert told in (421, "refused")
    finally:
        rebound.close()
