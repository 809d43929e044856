"""Bodies: whatever bytes come, a message or BadBody comes out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.framing import encode_frame
from backplane.firmware_link.messages import (
    Event,
    Hello,
    Lights,
    MessageType,
    State,
    Telemetry,
    TelemetryReading,
    UnknownMessage,
    decode,
)
from backplane.firmware_link.protocol import LinkProtocol
from tests.support.wire_vectors import wire_vectors


@given(st.integers(0, 255), st.binary(max_size=247))
def test_any_body_is_a_message_or_a_bad_body(frame_type: int, body: bytes) -> None:
    try:
        message = decode(frame_type, body)
    except BadBody as error:
        assert (error.frame_type, error.length) == (frame_type, len(body))  # noqa: PT017  (as right as a message)
    else:
        assert isinstance(message, UnknownMessage) == (frame_type not in set(MessageType))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=247)), max_size=8))
def test_a_session_survives_any_message(bodies: list[tuple[int, bytes]]) -> None:
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    for seq, (frame_type, body) in enumerate(bodies):
        protocol.receive_data(encode_frame(frame_type, seq, body), seq / 10)
    protocol.events_received()
    protocol.data_to_send()
    protocol.handle_timeout(1000.0)


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in wire_vectors()])
def test_a_body_cut_anywhere_is_refused_or_read_by_its_prefix(vector: dict[str, str]) -> None:
    body = bytes.fromhex(vector["body"])
    for length in range(len(body)):
        try:
            decode(int(vector["type"]), body[:length])
        except BadBody as error:
            assert error.length == length  # noqa: PT017  (both ways out are right, one has a field)


@given(st.integers(0, 0x3FFF))
def test_a_lights_word_reads_back(word: int) -> None:
    assert Lights.from_word(word).to_word() == word


@given(
    st.dictionaries(
        st.integers(0, 24),
        st.builds(
            TelemetryReading,
            st.none() | st.integers(0, 65534),
            st.none() | st.integers(0, 65534),
            st.none() | st.integers(0, 65534),
            st.none() | st.integers(-32768, 32766),
        ),
    )
)
def test_telemetry_reads_back_with_unknown_apart_from_zero(
    readings: dict[int, TelemetryReading],
) -> None:
    telemetry = Telemetry(5, readings)
    assert Telemetry.from_body(telemetry.to_body()) == telemetry


def test_a_state_with_a_wider_stride_reads_the_prefix_of_each_slot() -> None:
    body = bytes.fromhex(next(v["body"] for v in wire_vectors() if v["name"] == "state"))
    narrow = State.from_body(body)
    slots = [body[15 + 12 * index : 27 + 12 * index] + b"\xaa\xbb" for index in range(3)]
    wide = body[:14] + b"\x0e" + b"".join(slots)
    assert State.from_body(wide) == narrow


def test_a_state_with_a_narrower_stride_is_bad() -> None:
    body = bytes.fromhex(next(v["body"] for v in wire_vectors() if v["name"] == "state"))
    with pytest.raises(BadBody):
        decode(MessageType.STATE, body[:14] + b"\x08" + body[15:])


def test_a_newer_hello_may_end_in_more_than_names() -> None:
    body = bytes.fromhex(next(v["body"] for v in wire_vectors() if v["name"] == "hello"))
    hello = Hello.from_body(body + b"\x03new")
    assert (hello.version, hello.board_name) == ("1.0.0", "reference-10")


def test_a_name_in_broken_utf8_is_still_a_name() -> None:
    body = bytes.fromhex(next(v["body"] for v in wire_vectors() if v["name"] == "hello"))
    assert Hello.from_body(body[:-1] + b"\xff").board_name == "reference-1\ufffd"


def test_an_event_keeps_the_body_it_came_in() -> None:
    event = Event(1, 2, 3, 4, 5, 6, 7)
    again = Event.from_body(event.to_body())
    assert again.raw == event.to_body()
