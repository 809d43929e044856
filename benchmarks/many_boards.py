"""The far side of many_links: N small boards on pseudo-terminals in one process, each with readings at 1 Hz and STATE each 5 s.

Run as a program; prints the terminals' names, one a line, then `ready`. Ends when its standard input closes.
"""

import asyncio
import contextlib
import os
import sys
import tty

from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.messages import (
    Caps,
    Cmd,
    Hello,
    HelloFlags,
    HelloReq,
    Message,
    Op,
    Ping,
    Pong,
    Result,
    ResultCode,
    SlotFlags,
    SlotReading,
    State,
    Telemetry,
    TelemetryReading,
    decode,
)
from backplane.firmware_link.outbox import Outbox

SLOTS = 10
_STATE_EVERY = 5  # readings
_FLAGS = SlotFlags.PRESENT | SlotFlags.RAIL_ON | SlotFlags.POWER_GOOD | SlotFlags.METER_WORKS


class SmallBoard:
    def __init__(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._id = (0xB0A2D0000000 + number).to_bytes(6, "big") + bytes(2)
        self._decoder = FrameDecoder()
        self._outbox = Outbox()
        self._owner = (0, 0)
        self._count = number
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        os.set_blocking(self.master, False)
        loop.add_reader(self.master, self._read)

    def tick(self) -> None:
        """A second has passed."""
        if not self._owner[0]:
            return
        self._count += 1
        readings = {
            slot: TelemetryReading(12_000 + slot, 400 + self._count % 50, 450, 4_200 + slot)
            for slot in range(SLOTS + 1)
        }
        self._say(Telemetry(self._now_ms(), readings))
        if self._count % _STATE_EVERY == 0:
            self._say(self._state())
        self._send()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            for frame_type, _, body in self._decoder.feed(os.read(self.master, 4096)):
                self._hear(decode(frame_type, body))
        self._send()

    def _hear(self, message: object) -> None:
        if isinstance(message, HelloReq):
            if HelloFlags.LISTEN_ONLY not in message.flags:
                self._owner = (message.host_id, message.epoch)
            self._say(self._hello())
        elif isinstance(message, Ping):
            now_us = self._now_ms() * 1000
            self._say(Pong(message.t1, now_us, now_us))
        elif isinstance(message, Cmd):
            if message.op == Op.GET_STATE:
                self._say(self._state())
            self._say(Result(message.epoch, message.id, ResultCode.OK))

    def _hello(self) -> Hello:
        numbers = (1, 1, SLOTS, 8, Caps.SIMULATED, 253, 7, 1, 0, 1, 1, self._now_ms(), 1)
        return Hello(*numbers, self._id, *self._owner, "bench", "reference-10")

    def _state(self) -> State:
        readings = (SlotReading(n, _FLAGS, 9, 12_000, 410, 4_200) for n in range(1, SLOTS + 1))
        return State(7, 0, self._now_ms(), 1, tuple(readings))

    def _say(self, message: Message) -> None:
        self._outbox.put(message)

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self.master, self._outbox.take())

    def _now_ms(self) -> int:
        return int(self._loop.time() * 1000) & 0xFFFFFFFF


async def _run(count: int) -> None:
    loop = asyncio.get_running_loop()
    boards = [SmallBoard(number, loop) for number in range(count)]
    for board in boards:
        print(board.path)
    print("ready", flush=True)
    over = asyncio.Event()
    loop.add_reader(sys.stdin, over.set)
    began = loop.time()
    turn = 0
    while not over.is_set():
        for board in boards[turn::100]:  # a hundredth of them each 10 ms
            board.tick()
        turn = (turn + 1) % 100
        began += 0.01
        await asyncio.sleep(max(0.0, began - loop.time()))


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
