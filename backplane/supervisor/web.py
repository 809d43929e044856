"""The web server as one child of the supervisor: a bound socket and uvicorn without its signal handling."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn

_BACKLOG = 512


class AddressInUse(Exception):  # noqa: N818  (named for what happened)
    """Another program listens on HOST:PORT."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.host = host
        self.port = port
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"Cannot listen on {self.host}:{self.port}: {self.reason}. "
            "Stop the program that uses it, or choose another with --bind or BIND."
        )


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on HOST:PORT; raises AddressInUse with the reason in words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressInUse(host, port, error.strerror or str(error)) from error
    listener.setblocking(False)
    return listener


class WebServer(uvicorn.Server):
    """uvicorn under our supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the supervisor: uvicorn would raise SIGTERM again before siblings have stopped."""
        yield


def make_web_server(application: object) -> WebServer:
    """Return a server for the ASGI `application`, set for long-lived sockets that are cheap when idle."""
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]  # Channels types its router as its own ASGI callable
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # 34 kB and 15 us a socket for 200-byte messages (docs/live-protocol.md)
        ws_max_size=16 * 1024,  # browsers only ever send us one-line messages
        lifespan="off",
        timeout_graceful_shutdown=1,
        access_log=False,
        log_config=None,
        proxy_headers=False,  # backplane.people.proxy decides whom to trust
        server_header=False,
    )
    return WebServer(config)
