"""A server on this machine that takes events."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

_STOP_SECONDS = 5.0


@attrs.frozen
class Posted:
    """One request that came in; the names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        """The event it carries."""
        return json.loads(self.body)

    @property
    def signature(self) -> str:
        """The value of its signature header."""
        return self.headers["x-pantheon-signature"]


@attrs.define
class Receiver:
    """What came in, and what is responded: each of `statuses` once, and then `status`.

    `on_post` is called before the response.
    """

    url: str = ""
    status: int = 204
    statuses: list[int] = attrs.field(factory=list)
    headers: dict[str, str] = attrs.field(factory=dict)
    posted: list[Posted] = attrs.field(factory=list)
    on_post: Callable[[Posted], object] = lambda posted: None

    @property
    def types(self) -> list[str]:
        """The types of the events that came in."""
        return [posted.event["type"] for posted in self.posted]

    def take(self, posted: Posted) -> int:
        """Note a request and return the status to respond with."""
        self.posted.append(posted)
        self.on_post(posted)
        return self.statuses.pop(0) if self.statuses else self.status


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver at a free port within the block."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_STOP_SECONDS)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(Posted(self.path, headers, body)))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
