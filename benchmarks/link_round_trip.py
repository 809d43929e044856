"""A 16-byte round trip over a pseudo-terminal, beside a bare add_reader on the same kind of terminal.

The far end answers in the same process right after the write, so that what is measured is our side:
write, the loop, read. Trials take turns. A whole session (PING in, PONG out) is told for context.
"""

import asyncio
import os
import time
import tty
from collections.abc import Callable
from statistics import median

from backplane.firmware_link.framing import encode_frame
from backplane.firmware_link.messages import MessageType, Ping
from backplane.firmware_link.protocol import LinkProtocol
from backplane.firmware_link.serial_port import open_serial
from backplane.firmware_link.session import Session
from backplane.firmware_link.transport import SerialTransport
from benchmarks.report import Figure, table

TITLE = "Round trip on the serial port"
_TRIPS = 2000
_TRIALS = 9
_PAYLOAD = encode_frame(MessageType.PING, 1, Ping(1_234_567_890_123).to_body())


class _Terminal:
    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)

    def echo(self) -> None:
        os.write(self.master, os.read(self.master, 64))

    def close(self) -> None:
        os.close(self._slave)
        os.close(self.master)


def main() -> dict[str, float]:
    """Median microseconds of one round trip each, and the ratio of ours to the bare one."""
    return asyncio.run(_measure())


def measure() -> list[Figure]:
    """Return the lines of the report."""
    seen = main()
    beside = f"{seen['ours_us']:.1f} us; bare add_reader: {seen['bare_us']:.1f} us"
    session = f"bare add_reader: {seen['bare_us']:.1f} us"
    return [
        Figure(
            "16-byte round trip over a pty, to a bare add_reader", seen["ratio"], "x", 1.3, beside
        ),
        Figure("PING to PONG through a whole session", seen["session_us"], "us", None, session),
    ]


async def _measure() -> dict[str, float]:
    bare, ours, session = [], [], []
    for _ in range(_TRIALS):
        bare.append(await _bare())
        ours.append(await _ours())
        session.append(await _session())
    result = {"bare_us": median(bare), "ours_us": median(ours), "session_us": median(session)}
    return result | {"ratio": result["ours_us"] / result["bare_us"]}


class _Trips:
    """Counts answers and starts the next trip until all are done."""

    def __init__(self, kick: Callable[[], None]) -> None:
        self._kick = kick
        self._left = _TRIPS
        self._done = asyncio.get_running_loop().create_future()

    def answered(self, _data: bytes) -> None:
        self._left -= 1
        if self._left:
            self._kick()
        else:
            self._done.set_result(None)

    async def time_us(self) -> float:
        began = time.perf_counter()
        self._kick()
        await self._done
        return (time.perf_counter() - began) / _TRIPS * 1e6


async def _bare() -> float:
    terminal = _Terminal()
    fd = os.open(terminal.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    loop = asyncio.get_running_loop()

    def kick() -> None:
        os.write(fd, _PAYLOAD)
        terminal.echo()

    trips = _Trips(kick)
    loop.add_reader(fd, lambda: trips.answered(os.read(fd, 4096)))
    took = await trips.time_us()
    loop.remove_reader(fd)
    os.close(fd)
    terminal.close()
    return took


async def _ours() -> float:
    terminal = _Terminal()
    transport = SerialTransport(open_serial(terminal.path, 921_600))

    def kick() -> None:
        transport.write(_PAYLOAD)
        terminal.echo()

    trips = _Trips(kick)
    transport.start(trips.answered, lambda _why: None)
    took = await trips.time_us()
    transport.close()
    terminal.close()
    return took


async def _session() -> float:
    terminal = _Terminal()
    transport = SerialTransport(open_serial(terminal.path, 921_600))
    session = Session(LinkProtocol(), transport, lambda _telemetry: None)
    session.start()
    os.read(terminal.master, 256)  # its HELLO_REQ
    trips = _Trips(lambda: _ping(terminal))
    asyncio.get_running_loop().add_reader(
        terminal.master, lambda: trips.answered(os.read(terminal.master, 256))
    )
    took = await trips.time_us()
    asyncio.get_running_loop().remove_reader(terminal.master)
    await session.close()
    terminal.close()
    return took


def _ping(terminal: _Terminal) -> None:
    os.write(terminal.master, _PAYLOAD)


if __name__ == "__main__":
    print(table(TITLE, measure()))
