"""Fan-out to 500 sockets: CPU per delivery against websockets.broadcast(), latency, and what one stalled reader costs.

Server and readers are processes of their own. CPU per delivery is the server's alone and is the sturdy figure; the
latency includes what 500 readers in one Python process cost on the other core.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, percentile, table

TITLE = "Fan-out to 500 sockets"
ROOT = Path(__file__).resolve().parents[1]
SOCKETS = 500
CHANGES = 60
PAUSE_S = 0.05
ROUNDS = 3
# Fills the kernel's buffers of a socket that is not read (about 3 MB) and its mailbox, many times over.
_FILLING_CHANGES = 3_000
_REQUEST = (
    "GET /ws/chassis/demo/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Cookie: sessionid=session-of-ana\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
_STAMP = b'"name":"'
_DELTA = b'{"type":"delta"'


class Reader(asyncio.Protocol):
    """A browser's end that only reads: notes how old each delta is when it arrives."""

    def __init__(self, ages_ms: list[float]) -> None:
        self._buffer = b""
        self._ages_ms = ages_ms
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        self._buffer += data
        if not self.is_open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.is_open, self._buffer = True, rest
        self._take_frames(now_ns)

    def _take_frames(self, now_ns: int) -> None:
        buffer, start = self._buffer, 0
        while len(buffer) - start >= 4:
            length, begin = buffer[start + 1], start + 2
            if length == 126:
                length, begin = int.from_bytes(buffer[start + 2 : start + 4]), start + 4
            elif length == 127:
                length, begin = int.from_bytes(buffer[start + 2 : start + 10]), start + 10
            if len(buffer) < begin + length:
                break
            if buffer.startswith(_DELTA, begin):
                self._note(buffer, begin, now_ns)
            start = begin + length
        self._buffer = buffer[start:]

    def _note(self, buffer: bytes, begin: int, now_ns: int) -> None:
        at = buffer.find(_STAMP, begin) + len(_STAMP)
        stamp = buffer[at : buffer.find(b'"', at)]
        if stamp.isdigit():
            self._ages_ms.append((now_ns - int(stamp)) / 1e6)


@dataclass
class Server:
    """The serving process, ordered about through its pipes."""

    process: asyncio.subprocess.Process
    port: int = 0

    async def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 120)
        told: dict[str, Any] = json.loads(line)
        return told

    async def run(self, changes: int, pause_s: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(
            json.dumps({"changes": changes, "pause_s": pause_s}).encode() + b"\n"
        )
        return await self.answer()


@dataclass
class Outcome:
    """One run: CPU of the server per delivery, and the ages of what arrived."""

    us_each: float
    ages_ms: list[float] = field(repr=False)
    told: dict[str, Any]

    @property
    def p50_ms(self) -> float:
        return percentile(self.ages_ms, 0.50)

    @property
    def p99_ms(self) -> float:
        return percentile(self.ages_ms, 0.99)


@contextlib.asynccontextmanager
async def serving(kind: str) -> AsyncIterator[Server]:
    """Start a server of this kind and stop it at the end."""
    command = (sys.executable, "-m", "benchmarks.fanout_server", kind)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | {"LOG_LEVEL": "WARNING"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    server = Server(process)
    try:
        server.port = (await server.answer())["port"]
        yield server
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
        if process.returncode is None:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def reading(port: int, ages_ms: list[float], sockets: int = SOCKETS) -> AsyncIterator[None]:
    """Keep that many readers connected."""
    loop = asyncio.get_running_loop()
    transports = []
    readers: list[Reader] = []
    for _ in range(sockets):
        reader = Reader(ages_ms)
        transport, _ = await loop.create_connection(lambda r=reader: r, "127.0.0.1", port)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        transport.write(_REQUEST.format(port=port).encode())
        transports.append(transport)
        readers.append(reader)
    async with asyncio.timeout(60):
        while not all(reader.is_open for reader in readers):  # noqa: ASYNC110  (hundreds of them)
            await asyncio.sleep(0.01)
    await asyncio.sleep(1)  # greetings and snapshots
    try:
        yield
    finally:
        for transport in transports:
            transport.abort()


@contextlib.contextmanager
def stalled(port: int) -> Iterator[None]:
    """Keep one more socket open that asks for everything and reads nothing."""
    with socket.create_connection(("127.0.0.1", port)) as phone:
        phone.sendall(_REQUEST.format(port=port).encode())
        yield


async def one_run(server: Server) -> Outcome:
    ages_ms: list[float] = []
    async with reading(server.port, ages_ms):
        await server.run(5, PAUSE_S)  # warm
        ages_ms.clear()
        told = await server.run(CHANGES, PAUSE_S)
        return Outcome(told["cpu_s"] * 1e6 / max(1, len(ages_ms)), list(ages_ms), told)


async def compare() -> dict[str, float]:
    """Run peer and hub in turn, then the hub beside a stalled reader."""
    async with serving("broadcast") as peer, serving("hub") as ours:
        peers, hubs = [], []
        for _ in range(ROUNDS):
            peers.append(await one_run(peer))
            hubs.append(await one_run(ours))
        with stalled(ours.port):
            await ours.run(_FILLING_CHANGES, 0.002)
            beside_stalled = [await one_run(ours) for _ in range(ROUNDS)]
    best_peer = min(peers, key=lambda run: run.us_each)
    best_hub = min(hubs, key=lambda run: run.us_each)
    return {
        "sockets": SOCKETS,
        "deliveries": len(best_hub.ages_ms),
        "expected_deliveries": SOCKETS * CHANGES,
        "us_each": best_hub.us_each,
        "peer_us_each": best_peer.us_each,
        "ratio": best_hub.us_each / best_peer.us_each,
        "p50_ms": min(run.p50_ms for run in hubs),
        "p99_ms": min(run.p99_ms for run in hubs),
        "peer_p50_ms": min(run.p50_ms for run in peers),
        "stalled_p50_ms": min(run.p50_ms for run in beside_stalled),
        "stalled_us_each": min(run.us_each for run in beside_stalled),
        "stalled_dropped": beside_stalled[-1].told["dropped"],
        "stalled_deliveries": min(len(run.ages_ms) for run in beside_stalled),
    }


def main() -> dict[str, float]:
    """Measure everything; return the figures by name."""
    return asyncio.run(compare())


def measure() -> list[Figure]:
    """Return the figures as the report wants them."""
    told = main()
    peer = f"websockets.broadcast() {told['peer_us_each']:.1f} us"
    stalled_peer = (
        f"{told['p50_ms']:.1f} ms without; {told['stalled_dropped']:.0f} messages dropped for it"
    )
    arrived = told["stalled_deliveries"] / told["expected_deliveries"]
    return [
        Figure("CPU per delivery to websockets.broadcast()", told["ratio"], "x", 2, peer),
        Figure("CPU per delivery", told["us_each"], "us", None, peer),
        Figure("change to reader, p50", told["p50_ms"], "ms", 15, f"{told['peer_p50_ms']:.1f} ms"),
        Figure("change to reader, p99", told["p99_ms"], "ms", None),
        Figure("p50 beside a stalled reader", told["stalled_p50_ms"], "ms", 15, stalled_peer),
        Figure(
            "of the messages delivered beside a stalled reader",
            100 * arrived,
            "%",
            99,
            "to all other readers",
            is_lower_bound=True,
        ),
    ]


if __name__ == "__main__":
    print(table(TITLE, measure()))
