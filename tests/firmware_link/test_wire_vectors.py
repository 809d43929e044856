"""The golden bytes: what this host reads and writes is what was agreed, byte by byte."""

import dataclasses
from typing import Any

import pytest

from backplane.firmware_link.commands import Identity, config_value
from backplane.firmware_link.framing import decode_frame, encode_frame
from backplane.firmware_link.image import make_image
from backplane.firmware_link.messages import (
    Cmd,
    ErrorMessage,
    Event,
    EventKind,
    Lights,
    MessageType,
    Op,
    Result,
    State,
    TelemetryReading,
    UnknownMessage,
    decode,
)
from backplane.firmware_link.update_orders import (
    MAX_DATA,
    UpdateStatus,
    received_bytes,
    update_begin,
    update_commit,
    update_data,
    update_status,
)
from tests.support.wire_vectors import wire_vector, wire_vectors

VECTORS = [pytest.param(vector, id=vector["name"]) for vector in wire_vectors()]


def as_json(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.name != "raw"]
        return {name: as_json(getattr(value, name)) for name in names}
    if isinstance(value, TelemetryReading):
        return value._asdict()
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("vector", VECTORS)
def test_a_golden_frame_is_written_byte_by_byte(vector: dict[str, Any]) -> None:
    frame = encode_frame(vector["type"], vector["seq"], bytes.fromhex(vector["body"]))
    assert frame.hex() == vector["frame"]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_golden_frame_is_read_into_its_fields(vector: dict[str, Any]) -> None:
    frame = decode_frame(bytes.fromhex(vector["frame"])[:-1])
    assert frame is not None
    frame_type, seq, body = frame
    assert (frame_type, seq) == (vector["type"], vector["seq"])
    assert as_json(decode(frame_type, body)) == vector["fields"]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_message_makes_its_golden_body_again(vector: dict[str, Any]) -> None:
    message = decode(vector["type"], bytes.fromhex(vector["body"]))
    assert not isinstance(message, UnknownMessage)
    assert message.to_body().hex() == vector["body"]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_body_may_grow_at_its_tail(vector: dict[str, Any]) -> None:
    if vector["type_name"] in {"CMD", "RESULT", "LOG", "ERROR", "CONSOLE"}:
        return  # their tails are data, not a place to grow
    body = bytes.fromhex(vector["body"])
    grown = (
        body + b"\x00\x00" if vector["name"] == "hello_unowned_without_names" else body + b"\x2a"
    )
    if vector["name"] == "event_identified_without_uid":
        grown = body
    assert as_json(decode(vector["type"], grown)) == vector["fields"]


def test_every_type_kind_and_op_has_a_golden_frame() -> None:
    messages = [decode(vector["type"], bytes.fromhex(vector["body"])) for vector in wire_vectors()]
    assert {vector["type"] for vector in wire_vectors()} == set(MessageType)
    kinds = {message.kind for message in messages if isinstance(message, Event)}
    assert kinds >= set(EventKind)
    ops = {message.op for message in messages if isinstance(message, Cmd)}
    assert ops == set(Op)


def test_rail_events_carry_a_24_bit_command_id() -> None:
    vector = wire_vector("event_rail_on_command_id_of_24_bits")
    event = decode(vector["type"], bytes.fromhex(vector["body"]))
    assert isinstance(event, Event)
    assert (event.command_id, event.rail_cause) == (0xFEDCBA, 0)
    assert event.raw.hex() == vector["body"]


def test_orders_and_answers_of_an_update_read_and_write_as_agreed() -> None:
    image = make_image(
        {"board.json": b"{}", "firmware/__init__.py": b""}, "1.2.3", "reference-10", 0
    )
    orders = {
        "cmd_update_begin": update_begin(image),
        "cmd_update_data": update_data(0, image.data[:48]),
        "cmd_update_data_longest": update_data(0x12345, bytes(range(MAX_DATA))),
        "cmd_update_commit": update_commit(image),
        "cmd_update_status": update_status(),
    }
    for name, order in orders.items():
        fields = wire_vector(name)["fields"]
        assert (fields["op"], fields["args"]) == (order.op, order.args.hex())
    assert len(wire_vector("cmd_update_data_longest")["frame"]) == 2 * 255
    for name in ("result_update_status", "result_update_status_failed"):
        vector = wire_vector(name)
        data = bytes.fromhex(vector["fields"]["data"])
        status = UpdateStatus.from_data(data)
        assert as_json(status) == vector["data_fields"]
        assert status is not None
        assert status.to_data() == data
        assert UpdateStatus.from_data(data[:-1]) is None
    for name in ("result_update_received", "result_update_data_missing"):
        vector = wire_vector(name)
        received = received_bytes(bytes.fromhex(vector["fields"]["data"]))
        assert received == vector["data_fields"]["received"]


def test_data_of_results_errors_and_lights_reads_as_agreed() -> None:
    identity, config = wire_vector("result_identity"), wire_vector("result_config_value")
    result = decode(identity["type"], bytes.fromhex(identity["body"]))
    assert isinstance(result, Result)
    assert as_json(Identity.from_data(result.data)) == identity["data_fields"]
    result = decode(config["type"], bytes.fromhex(config["body"]))
    assert isinstance(result, Result)
    assert config_value(result.data) == config["data_fields"]["value"]
    gone = wire_vector("error_gone")
    error = decode(gone["type"], bytes.fromhex(gone["body"]))
    assert isinstance(error, ErrorMessage)
    assert error.first_held == gone["data_fields"]["first"]
    vector = wire_vector("state")
    state = decode(vector["type"], bytes.fromhex(vector["body"]))
    assert isinstance(state, State)
    lights = Lights.from_word(state.readings[0].lights)
    assert as_json(lights) == vector["data_fields"]["lights_of_slot_1"]
    assert lights.to_word() == state.readings[0].lights
