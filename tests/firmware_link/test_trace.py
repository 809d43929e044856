"""Frames in words, and recordings that were cut, hurt or full."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.firmware_link import recording
from backplane.firmware_link.commands import OutgoingCommand, set_power
from backplane.firmware_link.framing import decode_frame, encode_frame, fault_of
from backplane.firmware_link.happenings import JournalReason
from backplane.firmware_link.messages import (
    IF_EVENT_ANY,
    Caps,
    Event,
    EventKind,
    Hello,
    Message,
    MessageType,
    ResultCode,
    SlotFlags,
    SlotReading,
    State,
    decode,
    type_of,
)
from backplane.firmware_link.recording import (
    BadRecording,
    Recorder,
    begin_recording,
    parse_line,
    read_recording,
)
from backplane.firmware_link.replay_board import (
    REPLAY_MARK,
    ReplayBoard,
    board_messages,
    first_hello,
)
from backplane.firmware_link.trace import Chunk, Tracer
from backplane.firmware_link.trace_words import describe
from tests.support.link_bench import LinkBench

BOARD = bytes.fromhex("a4cf123456780000")


@given(st.binary(max_size=600))
def test_no_bytes_upset_a_tracer(data: bytes) -> None:
    tracer = Tracer()
    for traced in [*tracer.feed(data), *tracer.feed(data[::-1] + b"\0"), *tracer.end()]:
        assert traced.lines(with_details=True)[0]


@given(st.binary(min_size=1, max_size=300).filter(lambda part: 0 not in part))
def test_each_bad_frame_has_a_reason(part: bytes) -> None:
    if decode_frame(part) is None:
        assert fault_of(part)


def test_a_flipped_bit_is_told_as_a_wrong_crc() -> None:
    encoded = bytearray(encode_frame(MessageType.PING, 1, bytes(range(1, 9)))[:-1])
    encoded[5] ^= 4
    assert "its CRC is" in fault_of(bytes(encoded))


@given(st.sampled_from(list(MessageType)), st.binary(max_size=247))
def test_every_message_has_words(frame_type: MessageType, body: bytes) -> None:
    (traced,) = Tracer().feed(encode_frame(frame_type, 0, body))
    assert traced.lines(with_details=True)


def test_a_skipped_number_is_told_as_lost_frames() -> None:
    tracer = Tracer()
    ping = bytes(8)
    frames = [encode_frame(MessageType.PING, seq, ping) for seq in (254, 255, 2)]
    assert [traced.lost for traced in tracer.feed(b"".join(frames))] == [0, 0, 2]


def test_an_unknown_type_is_shown_with_its_bytes() -> None:
    (traced,) = Tracer().feed(encode_frame(0x77, 0, b"\1\2"))
    assert traced.lines() == ["0x77      of a newer board: 01 02"]
    assert describe(decode(0x77, b"\1\2")) == "of a newer board: 01 02"


def test_what_was_recorded_is_read_again(tmp_path: Path) -> None:
    recorder = begin_recording(tmp_path / "new", "/dev/ttyUSB0?baud=115200")
    assert recorder is not None
    recorder.note(b"\x00\x01", is_from_board=False)
    recorder.note(bytes(range(256)), is_from_board=True)
    recorder.close()
    assert recorder.path.name.startswith("dev-ttyUSB0-baud-115200.")
    chunks = read_recording(recorder.path)
    assert [(c.is_from_board, c.data) for c in chunks] == [
        (False, b"\0\1"),
        (True, bytes(range(256))),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "# note\n",
        "1.0 < 00",
        "x < 00\n",
        "1.0 ? 00\n",
        "1.0 < 0g\n",
        "1.0\n",
        "nan < 00\n",
        "1e999 < 00\n",
        "-5 < 00\n",
    ],
)
def test_a_damaged_line_is_passed_over(line: str) -> None:
    assert parse_line(line) is None
    assert parse_line("1.5 < 0001\n") == Chunk(1.5, True, b"\0\1")


def test_a_file_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="cannot be read"):
        read_recording(tmp_path / "nowhere.bplink")


def test_only_the_newest_recordings_of_a_port_are_kept(tmp_path: Path) -> None:
    for _ in range(recording.FILES_KEPT + 3):
        recorder = begin_recording(tmp_path, "sim://one")
        assert recorder is not None
        recorder.close()
    other = begin_recording(tmp_path, "sim://other")
    assert other is not None
    other.close()
    assert len(list(tmp_path.glob("sim-one.*"))) == recording.FILES_KEPT
    assert other.path.exists()


def test_a_full_disk_ends_the_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "x.bplink", "sim://x")

    class Full:
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            """Nothing to close."""

    assert recorder._file is not None
    recorder._file.close()
    monkeypatch.setattr(recorder, "_file", Full())
    recorder.note(b"\0", is_from_board=True)
    recorder.note(b"\0", is_from_board=True)
    assert begin_recording(Path("/proc/nowhere"), "sim://x") is None


def test_a_recording_without_a_hello_tells_no_board() -> None:
    assert (
        first_hello(board_messages([Chunk(0.0, True, encode_frame(MessageType.LOG, 0, b"\1\0x"))]))
        is None
    )


HELLO = Hello(
    1, 1, 2, 8, Caps(0), 253, 0x77, 1, 811, 812, 3, 60_000, 1, BOARD, 9, 4, "0.1", "bare-4"
)


def said(at_s: float, *messages: Message) -> Chunk:
    frames = (encode_frame(type_of(each), 0, each.to_body()) for each in messages)
    return Chunk(at_s, True, b"".join(frames))


def event(number: int, kind: EventKind, boot: int = 3, uid: bytes = b"") -> Event:
    return Event(0x77, number, boot, 61_000, kind, 2, 0, uid)


def state(as_of: int, flags: SlotFlags) -> State:
    readings = tuple(SlotReading(slot, flags, 0, None, None, None) for slot in (1, 2))
    return State(0x77, as_of, 61_000, 1, readings)


class InMilliseconds:
    """A ReplayBoard as LinkBench steps its boards."""

    def __init__(self, chunks: list[Chunk], speed: float = 1.0) -> None:
        played = board_messages(chunks)
        hello = first_hello(played)
        assert hello is not None
        self.board = ReplayBoard(played, hello, 0x5000, speed)

    def receive(self, data: bytes, now_ms: int) -> None:
        self.board.receive(data, now_ms / 1000)

    def step(self, now_ms: int) -> bytes:
        return self.board.step(now_ms / 1000)

    def next_due(self) -> int:
        due = self.board.next_due()
        return 1 << 40 if due is None else int(due * 1000) + 1


PLAY = [
    said(0.1, HELLO),
    said(1.0, state(811, SlotFlags.PRESENT), event(812, EventKind.REMOVE)),
    said(1.2, event(812, EventKind.REMOVE), event(813, EventKind.IDENTIFIED, uid=b"\x01\x02")),
    said(2.0, state(813, SlotFlags.CAN_SENSE_PRESENCE)),
    said(40.0, replace(HELLO, boot=4, uptime_ms=20), event(814, EventKind.BOOT, boot=4)),
    said(41.0, state(814, SlotFlags.RAIL_ON)),
]


def test_a_recording_plays_each_event_once_under_numbers_of_its_own() -> None:
    bench = LinkBench(InMilliseconds(PLAY)).start()
    bench.run(60)
    assert [(e.journal, e.number, e.kind) for e in bench.records.events] == [
        (0x5000, 1, EventKind.REMOVE),
        (0x5000, 2, EventKind.IDENTIFIED),
        (0x5000, 3, EventKind.BOOT),
    ]
    assert bench.records.events[1].carrier_uid == REPLAY_MARK + b"\x01\x02"
    assert [s.readings[0].flags for s in bench.records.states] == [
        SlotFlags.PRESENT,
        SlotFlags.CAN_SENSE_PRESENCE,
        SlotFlags.RAIL_ON,
    ]
    assert [(h.boot, h.board_id, h.is_simulated) for h in bench.records.owned] == [
        (3, BOARD[:6] + REPLAY_MARK, True),
        (4, BOARD[:6] + REPLAY_MARK, True),
    ]


def test_a_recording_refuses_every_order_and_begins_a_new_journal_when_told() -> None:
    bench = LinkBench(InMilliseconds(PLAY)).start().up()
    bench.protocol.send_command(
        OutgoingCommand(1, set_power(2, on=False), 3, 5000, IF_EVENT_ANY), bench.now
    )
    bench.run(1)
    assert [(r.id, r.code) for r in bench.records.results] == [(1, ResultCode.E_OP)]
    bench.protocol.new_journal(JournalReason.DUPLICATE_DIFFERS, bench.now)
    bench.run(60)
    assert bench.records.events[-1].journal == 0x5001


def test_a_recording_plays_as_fast_as_it_is_told() -> None:
    bench = LinkBench(InMilliseconds(PLAY, speed=100)).start()
    assert bench.run_until(lambda: len(bench.records.events) == 3, 2.0)
