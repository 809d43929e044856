"""Each message of BP/1 in words and units, for a person who reads a trace. Pure."""

from collections.abc import Callable, Iterable
from enum import IntEnum
from struct import Struct

from backplane.firmware_link.codes import (
    IF_EVENT_ANY,
    ByeReason,
    Caps,
    ConfigKey,
    ErrorCode,
    EventKind,
    HelloFlags,
    LedColour,
    LedLayer,
    LedPattern,
    MessageType,
    Op,
    RailCause,
    ResultCode,
    SlotFlags,
)
from backplane.firmware_link.messages import (
    Ack,
    Bye,
    Cmd,
    Console,
    ErrorMessage,
    Event,
    Hello,
    HelloReq,
    Lights,
    Log,
    Message,
    Ping,
    Pong,
    Replay,
    Result,
    SlotReading,
    State,
    Telemetry,
    TelemetryReading,
    UnknownMessage,
)

_ARGUMENTS: dict[int, tuple[Struct, tuple[str, ...]]] = {
    Op.SET_POWER: (Struct("<BB"), ("slot", "on")),
    Op.POWER_CYCLE: (Struct("<BH"), ("slot", "hold_ms")),
    Op.REQUEST_SHUTDOWN: (Struct("<BB"), ("slot", "then_off")),
    Op.RELEASE: (Struct("<BB"), ("slot", "on")),
    Op.SET_LED: (Struct("<BBBBBB"), ("slot", "layer", "colour", "status", "blue", "white")),
    Op.LAMP_TEST: (Struct("<B"), ("on",)),
    Op.CLEAR_TRIP: (Struct("<B"), ("slot",)),
    Op.CLEAR_ALARM: (Struct("<B"), ("slot",)),
    Op.GET_IDENTITY: (Struct("<B"), ("slot",)),
    Op.SET_CONFIG: (Struct("<BBi"), ("key", "slot", "value")),
    Op.GET_CONFIG: (Struct("<BB"), ("key", "slot")),
    Op.SET_FAN: (Struct("<BB"), ("fan", "duty")),
    Op.REBOOT: (Struct("<I"), ("nonce",)),
}
_LOG_LEVELS = ("debug", "info", "warning", "error")
_EVENT_UNITS: dict[int, str] = {
    EventKind.POWER_LOST: "mV",
    EventKind.TRIP: "mA",
    EventKind.SUSPICIOUS: "mA",
}


def type_name(frame_type: int) -> str:
    """HELLO, EVENT, ..., or 0x77 for a type we do not know."""
    return (
        _name(MessageType, frame_type) if frame_type in set(MessageType) else f"0x{frame_type:02x}"
    )


def describe(message: Message | UnknownMessage) -> str:
    """One line, without the type's name."""
    return _WORDS[type(message)](message)


def details(message: Message | UnknownMessage) -> list[str]:
    """One line for each slot of a STATE or TELEMETRY; nothing for other messages."""
    if isinstance(message, State):
        return [_slot(reading) for reading in message.readings]
    if isinstance(message, Telemetry):
        return [_reading(slot, reading) for slot, reading in sorted(message.readings.items())]
    return []


def _name(numbers: type[IntEnum], value: int) -> str:
    return next((each.name for each in numbers if each == value), str(value))


def _flags(value: HelloFlags | Caps | SlotFlags) -> str:
    return " ".join(str(each.name).lower() for each in type(value) if each in value) or "none"


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f} s"


def _unit(value: int | None, unit: str, scale: float = 1.0, digits: int = 0) -> str:
    return f"? {unit}" if value is None else f"{value / scale:.{digits}f} {unit}"


def _hello_req(message: HelloReq) -> str:
    versions = f"BP/{message.proto_min} to {message.proto_max}"
    return f"host {message.host_id:016x}, epoch {message.epoch}, {versions}, flags: {_flags(message.flags)}"


def _hello(message: Hello) -> str:
    owner = (
        f"{message.owner_host:016x} epoch {message.owner_epoch}" if message.owner_host else "nobody"
    )
    return (
        f"board {message.board_id.hex()} {message.board_name or 'unnamed'}, firmware {message.version or '?'},"
        f" BP/{message.proto_min} to {message.proto}, {message.slots} slots, {_flags(message.caps)};"
        f" journal {message.journal:08x}: events {message.first} to {message.next - 1}, acknowledged {message.acked};"
        f" boot {message.boot}, reset cause {message.reset_cause}, up {_seconds(message.uptime_ms)}; owner {owner}"
    )


def _bye(message: Bye) -> str:
    return _name(ByeReason, message.reason).lower().replace("_", " ")


def _event(message: Event) -> str:
    where = f"slot {message.slot}" if message.slot else "chassis"
    head = f"#{message.number} {_name(EventKind, message.kind)} {where}"
    tail = f"journal {message.journal:08x}, boot {message.boot}, up {_seconds(message.uptime_ms)}"
    value = _event_value(message)
    return f"{head}{value and f', {value}'} ({tail})"


def _event_value(message: Event) -> str:
    if message.kind in {EventKind.RAIL_ON, EventKind.RAIL_OFF}:
        command = f" by command {message.command_id}" if message.command_id else ""
        return f"cause {_name(RailCause, message.rail_cause)}{command}"
    if message.kind == EventKind.IDENTIFIED:
        return f"carrier {message.carrier_uid.hex() or '?'}"
    unit = _EVENT_UNITS.get(int(message.kind))
    if unit:
        return f"{message.value} {unit}"
    return f"value {message.value}" if message.value else ""


