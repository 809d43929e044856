"""Link messages to domain records, and commands to link orders. Plain translation; nothing is decided here."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from backplane.firmware_link import commands as orders
from backplane.firmware_link.codes import LED_AS_LOCAL, ConfigKey, LedColour, LedLayer, LedPattern
from backplane.firmware_link.messages import Event, Hello, SlotReading, TelemetryReading
from backplane.slots.ops import CommandOp
from backplane.slots.records import EventRecord, HelloFacts, ReadingRecord
from backplane.slots.telemetry import Reading

_DEFAULT_HOLD_MS = 2000  # the firmware's own least for a power cycle


def board_id_text(board_id: bytes) -> str:
    """Return a board id as the database keeps it: 16 lower-case hex digits."""
    return board_id.hex()


def hello_facts(hello: Hello) -> HelloFacts:
    return HelloFacts(
        board_id=board_id_text(hello.board_id),
        board_name=hello.board_name,
        slot_count=hello.slots,
        caps=int(hello.caps),
        firmware_version=hello.version,
        boot=hello.boot,
    )


def event_record(event: Event, board_id: str) -> EventRecord:
    return EventRecord(
        board_id=board_id,
        journal=event.journal,
        number=event.number,
        boot=event.boot,
        uptime_ms=event.uptime_ms,
        kind=int(event.kind),
        slot=event.slot,
        value=event.value,
        carrier_uid=event.carrier_uid.hex(),
        raw=event.raw,
    )


def reading_record(reading: SlotReading) -> ReadingRecord:
    return ReadingRecord(
        number=reading.number,
        flags=int(reading.flags),
        lights=reading.lights,
        mv=reading.mv,
        ma=reading.ma,
        cdeg=reading.cdeg,
    )


def telemetry_readings(told: Mapping[int, TelemetryReading]) -> dict[int, Reading]:
    """Return readings by slot number; 0 is the supply."""
    return {
        slot: Reading(mv, ma_mean, cdeg, ma_max)
        for slot, (mv, ma_mean, ma_max, cdeg) in told.items()
    }


def order(op: CommandOp, slot: int, arguments: Mapping[str, Any]) -> orders.Order:
    """Return what goes on the wire for a command of slot `slot` (0: the chassis)."""
    return _ORDERS[op](slot, arguments)


def _white(pattern: LedPattern) -> orders.Lamps:
    # Status and blue stay the firmware's own truth.
    return orders.Lamps(LedLayer.OVERRIDE, LedColour.OFF, LED_AS_LOCAL, LED_AS_LOCAL, pattern)


def _local_lamps() -> orders.Lamps:
    return orders.Lamps(LedLayer.LOCAL, LedColour.OFF, LED_AS_LOCAL, LED_AS_LOCAL, LED_AS_LOCAL)


_Build = Callable[[int, Mapping[str, Any]], orders.Order]
_ORDERS: Final[dict[CommandOp, _Build]] = {
    CommandOp.POWER_ON: lambda slot, _: orders.set_power(slot, on=True),
    CommandOp.POWER_OFF: lambda slot, _: orders.set_power(slot, on=False),
    CommandOp.POWER_CYCLE: lambda slot, told: orders.power_cycle(
        slot, int(told.get("hold_ms", _DEFAULT_HOLD_MS))
    ),
    CommandOp.SHUTDOWN: lambda slot, told: orders.request_shutdown(
        slot, then_off=bool(told.get("then_off", True))
    ),
    CommandOp.LOCATE_ON: lambda slot, _: orders.set_led(slot, _white(LedPattern.FAST)),
    CommandOp.LOCATE_OFF: lambda slot, _: orders.set_led(slot, _local_lamps()),
    CommandOp.INVITE_ON: lambda slot, _: orders.set_led(slot, _white(LedPattern.SLOW)),
    CommandOp.INVITE_OFF: lambda slot, _: orders.set_led(slot, _local_lamps()),
    CommandOp.SET_CONFIG: lambda slot, told: orders.set_config(
        ConfigKey(told["key"]), slot, int(told["value"])
    ),
    CommandOp.CLEAR_TRIP: lambda slot, _: orders.clear_trip(slot),
    CommandOp.CLEAR_ALARM: lambda slot, _: orders.clear_alarm(slot),
    CommandOp.RELEASE: lambda slot, told: orders.release(slot, on=bool(told.get("on", True))),
    CommandOp.LAMP_TEST: lambda _, told: orders.lamp_test(on=bool(told.get("on", True))),
}
