"""How much memory the firmware takes on MicroPython: a board of 24 slots, full, and then at its very worst.

Run by run.mjs, part by part.
"""

# ruff: noqa: ANN001, ANN201, F821, PLW0603, PT018, PTH123, UP031 - MicroPython, and its output is the result
# mypy: ignore-errors

import struct

if not hasattr(os, "urandom"):
    os.urandom = lambda count: b"\1\2\3\4"[:count]  # the WebAssembly port has none

# -- nothing
import json

from stage_board import StageBoard

# -- code
from firmware import codes
from firmware.board_spec import BoardSpec
from firmware.core import Core
from firmware.journal_file import FileJournal
from firmware.wire import encode_frame


class FullBoard(StageBoard):
    """Every slot has a carrier with usual names, at the end with the longest."""

    letters = 16

    def identity(self, slot):
        name = b"%02d" % slot + b"x" * (self.letters - 2)
        return (name, b"s" + name[1:], b"m" + name[1:])


def say(kind, body):
    core.receive(encode_frame(kind, 0, body), now)


def order(op, arguments):
    """Give an order and make room for its answer."""
    global number, now
    number += 1
    head = struct.pack("<IIBHII", 1, number, op, journal.boot, now + 60000, codes.NO_CHECK)
    say(codes.CMD, head + arguments)
    now += 5
    core.step(now)


def hear_acks():
    say(codes.ACK, struct.pack("<III", 1, journal.id, journal.next - 1))


# -- the board
with open(BOARD) as file:
    data = json.load(file)
data["board"]["slots"] = 24
data["slot"] = [dict(data["slot"][n % 10], number=n + 1) for n in range(24)]
spec = BoardSpec(data)
board = FullBoard(spec)
board.present = board.handles_closed = spec.slots_mask
now = number = 0

# -- the core at its start
journal = FileJournal(FLASH)
core = Core(board, journal, 0)
spec.forget_wiring()
del data
say(codes.HELLO_REQ, struct.pack("<BBQIB", 1, 1, 77, 1, 0))

# -- seated, 200 times
now += 5
core.step(now)

# -- every rail on, 24 times
order(codes.SET_POWER, bytes((number + 1, 1)))
for _ in range(150):
    now += 5
    core.step(now)
hear_acks()

# -- lamps and restore policies set
for slot in range(1, 25):
    order(codes.SET_CONFIG, bytes((1, slot)) + struct.pack("<i", 2))
    order(codes.SET_LED, bytes((slot, 1, 0, 7, 7, 3)))
    hear_acks()


def fill_ring(every):
    """One event a step, each of so many with the uid of a carrier."""
    global now
    for turn in range(300):
        slot = core.chassis.slots[turn % 24]
        if turn % every == 0:
            uid = board.identity(slot.number)[0]
            core.chassis.emit(codes.IDENTIFIED, slot, 0, bytes((len(uid),)) + uid)
        else:
            core.chassis.emit(codes.SUSPICIOUS, slot, 400)
        now += 5
        core.step(now)
        if turn < 40:
            hear_acks()


# -- the ring full
fill_ring(3)

# -- every shutdown begun
for slot in range(1, 25):
    order(codes.REQUEST_SHUTDOWN, bytes((slot, 1)))

# -- every buffer full
for _ in range(8):
    core.chassis.log(1, "a line of the log that is as long as such lines are, %d" % now)
core.receive(b"x" * 250, now)  # a frame that has not ended
for _ in range(80):
    core._host._outbox.put(codes.EVENT, b"e" * 100)

# -- full and in the middle of a compaction
journal.flush()
journal._begin_compaction()
for _ in range(4):
    journal._write_slice()
assert journal._snapshot

# -- after it
while journal.work():
    pass
assert journal.next - journal.first == 256 and not journal.failures

# -- every setting of every slot and all names at their longest
for slot in range(1, 25):
    for key, value in ((3, 1999), (4, 7999), (6, 1), (8, 89999), (9, 149)):
        order(codes.SET_CONFIG, bytes((key, slot)) + struct.pack("<i", value))
board.letters = 32
for slot in core.chassis.slots:
    slot.identity = board.identity(slot.number)
    slot.identity = slot.carrier = slot.expected = slot.identity[0]
fill_ring(1)

# -- started again from this flash
del core, journal
now = 0
journal = FileJournal(FLASH)
core = Core(board, journal, 0)
