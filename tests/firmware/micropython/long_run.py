"""Whether the heap grows: 200,000 steps with a host, orders, hands, noise and compactions.

Run part by part, by run_parts.py or run.mjs.
"""

# ruff: noqa: ANN001, ANN201, F821, PLW0603, PTH123, T201 - MicroPython, and its output is the result
# mypy: ignore-errors

import json
import struct

from stage_board import StageBoard

from firmware import codes
from firmware.board_spec import BoardSpec
from firmware.core import Core
from firmware.journal_file import FileJournal
from firmware.wire import encode_frame

if not hasattr(os, "urandom"):
    os.urandom = lambda count: b"\1\2\3\4"[:count]  # the WebAssembly port has none
TURN = 500  # steps of 5 ms


with open(BOARD) as file:
    board = StageBoard(BoardSpec(json.load(file)))
board.present = board.spec.slots_mask
journal = FileJournal(FLASH)
core = Core(board, journal, 0)
now = turn = heard = 0


def say(kind, body):
    core.receive(encode_frame(kind, 0, body), now)


def order(op, arguments):
    head = struct.pack("<IIBHII", 1, turn << 4 | op, op, journal.boot, now + 9999, codes.NO_CHECK)
    say(codes.CMD, head + arguments)


def act(at, slot):
    """What happens in a turn, by its step."""
    bit = 1 << slot
    if at == 10:
        order(codes.SET_POWER, bytes((slot, 1)))
    elif at == 100:
        order(codes.SET_LED, bytes((slot, 1, 0, 7, 7, 3)))
        order(codes.SET_CONFIG, bytes((3, slot)) + struct.pack("<i", 1000 + turn % 2))
    elif at == 150:
        core.receive(b"\1\2noise\0\7" * 30, now)
    elif at == 200:
        board.present &= ~bit
    elif at == 240:
        say(codes.REPLAY, struct.pack("<III", 1, journal.id, max(1, journal.next - 20)))
    elif at == 300:
        board.present |= bit
    elif at == 450:
        order(codes.SET_LED, bytes((slot, 0, 0, 0, 0, 0)))


def live():
    """One turn: 2.5 s."""
    global now, turn, heard
    turn += 1
    for at in range(TURN):
        now += 5
        if at % 100 == 0:
            say(codes.PING, bytes(8))
        act(at, turn % 10 + 1)
        heard += len(core.step(now))
        if at % 20 == 0:
            say(codes.ACK, struct.pack("<III", 1, journal.id, journal.next - 1))


say(codes.HELLO_REQ, struct.pack("<BBQIB", 1, 1, 77, 1, 0))

# -- warm, 100 times
live()

# -- later, 300 times
live()

# -- idle steps take
before = gc.mem_alloc()
for _ in range(100):
    core.step(now)
used = gc.mem_alloc() - before
print("an idle step takes", used // 100)

# -- in the end
assert heard > 100000
print("steps", now // 5)
print("events", journal.next - 1)
print("failures", journal.failures)
print("compactions", journal._generation - 1)
