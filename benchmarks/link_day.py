"""Bytes on the wire for one chassis and one day, beside the same messages as JSON lines and as SMP.

The traffic is the real one: the real firmware on the reference board over a line in this process, both
directions, listened to for a while when nothing happens, then while a Pi is pulled and put back. A day is
86,400 such quiet seconds and 20 such swaps. The peers carry the same fields with the same names in the same
frames: as one JSON line each, and as CBOR in an SMP packet (PyPI `smp` and its cbor2) in base64 lines.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cbor2
from smp.header import OP, CommandId, Flag, GroupId, Header, Version
from smp.packet import encode as smp_encode

from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Message, UnknownMessage, decode
from backplane.firmware_link.ports import open_port
from backplane.firmware_link.simulator import registry
from backplane.firmware_link.transport import OnData, OnLost, Transport
from benchmarks.idle_loop import run_idle
from benchmarks.report import Figure, table
from tests.support.recording_handler import RecordingHandler, reached

TITLE = "Bytes on the wire, a day of one chassis"
_QUIET_S = 300.0
_SWAP_S = 12.0  # pulled, put back, identified, and its power good
_DAY_S = 86_400
_SWAPS = 20


class Counted:
    """Bytes of each format so far."""

    def __init__(self) -> None:
        self.ours = self.as_json = self.as_smp = 0
        self._decoders = FrameDecoder(), FrameDecoder()

    def take(self, data: bytes, *, is_from_board: bool) -> None:
        self.ours += len(data)
        for frame_type, seq, body in self._decoders[is_from_board].feed(data):
            message = decode(frame_type, body)
            told = _plain(message) | {"type": type(message).__name__, "seq": seq}
            self.as_json += len(json.dumps(told, separators=(",", ":")).encode()) + 1
            self.as_smp += _smp_size(told)

    def snapshot(self) -> tuple[int, int, int]:
        return self.ours, self.as_json, self.as_smp


class CountingTransport:
    def __init__(self, inner: Transport, counted: Counted) -> None:
        self._inner, self._counted = inner, counted

    def start(self, on_data: OnData, on_lost: OnLost) -> None:
        def heard(data: bytes) -> None:
            self._counted.take(data, is_from_board=True)
            on_data(data)

        self._inner.start(heard, on_lost)

    def write(self, data: bytes) -> None:
        self._counted.take(data, is_from_board=False)
        self._inner.write(data)

    def close(self) -> None:
        self._inner.close()


def measure() -> list[Figure]:
    """Return the lines of the report."""
    quiet, swap = run_idle(_listen())
    day = [
        each * _DAY_S / _QUIET_S + extra * _SWAPS for each, extra in zip(quiet, swap, strict=True)
    ]
    ours, as_json, as_smp = (each / 1e6 for each in day)
    share = ours * 1e6 * 10 / 921_600 / _DAY_S * 100
    return [
        Figure("a day of one chassis", ours, "MB", None, f"{share:.2f} % of a line of 921600 baud"),
        Figure("to JSON lines", ours / as_json, "x", 0.5, f"{as_json:.1f} MB"),
        Figure("to SMP (CBOR in base64 lines)", ours / as_smp, "x", 0.5, f"{as_smp:.1f} MB"),
    ]


async def _listen() -> tuple[list[int], list[float]]:
    """(bytes of the quiet seconds, bytes that one swap adds), each as ours, JSON, SMP."""
    counted = Counted()

    async def open_counted(url: str, data_dir: Path) -> Transport:
        return CountingTransport(await open_port(url, data_dir), counted)

    handler = RecordingHandler()
    with tempfile.TemporaryDirectory(prefix="link-day-") as folder:
        link = Link("sim://day", handler, data_dir=Path(folder), open_transport=open_counted)
        task = asyncio.create_task(link.run())
        await reached(lambda: len(handler.telemetry) > 2)
        quiet = await _during(counted, _QUIET_S, lambda: None)
        swap = await _during(counted, _SWAP_S, _swap)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        registry.stop_all()
    extra = [with_it - q * _SWAP_S / _QUIET_S for with_it, q in zip(swap, quiet, strict=True)]
    return quiet, extra


async def _during(counted: Counted, seconds: float, act: Callable[[], None]) -> list[int]:
    before = counted.snapshot()
    act()
    await asyncio.sleep(seconds)
    return [now - then for now, then in zip(counted.snapshot(), before, strict=True)]


def _swap() -> None:
    registry.execute_on("day", "pull 3")
    asyncio.get_running_loop().call_later(2.0, registry.execute_on, "day", "insert 3")


def _plain(message: Message | UnknownMessage) -> dict[str, Any]:
    fields = asdict(message)
    fields.pop("raw", None)  # an event's own bytes, kept beside its fields
    return {name: _json_value(value) for name, value in fields.items()}


def _json_value(value: Any) -> Any:  # noqa: ANN401  (whatever a message holds)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(each) for each in value]
    return value


def _smp_size(told: dict[str, Any]) -> int:
    data = cbor2.dumps(told, canonical=True)
    header = Header(
        op=OP.WRITE,
        version=Version.V2,
        flags=Flag(0),
        length=len(data),
        group_id=GroupId.OS_MANAGEMENT,
        sequence=told["seq"],
        command_id=CommandId.OSManagement.ECHO,
    )
    return sum(len(line) for line in smp_encode(bytes(header) + data))


if __name__ == "__main__":
    print(table(TITLE, measure()))
