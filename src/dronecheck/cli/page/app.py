"""`dronecheck app`: the page to drop files on. Everything but typer loads when it runs."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.errors import UsageError

if TYPE_CHECKING:
    from dronecheck.app.server import AppServer
    from dronecheck.app.session import Session

__all__ = ["HELP", "app"]

HELP = (
    "Open a page in the browser to drop logs, zone files, photos and films on. Nothing leaves this computer: the page "
    "talks to this program alone, and files that are dropped are gone when it ends.\n\n"
    "It prints the page's address once it listens, and stops with Ctrl-C, the page's Stop button, or when no page has "
    "been open for ten minutes.\n\nExamples:\n\n  dronecheck app\n\n  dronecheck app flight.csv zones.geojson"
)


def app(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE|DIR]...", help="What is in the queue when the page opens.", show_default=False),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port of 127.0.0.1 to listen on; 0 is any free one.")
    ] = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep results on this computer (Past checks) from the start.")
    ] = False,
    shortcut: Annotated[
        bool, typer.Option("--shortcut", help="Put it in the desktop's menu (Linux), and leave.")
    ] = False,
    idle: Annotated[float, typer.Option("--idle", metavar="S", hidden=True)] = 600.0,
) -> int:
    """Serve the page until it is told to stop, by the page, a signal, or nobody's asking for long."""
    if shortcut:
        from dronecheck.cli.page.shortcut import add_shortcut

        typer.echo("\n".join(f"wrote {path}" for path in add_shortcut()))
        return 0
    from dronecheck.app.routes import Routes
    from dronecheck.app.server import AppServer
    from dronecheck.app.session import Session
    from dronecheck.app.shelf import sweep

    sweep()
    session = Session(idle_s=idle, keep=keep)
    before = [(each, signal.signal(each, lambda *_: session.stopping.set())) for each in _signals()]
    server: AppServer | None = None
    try:
        session.adopt(files or [])
        routes = Routes(session)
        try:
            server = AppServer(routes, port)
        except OSError as error:
            raise UsageError(f"--port {port}: cannot be listened on ({error.strerror})") from None
        _serve(server, session, f"http://127.0.0.1:{server.port}/#t={routes.token}", opens=not no_browser)
    finally:
        if server is not None:
            server.server_close()
        session.close()
        for number, handler in before:
            signal.signal(number, handler)
    return 0


def _serve(server: AppServer, session: Session, address: str, *, opens: bool) -> None:
    import threading

    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    print(address, flush=True)
    print("dronecheck app: the page is at this address, on this computer only; Ctrl-C stops it", file=sys.stderr)
    session.warm()
    if opens:
        import webbrowser

        webbrowser.open(address)
    session.wait()
    server.shutdown()


def _signals() -> list[signal.Signals]:
    """Return the signals that end it, as this system has them."""
    return [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
