"""Real terminals and sockets: bytes through, unplugging, a port that takes no more, the real link."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backplane.firmware_link.device_watch import DeviceWatch
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import EventKind
from backplane.firmware_link.ports import open_port
from backplane.firmware_link.simulator import registry
from backplane.firmware_link.status import LinkState
from backplane.firmware_link.transport import WRITE_LIMIT, Transport
from tests.support.live_board import LiveBoard, PtyPair
from tests.support.recording_handler import RecordingHandler, reached
from tests.support.scripted_board import ScriptedBoard

pytestmark = pytest.mark.live


class Ears:
    """What a transport told."""

    def __init__(self, transport: Transport) -> None:
        self.data = b""
        self.lost: list[str] = []
        transport.start(self._on_data, self.lost.append)

    def _on_data(self, data: bytes) -> None:
        self.data += data


@pytest.fixture
async def pair() -> AsyncIterator[PtyPair]:
    pair = PtyPair()
    yield pair
    pair.unplug()


async def test_bytes_pass_both_ways_untouched(pair: PtyPair, tmp_path: Path) -> None:
    transport = await open_port(pair.path, tmp_path)
    ears = Ears(transport)
    every_byte = bytes(range(256))
    transport.write(every_byte)
    assert await asyncio.to_thread(_read_all, pair, 256) == every_byte
    pair.write(every_byte)
    await reached(lambda: ears.data == every_byte)
    transport.close()
    assert ears.lost == []


def _read_all(pair: PtyPair, count: int) -> bytes:
    os.set_blocking(pair.master, True)
    data = b""
    while len(data) < count:
        data += os.read(pair.master, count)
    os.set_blocking(pair.master, False)
    return data


async def test_unplugging_is_told_once(pair: PtyPair, tmp_path: Path) -> None:
    transport = await open_port(pair.path, tmp_path)
    ears = Ears(transport)
    pair.unplug()
    await reached(lambda: bool(ears.lost))
    transport.write(b"into the void")
    transport.close()
    await asyncio.sleep(0.01)
    assert len(ears.lost) == 1


async def test_a_port_that_takes_nothing_is_given_up_and_closes_at_once(
    pair: PtyPair, tmp_path: Path
) -> None:
    transport = await open_port(pair.path, tmp_path)
    ears = Ears(transport)
    for _ in range(WRITE_LIMIT // 4096 + 8):
        transport.write(b"\x55" * 4096)
    await reached(lambda: bool(ears.lost))
    assert ears.lost == ["it takes no more bytes"]


async def test_what_the_port_could_not_take_at_once_follows(pair: PtyPair, tmp_path: Path) -> None:
    transport = await open_port(pair.path, tmp_path)
    Ears(transport)
    sent = bytes(index % 251 for index in range(30_000))
    for start in range(0, len(sent), 1000):
        transport.write(sent[start : start + 1000])
    assert await asyncio.to_thread(_read_all, pair, len(sent)) == sent
    transport.close()


async def test_a_closed_port_can_be_opened_again(pair: PtyPair, tmp_path: Path) -> None:
    for _ in range(3):
        transport = await open_port(pair.path, tmp_path)
        Ears(transport)
        transport.close()
        transport.close()


async def test_a_socket_carries_bytes_and_its_end(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(4))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = await open_port(f"socket://127.0.0.1:{port}", tmp_path)
    ears = Ears(transport)
    transport.write(b"ping")
    await reached(lambda: bool(ears.lost))
    assert ears.data == b"ping"
    transport.write(b"late")
    transport.close()
    server.close()
    await server.wait_closed()


async def test_the_link_works_on_a_real_terminal_and_survives_replugging(
    pair: PtyPair, tmp_path: Path
) -> None:
    live = LiveBoard(ScriptedBoard())
    url = pair.link_from(tmp_path / "by-id")
    pair.serve(live)
    handler = RecordingHandler()
    link = Link(url, handler, data_dir=tmp_path)
    task = asyncio.create_task(link.run())
    live.board.happen(EventKind.INSERT, 1)
    await reached(lambda: live.board.acked == 1)
    pair.unplug()
    await reached(lambda: link.status.kind in {LinkState.LOST, LinkState.NO_PORT})
    again = PtyPair()  # the adapter comes back under another device name
    again.link_from(tmp_path / "by-id")
    again.serve(live)
    live.board.happen(EventKind.REMOVE, 1)
    await reached(lambda: live.board.acked == 2)
    assert [event.number for event in handler.events] == [1, 2]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    live.stop()
    again.unplug()


async def test_the_link_runs_the_simulated_rack(tmp_path: Path) -> None:
    handler = RecordingHandler()
    link = Link("sim://demo", handler, data_dir=tmp_path)
    task = asyncio.create_task(link.run())
    await reached(lambda: bool(handler.states))
    assert handler.ups[0].is_simulated
    assert len(handler.states[0].readings) == 10
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    registry.stop_all()


async def test_watching_for_devices_never_fails_where_there_is_no_udev() -> None:
    watch = DeviceWatch(lambda: None)
    watch.start()
    watch.stop()
    watch.stop()
