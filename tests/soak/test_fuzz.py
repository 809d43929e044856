"""Long seeded noise into both decoders, the host's protocol and the board's commands.

Nothing raises, nothing grows, both sides see the same frames, and no rail moves by what nobody meant.
"""

import random
import struct
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.happenings import Admission, Greeted
from backplane.firmware_link.messages import decode
from backplane.firmware_link.protocol import LinkProtocol
from firmware import codes
from firmware.wire import MAX_BODY, Decoder, encode_frame
from tests.support.bench import HOST_ID, Bench
from tests.support.scripted_board import ScriptedBoard

pytestmark = pytest.mark.long

KINDS = (
    codes.HELLO_REQ, codes.HELLO, codes.BYE, codes.EVENT, codes.ACK, codes.REPLAY, codes.CMD, codes.RESULT,
    codes.STATE, codes.TELEMETRY, codes.LOG, codes.ERROR, codes.PING, codes.PONG, codes.CONSOLE,
)  # fmt: skip
GROWS_AT_MOST = 150_000  # bytes kept by a decoder, a protocol or a core after any amount of noise
SEEDS = range(1, 3)


def some_body(chance: random.Random) -> bytes:
    size = chance.choice((0, 1, 7, 12, 19, 20, 21, 25, 30, chance.randrange(MAX_BODY + 1)))
    return chance.choice((chance.randbytes(size), bytes(size), b"\xff" * size))


def stream(chance: random.Random, pieces: int) -> Iterator[bytes]:
    """Whole frames, hurt ones, cut ones, noise, silence and floods without an end."""
    for at in range(pieces):
        kind = chance.choice(KINDS) if chance.random() < 0.9 else chance.randrange(256)
        frame = bytearray(encode_frame(kind, at & 0xFF, some_body(chance)))
        fate = chance.random()
        if fate < 0.2:
            frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)
        elif fate < 0.3:
            del frame[chance.randrange(len(frame)) :]
        elif fate < 0.4:
            frame[:0] = chance.randbytes(chance.randrange(40))
        elif fate < 0.42:
            frame = bytearray(chance.choice((b"\xff", b"\x01", b"\0")) * chance.randrange(3000))
        yield bytes(frame)


def in_chunks(chance: random.Random, pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        rest += piece
        while len(rest) > 64 and chance.random() < 0.7:
            size = chance.randrange(1, len(rest) + 1)
            yield rest[:size]
            rest = rest[size:]
    yield rest


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_cut_the_same_frames_out_of_any_noise_and_keep_no_more_than_one(
    seed: int,
) -> None:
    chance = random.Random(seed)
    board, host = Decoder(), FrameDecoder()
    count = 0
    for chunk in in_chunks(chance, stream(chance, 6_000)):
        frames = host.feed(chunk)
        assert [(kind, body) for kind, _, body in frames] == board.feed(chunk)
        assert len(board._buffer) <= 255
        assert len(host._tail) <= 255
        count += len(frames)
    assert count > 2_000
    assert board.good == count


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=600), max_size=12))
def test_both_sides_agree_on_any_bytes(chunks: list[bytes]) -> None:
    board, host = Decoder(), FrameDecoder()
    for chunk in chunks:
        assert [(kind, body) for kind, _, body in host.feed(chunk)] == board.feed(chunk)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(KINDS), st.binary(max_size=MAX_BODY))
def test_a_body_is_a_message_or_a_bad_body(kind: int, body: bytes) -> None:
    try:
        decode(kind, body)
    except BadBody:
        return


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hosts_protocol_takes_anything_in_any_phase(seed: int) -> None:
    chance = random.Random(seed)
    board = ScriptedBoard()
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    now = 0.0
    before = 0
    tracemalloc.start()
    for at, chunk in enumerate(in_chunks(chance, stream(chance, 4_000))):
        now += 0.002
        protocol.receive_data(chunk, now)
        protocol.handle_timeout(now)
        for happening in protocol.events_received():
            if isinstance(happening, Greeted):
                protocol.own(Admission(HOST_ID, 1, None), now)
        board.receive(protocol.data_to_send(), int(now * 1000))
        protocol.receive_data(board.step(int(now * 1000)), now)
        if at == 200:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < GROWS_AT_MOST


def powered_bench() -> Bench:
    return Bench().powered(1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_and_strangers_move_no_rail_and_fill_nothing(seed: int) -> None:
    """Any frames but those of the owner's own lease: other hosts, other epochs, nonsense."""
    chance = random.Random(seed)
    bench = powered_bench()
    commands = bench.core._host._commands
    for at, piece in enumerate(stream(chance, 4_000)):
        bench.core.receive(b"\0" + piece, bench.now_ms)
        if at % 5 == 0:
            bench.core.receive(b"\0" + strangers_frame(chance, bench), bench.now_ms)
        bench.now_ms += chance.randrange(3)
        assert len(bench.core.step(bench.now_ms)) < 16_384
        assert bench.board.switches == 0b110
        assert len(commands._waiting) + len(commands._results) <= 40
        assert len(bench.core._host._outbox._frames) == 0
    assert bench.core._host._decoder.good > 1_500


def strangers_frame(chance: random.Random, bench: Bench) -> bytes:
    """A command that would cut or switch on, whole and in time, of a lease that is not the board's."""
    epoch = chance.choice((0, bench.epoch + 1, bench.epoch + 7, 0xFFFFFFFF))
    op = chance.choice((codes.SET_POWER, codes.POWER_CYCLE, codes.REQUEST_SHUTDOWN, codes.RELEASE))
    args = bytes((chance.randrange(1, 11), chance.randrange(2), 0))
    expires_ms = (bench.now_ms + 5_000) & codes.U32
    head = struct.pack(
        "<IIBHII",
        epoch,
        chance.getrandbits(32),
        op,
        bench.journal.boot,
        expires_ms,
        codes.NO_CHECK,
    )
    return bytes(encode_frame(codes.CMD, 0, head + args))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_owners_commands_of_any_content_are_answered_and_forgotten(seed: int) -> None:
    chance = random.Random(seed)
    bench = powered_bench()
    commands = bench.core._host._commands
    ops = [op for op in range(1, 30) if op != codes.REBOOT]
    before = 0
    tracemalloc.start()
    for at in range(4_000):
        guards = {
            "boot": chance.choice((bench.journal.boot, chance.getrandbits(16))),
            "expires_ms": chance.choice((bench.now_ms + 500, chance.getrandbits(32))),
            "if_event": chance.choice((codes.NO_CHECK, chance.getrandbits(9), bench.journal.next)),
        }
        body = bench.command_body(chance.choice(ops), *some_body(chance)[:60], **guards)
        bench.core.receive(encode_frame(codes.CMD, at & 0xFF, body), bench.now_ms)
        bench.now_ms += chance.randrange(20)
        assert len(bench.core.step(bench.now_ms)) < 16_384
        bench.core.next_due()
        bench.ack(bench.journal.next - 1)
        assert len(commands._results) <= 32
        assert len(commands._waiting) <= 40
        if at == 1_000:
            before = tracemalloc.get_traced_memory()[0]
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < GROWS_AT_MOST