def _cmd(message: Cmd) -> str:
    since = "any" if message.if_event == IF_EVENT_ANY else f"#{message.if_event}"
    given = f"epoch {message.epoch}, boot {message.boot}, until up {_seconds(message.expires_ms)}, if newest event is {since}"
    return f"id {message.id} {_name(Op, message.op)} {_arguments(message)}({given})"


def _arguments(message: Cmd) -> str:
    shape = _ARGUMENTS.get(int(message.op))
    if shape is None or len(message.args) < shape[0].size:
        return f"{message.args.hex(' ')} " if message.args else ""
    values = zip(shape[1], shape[0].unpack_from(message.args), strict=True)
    return ", ".join(f"{name} {_argument(name, value)}" for name, value in values) + " "


def _argument(name: str, value: int) -> str:
    kinds: dict[str, type[IntEnum]] = {
        "key": ConfigKey,
        "layer": LedLayer,
        "colour": LedColour,
        "status": LedPattern,
        "blue": LedPattern,
        "white": LedPattern,
    }
    return _name(kinds[name], value) if name in kinds else str(value)


def _result(message: Result) -> str:
    data = f", data {message.data.hex(' ')}" if message.data else ""
    return f"id {message.id} {_name(ResultCode, message.code)} (epoch {message.epoch}){data}"


def _state(message: State) -> str:
    readings = message.readings
    last = message.first_slot + len(readings) - 1
    counts = _counts(
        readings, (SlotFlags.PRESENT, SlotFlags.RAIL_ON, SlotFlags.TRIPPED, SlotFlags.ALARM)
    )
    return (
        f"slots {message.first_slot} to {last} as of #{message.as_of_event}, up {_seconds(message.uptime_ms)}:"
        f" {counts} (journal {message.journal:08x})"
    )


def _counts(readings: Iterable[SlotReading], flags: tuple[SlotFlags, ...]) -> str:
    told = [(flag, sum(flag in reading.flags for reading in readings)) for flag in flags]
    names = [f"{count} {str(flag.name).lower().replace('_', ' ')}" for flag, count in told if count]
    return ", ".join(names) or "nothing present"


def _slot(reading: SlotReading) -> str:
    lights = Lights.from_word(reading.lights)
    lamps = (
        f"status {_name(LedColour, lights.status_colour)} {_name(LedPattern, lights.status_pattern)}"
        f" blue {_name(LedPattern, lights.blue)} white {_name(LedPattern, lights.white)}"
    ).lower()
    power = f"{_unit(reading.mv, 'V', 1000, 2)} {_unit(reading.ma, 'mA')} {_unit(reading.cdeg, '°C', 100, 1)}"
    return f"slot {reading.number:2}: {power}  {_flags(reading.flags)}  lamps: {lamps}"


def _telemetry(message: Telemetry) -> str:
    slots = {slot: reading for slot, reading in message.readings.items() if slot}
    total_ma = sum(reading.ma_mean or 0 for reading in slots.values())
    warmest = max(
        (reading.cdeg for reading in slots.values() if reading.cdeg is not None), default=None
    )
    return (
        f"{len(slots)} slots, {total_ma} mA in all, warmest {_unit(warmest, '°C', 100, 1)},"
        f" up {_seconds(message.uptime_ms)}"
    )


def _reading(slot: int, reading: TelemetryReading) -> str:
    where = f"slot {slot:2}" if slot else "supply "
    currents = f"{_unit(reading.ma_mean, 'mA')} (peak {_unit(reading.ma_max, 'mA')})"
    return (
        f"{where}: {_unit(reading.mv, 'V', 1000, 2)} {currents} {_unit(reading.cdeg, '°C', 100, 1)}"
    )


def _log(message: Log) -> str:
    level = _LOG_LEVELS[message.level] if message.level < len(_LOG_LEVELS) else str(message.level)
    dropped = f" ({message.dropped} lines dropped before)" if message.dropped else ""
    return f"{level}: {message.text}{dropped}"


def _error(message: ErrorMessage) -> str:
    first = message.first_held
    gone = "" if first is None else f", oldest held #{first}"
    return f"{_name(ErrorCode, message.code)} about {type_name(message.about)}{gone}"


def _pong(message: Pong) -> str:
    return f"t1 {message.t1} us, board: t2 {message.t2} us, t3 {message.t3} us"


def _console(message: Console) -> str:
    return f"slot {message.slot} from byte {message.offset}: {message.data!r}"


_Say = Callable[..., str]
_WORDS: dict[type[Message | UnknownMessage], _Say] = {
    HelloReq: _hello_req,
    Hello: _hello,
    Bye: _bye,
    Event: _event,
    Ack: lambda m: f"up to #{m.upto} (journal {m.journal:08x}, epoch {m.epoch})",
    Replay: lambda m: f"from #{m.start} (journal {m.journal:08x}, epoch {m.epoch})",
    Cmd: _cmd,
    Result: _result,
    State: _state,
    Telemetry: _telemetry,
    Log: _log,
    ErrorMessage: _error,
    Ping: lambda m: f"t1 {m.t1} us",
    Pong: _pong,
    Console: _console,
    UnknownMessage: lambda m: f"of a newer board: {m.body.hex(' ')}",
}
