"""The server of the page: files out of this package, and a small JSON interface to the trainings.

It is meant for the browser on the same machine. Whoever asks under another name than the server's own (a page that
points its own name at this address), from another origin or with something else than JSON is refused.
"""

from __future__ import annotations

import errno
import ipaddress
import json
import socket
import sys
import threading
import traceback
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autograd_lite.playground.sessions import Sessions, UnknownSession
from autograd_lite.playground.setup import SetupError, options
from autograd_lite.playground.table import points_from_csv

__all__ = ["PlaygroundServer", "play"]

LARGEST_BODY = 64 * 1024
PAGE = files("autograd_lite.playground").joinpath("page")
KINDS = {
    "page": "text/html; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

#: A step page has its program inside, and asks for nothing.
OF_A_PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}


class Refused(Exception):
    """A request that gets a status other than 200 and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class PlaygroundServer(ThreadingHTTPServer):
    """Serves the page and its interface; `server_port` is where.

    Parameters
    ----------
    host : str
        The address to listen at.
    port : int
        The port that is wished for; 0, or one that is taken, gives a free one.
    own : sequence
        Points to begin with: x, y and the class.

    Raises
    ------
    OSError
        If the address is not one of this machine's, or the port is not allowed.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str = "127.0.0.1", port: int = 0, own: Sequence[Sequence[float]] = ()) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            super().__init__((host, 0), Handler)
        self.host, self.sessions, self.own = host, Sessions(), own

    @property
    def url(self) -> str:
        """Where the page is."""
        host = f"[{self.host}]" if ":" in self.host else self.host.replace("0.0.0.0", "127.0.0.1")
        return f"http://{host}:{self.server_port}/"

    def known_as(self, name: str | None) -> bool:
        """Whether a host in a request is ours: a name can be pointed at this machine by anybody, an address cannot."""
        return name is not None and (name in (self.host.lower(), "localhost") or _address(name))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A tab that was closed in the middle of an answer is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: PlaygroundServer
    protocol_version = "HTTP/1.1"
    server_version = "autograd-lite"
    sys_version = ""
    timeout = 60  # of a connection that says nothing
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Send a file of the page, or what can be chosen."""
        self.answer(self.get)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Call the interface."""
        self.answer(self.post)

    def answer(self, find: Callable[[], tuple[str, bytes]]) -> None:
        """Send what `find` gives, or why there is nothing."""
        try:
            self.check_origin()
            status, (kind, body) = 200, find()
        except Refused as refusal:
            status, kind, body = refusal.status, "json", _json({"error": str(refusal)})
        except SetupError as error:
            status, kind, body = 422, "json", _json({"error": str(error)})
        except UnknownSession as error:
            status, kind, body = 410, "json", _json({"error": str(error)})
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # one request fails, not the server; the terminal shows where
            traceback.print_exc()
            status, kind, body = 500, "json", _json({"error": f"{type(error).__name__}: {error}"})
        if status != 200:
            self.close_connection = True  # a body that was refused has not been read
        self.send_response(status)
        self.send_header("Content-Type", KINDS.get(kind, "application/json"))
        self.send_header("Content-Length", str(len(body)))
        for name, value in {**HEADERS, **(OF_A_PAGE if kind == "page" else {})}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def check_origin(self) -> None:
        """Refuse names that are not this server's, and pages of other sites."""
        host = self.headers.get("Host")
        if not self.server.known_as(_name(f"//{host}")):
            raise Refused(403, f"this server answers to localhost, not to {host!r:.60}")
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != host:
            raise Refused(403, f"requests from other origins are refused: {origin!r:.60}")

    def get(self) -> tuple[str, bytes]:
        """A file by its name, or the choices."""
        path = urlsplit(self.path).path
        if path == "/api/options":
            return "json", _json(options(self.server.own))
        if path == "/steps.html":
            session = parse_qs(urlsplit(self.path).query).get("session", [""])[0]
            return "page", self.server.sessions.steps({"session": session}).encode()
        if path.removeprefix("/api/") in CALLS:
            raise Refused(405, f"{path} takes POST")
        name = path.removeprefix("/") or "index.html"
        if name not in {file.name for file in PAGE.iterdir()}:
            raise Refused(404, f"there is no {path!r:.60}")
        return name.rpartition(".")[2], PAGE.joinpath(name).read_bytes()

    def post(self) -> tuple[str, bytes]:
        """Call a method of the sessions with the JSON object in the body."""
        path = urlsplit(self.path).path
        call = path.removeprefix("/api/")
        if call not in CALLS or call == path:
            raise Refused(404, f"there is no {path!r:.60}; there are {', '.join(f'/api/{name}' for name in CALLS)}")
        return "json", _json(getattr(self.server.sessions, call)(self.body()))

    def body(self) -> Mapping[str, Any]:
        """The JSON object that was sent."""
        if self.headers.get_content_type() != "application/json":
            raise Refused(415, "send JSON, with Content-Type: application/json")
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            raise Refused(411, "send the body with its Content-Length")
        if len(length) > 9 or int(length) > LARGEST_BODY:
            raise Refused(413, f"a body has at most {LARGEST_BODY} bytes")
        try:
            value = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused(400, "the body is no JSON") from None
        if not isinstance(value, dict):
            raise Refused(400, f"the body must be a JSON object, and is {value!r:.60}")
        return value

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is for errors."""


CALLS = ("begin", "advance", "script", "end")


def play(
    host: str = "127.0.0.1", port: int = 8000, browser: bool = True, file: str | PathLike[str] | None = None
) -> None:
    """Serve the playground until Ctrl-C.

    Parameters
    ----------
    host : str
        The address to listen at: 127.0.0.1 can be reached from this machine only.
    port : int
        Where, if it is free; else a free one.
    browser : bool
        Whether to open the page.
    file : path of a CSV file, optional
        The points to begin with: its first two columns of numbers, and its two classes.

    Raises
    ------
    OSError
        If the server cannot listen there.
    TableError
        If the file has not two columns of numbers and two classes.
    """
    own = points_from_csv(Path(file)) if file is not None else ()
    with PlaygroundServer(host, port, own) as server:
        print(f"playground at {server.url}  (Ctrl-C ends it)", flush=True)
        if browser:
            threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()  # some wait for their end
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()
