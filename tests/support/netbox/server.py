"""The double's sockets: real HTTP/1.1 on 127.0.0.1, a thread per connection, a log of requests, the planned faults."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs, urlsplit

from tests.support.netbox.api import Api, Asked, Reply
from tests.support.netbox.faults import BEFORE_THE_WORK, Faults, How
from tests.support.netbox.kinds import Value

LONGEST_LINE = 4094
_HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)
_TOO_LONG = b"<html><head><title>Bad Request</title></head><body><h1>Bad Request</h1></body></html>"


def _nothing() -> None:
    """Happen beside most requests."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One request the double saw, and what it answered: 0 when nothing was."""

    number: int
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Value
    status: int


@dataclass(slots=True)
class Desk:
    """What the handler threads of one double share."""

    api: Api
    faults: Faults
    closing: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    log: list[Logged] = field(default_factory=list)
    arrived: int = 0
    slow_s: float = 0.2
    latency_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    meanwhile: dict[int, Callable[[], object]] = field(default_factory=dict)

    def number(self) -> int:
        with self.lock:
            self.arrived += 1
            return self.arrived


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 64
    desk: Desk

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the API answer, and spoils the answer where that was planned."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _is_dead = False  # the next request on this connection is not answered

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = do_GET  # noqa: N815  # the base class looks for these names

    def log_message(self, format: str, *args: Value) -> None:  # noqa: A002  # the base class names it so
        """Say nothing: the desk keeps the log."""

    @property
    def _desk(self) -> Desk:
        return cast("Server", self.server).desk

    def _serve(self) -> None:
        desk = self._desk
        asked = self._asked()
        if self._is_dead:
            self.close_connection = True
            return
        number = desk.number()
        fault = desk.faults.take(number, asked.method, asked.path)
        desk.meanwhile.pop(number, _nothing)()
        time.sleep(desk.latency_s)
        if len(self.requestline) > LONGEST_LINE:
            self._log(number, asked, 400)
            self._send(400, _TOO_LONG, "text/html")
            return
        if fault in BEFORE_THE_WORK:
            self._log(number, asked, self._spoil(fault))
            return
        desk.gate.wait()
        reply = desk.api.answer(asked)
        self._log(number, asked, reply.status)
        # Permission is asked before the body is read; gunicorn may then hang up on whoever asks next.
        self._is_dead = reply.status == HTTPStatus.FORBIDDEN and bool(asked.body)
        self._finish(fault, reply)

    def _asked(self) -> Asked:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        return Asked(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            seen=self._desk.api.store.age,
        )

    def _log(self, number: int, asked: Asked, status: int) -> None:
        try:
            body = json.loads(asked.body) if asked.body else None
        except json.JSONDecodeError:
            body = asked.body
        self._desk.log.append(
            Logged(
                number,
                asked.method,
                asked.path,
                dict(asked.query),
                dict(asked.headers),
                body,
                status,
            )
        )

    def _spoil(self, how: How) -> int:
        """Answer wrongly, or not at all; return the status that was sent, 0 for none."""
        match how:
            case How.SERVER_ERROR | How.SERVER_ERROR_AFTER_WRITE:
                self._json(
                    500, {"error": "server closed the connection", "exception": "OperationalError"}
                )
                return 500
            case How.BAD_GATEWAY:
                self._send(502, _HTML, "text/html")
                return 502
            case How.FORBIDDEN:
                self._json(403, {"detail": "You do not have permission to perform this action."})
                return 403
            case How.TOO_MANY:
                self._json(429, {"detail": "Request was throttled."}, {"Retry-After": "1"})
                return 429
            case How.TIMEOUT | How.TIMEOUT_AFTER_WRITE:
                self._desk.closing.wait()
        self.close_connection = True
        return 0

    def _finish(self, fault: How | None, reply: Reply) -> None:
        """Send the answer of work that was done, unless that is what goes wrong."""
        if fault is How.TRUNCATED:
            self._send_half(reply)
        elif fault is None or fault is How.SLOW:
            if fault is How.SLOW:
                self._desk.closing.wait(self._desk.slow_s)
            self._json(reply.status, reply.body, reply.headers)
        else:
            self._spoil(fault)

    def _send_half(self, reply: Reply) -> None:
        content = json.dumps(reply.body).encode()
        self._head(reply.status, len(content), "application/json", reply.headers)
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def _json(self, status: int, body: Value, headers: dict[str, str] | None = None) -> None:
        if isinstance(body, str):
            self._send(status, body.encode(), "text/html", headers)
            return
        content = b"" if body is None else json.dumps(body).encode()
        self._send(status, content, "application/json", headers)

    def _send(
        self, status: int, content: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        try:
            self._head(status, len(content), content_type, headers or {})
            self.wfile.write(content)
        except ConnectionError:  # the client gave up waiting
            self.close_connection = True

    def _head(self, status: int, length: int, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
