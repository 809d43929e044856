"""`sim://NAME` on a real loop: plugging in, greeting, unplugging, and who may not."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backplane.firmware_link.errors import BadPortUrl, PortTaken, TransportClosed
from backplane.firmware_link.framing import FrameDecoder, encode_frame
from backplane.firmware_link.messages import Hello, HelloReq, MessageType, decode
from backplane.firmware_link.simulator import registry
from backplane.firmware_link.simulator.sim_transport import open_sim
from backplane.firmware_link.transport import Transport

pytestmark = pytest.mark.live

PATIENCE_S = 30.0
GREETING = b"\0" + encode_frame(MessageType.HELLO_REQ, 1, HelloReq(0xABCDEF, 1).to_body())


@pytest.fixture(autouse=True)
def no_machine_is_left_behind() -> Iterator[None]:
    yield
    registry.stop_all()


async def test_a_rack_may_have_another_board_and_keeps_it(tmp_path: Path) -> None:
    (await open_sim("desk", tmp_path, board="bare-4")).close()
    machine = registry.machine("desk")
    assert machine is not None
    assert machine.rig.spec.name == "bare-4"
    with pytest.raises(TransportClosed, match="runs as bare-4 already"):
        await open_sim("desk", tmp_path)
    with pytest.raises(TransportClosed, match="no board file"):
        await open_sim("other", tmp_path, board="nonesuch")


async def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def never_lost(why: str) -> None:
    pytest.fail(f"lost: {why}")


class Host:
    """Greets over a transport and keeps the HELLOs it hears."""

    def __init__(self, transport: Transport) -> None:
        self.hellos: list[Hello] = []
        self.heard = 0
        self._decoder = FrameDecoder()
        self.transport = transport
        transport.start(self._take, never_lost)
        transport.write(GREETING)

    def _take(self, data: bytes) -> None:
        self.heard += len(data)
        messages = [decode(kind, body) for kind, _, body in self._decoder.feed(data)]
        self.hellos += [message for message in messages if isinstance(message, Hello)]

    def owns(self) -> bool:
        return any(hello.owner_host == 0xABCDEF for hello in self.hellos)


@pytest.mark.parametrize("baud", [None, 921_600])
async def test_a_host_greets_through_it(tmp_path: Path, baud: int | None) -> None:
    host = Host(await open_sim("lab", tmp_path, baud=baud))
    await until(host.owns)
    host.transport.close()


async def test_closing_pulls_the_cable_and_leaves_the_machine_running(tmp_path: Path) -> None:
    host = Host(await open_sim("lab", tmp_path))
    await until(host.owns)
    host.transport.close()
    host.transport.write(GREETING)
    heard = host.heard
    machine = registry.machine("lab")
    assert machine is not None
    machine.receive(GREETING)
    again = Host(await open_sim("lab", tmp_path))
    await until(again.owns)
    assert host.heard == heard
    assert registry.machine("lab") is machine
    assert again.hellos[0].boot == host.hellos[0].boot
    again.transport.close()


async def test_nothing_arrives_inside_the_call_that_sends(tmp_path: Path) -> None:
    transport = await open_sim("lab", tmp_path)
    inside = [False]
    seen: list[bool] = []
    transport.start(lambda _data: seen.append(inside[0]), never_lost)
    inside[0] = True
    transport.write(GREETING)
    inside[0] = False
    await until(lambda: seen)
    assert not any(seen)
    transport.close()


async def test_a_rack_that_is_plugged_in_already_is_taken(tmp_path: Path) -> None:
    first = await open_sim("lab", tmp_path)
    with pytest.raises(PortTaken, match="in use by this program"):
        await open_sim("lab", tmp_path)
    first.close()
    (await open_sim("lab", tmp_path)).close()


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "x" * 33, "-n", "caf\u00e9"])
async def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadPortUrl):
        await open_sim(name, tmp_path)
    assert registry.machine(name) is None


async def test_a_damaged_rack_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "simulator" / "lab").mkdir(parents=True)
    (tmp_path / "simulator" / "lab" / "world.json").write_text("{")
    with pytest.raises(TransportClosed, match="Delete that file"):
        await open_sim("lab", tmp_path)
