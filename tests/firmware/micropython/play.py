"""One story that every Python must tell alike: it prints what the board sent. Runs on MicroPython too.

BOARD and FLASH (a board file as JSON, an empty folder) are defined by whoever runs this text.
"""

# ruff: noqa: ANN001, ANN201, ANN202, F821, PTH123, T201, UP031 - MicroPython, and its output is the result
# mypy: ignore-errors

import json
import struct

from stage_board import StageBoard

from firmware import codes
from firmware.board_spec import BoardSpec
from firmware.core import Core
from firmware.drivers import at24c02
from firmware.journal_file import FileJournal
from firmware.patterns import colours
from firmware.wire import Decoder, encode_frame


class Journal(FileJournal):
    """A journal whose id is no surprise."""

    def _new_id(self):
        return 0xCAFE0001


def tell(kind, body):
    """Print a frame; STATE and TELEMETRY in full, so that every number is compared."""
    print(kind, "".join(["%02x" % byte for byte in body]))


# Time, command, operation, slot: two rails at once, so that one waits behind the stagger, and at the end
# a shutdown with then_off that the next boot goes on with.
ORDERS = ((500, 1, 1, 1), (500, 2, 1, 2), (14950, 3, 3, 2))


def give_orders(core, journal, now):
    """Send what is due at this moment."""
    for at, number, op, slot in ORDERS:
        if at == now:
            head = struct.pack("<IIBHII", 1, number, op, journal.boot, now + 9999, codes.NO_CHECK)
            core.receive(encode_frame(codes.CMD, number, head + bytes((slot, 1))), now)


def run(board, journal):
    """15 s of one boot: greet, switch on two slots, pull one, hear noise, ask one to shut down at the end."""
    core = Core(board, journal, 0)
    decoder = Decoder()
    core.receive(encode_frame(codes.HELLO_REQ, 0, struct.pack("<BBQIB", 1, 1, 77, 1, 0)), 0)
    board.present = 0b110
    for now in range(5, 15000, 5):
        give_orders(core, journal, now)
        if now % 1000 == 0:
            core.receive(encode_frame(codes.PING, 0, bytes(8)), now)
        if now == 5000:
            board.present = 0b100
        if now == 7500:
            core.receive(b"\x01\x02noise\x00\x07" * 50, now)
        for kind, body in decoder.feed(core.step(now)):
            tell(kind, body)
            if kind == codes.EVENT:
                ack = struct.pack("<III", 1, journal.id, struct.unpack("<I", body[4:8])[0])
                core.receive(encode_frame(codes.ACK, 0, ack), now)
        core.next_due()
    print("end", board.switches, journal.first, journal.next, journal.acked, journal.failures)
    return core


with open(BOARD) as file:
    spec = BoardSpec(json.load(file))
board = StageBoard(spec)
board.reset_cause = 3  # so that the second boot goes on with the shutdown
run(board, Journal(FLASH))
journal = Journal(FLASH)
core = run(board, journal)
for _ in range(1500):
    core.chassis.emit(codes.CONFIG, None, 2)
    journal.work()
again = Journal(FLASH)
again.open()
print("again", again.id == journal.id, again.first, again.next, again.boot)
print(colours(0o111, 0), at24c02.parse_identity(at24c02.pack_identity(b"uid", b"serial", b"model")))
