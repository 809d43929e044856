"""The small print of a slot: its flags, what is seen of it, and the table of planned, asked and seen.

Pure. Says "not known" where nothing is known, in words, never by leaving a row out.
"""

from typing import Final, TypedDict

from backplane.live.lamps import is_locating, lamp_words, unpack_lamps
from backplane.live.moments import iso
from backplane.live.records import Locating, Occupant, SlotRecord
from backplane.live.seen import SlotSeen
from backplane.slots.config import RestorePolicy
from backplane.slots.facts import SlotFlag

NOT_KNOWN: Final = "not known"
_RESTORES: Final[dict[int | None, str]] = {
    RestorePolicy.LAST: "as last asked",
    RestorePolicy.ON: "power on",
    RestorePolicy.OFF: "stay off",
}
_NOT_SENSED: Final = "not sensed by this board"


class FlagView(TypedDict):
    """A mark over any face. `until`: when it ends by itself, as far as known."""

    key: str
    icon: str
    word: str
    until: str | None


class SeenRow(TypedDict):
    """One thing the hardware says."""

    label: str
    value: str


class ComparedRow(TypedDict):
    """One thing as planned, as asked for and as seen; "" where there is nothing to say."""

    label: str
    planned: str
    asked: str
    seen: str


_FLAGS: Final = (
    (SlotFlag.HELD, "held", "lock", "Held"),
    (SlotFlag.RELEASED, "released", "eject", "Released"),
    (SlotFlag.ALARM, "alarm", "fault", "Alarm"),
    (SlotFlag.FLAPPING, "flapping", "warn", "Contact flaps"),
)


def flags_of(record: SlotRecord) -> list[FlagView]:
    """Return the marks of the slot; while nothing is known of it, only that this program runs on it."""
    seen = record.seen
    own = [_flag_view("own", "own", "This program runs here")] if record.is_own else []
    if not seen.is_known:
        return own
    flags = [_locate_flag(record.locating)] if is_locating(seen.lights) else []
    if not record.is_as_planned and seen.is_present is not False:
        flags.append(_flag_view("drift", "drift", "Not as planned"))
    flags += own
    if seen.is_alarmed and not seen.has(SlotFlag.ALARM):
        flags.append(_flag_view("alarm", "alarm", "Alarm: pulled by surprise"))
    return flags + [
        _flag_view(key, icon, word) for flag, key, icon, word in _FLAGS if seen.has(flag)
    ]


def _flag_view(key: str, icon: str, word: str, until: str | None = None) -> FlagView:
    return {"key": key, "icon": icon, "word": word, "until": until}


def _locate_flag(locating: Locating | None) -> FlagView:
    """Return the mark of a locate light that is seen burning; it may be nobody's of whom we know."""
    if locating is None:
        return _flag_view("locating", "loc", "Locate light on")
    return _flag_view("locating", "loc", f"Locating for {locating.by}", iso(locating.until))


def seen_rows(record: SlotRecord) -> list[SeenRow]:
    """Return what the hardware says of the slot, one fact a row, always the same rows."""
    seen = record.seen
    values = (
        ("Carrier", _presence(seen)),
        (
            "Handle",
            _sensed(seen, SlotFlag.HAS_HANDLE, SlotFlag.HANDLE_CLOSED, ("closed", "open")),
        ),
        ("Power", _power(seen)),
        ("Over-current", _flag(seen, SlotFlag.TRIPPED, ("tripped, latched", "no"))),
        ("Halted", _sensed(seen, SlotFlag.HAS_HALTED_LINE, SlotFlag.HALTED, ("yes", "no"))),
        ("Shutdown line", _line(seen)),
        ("Identity", _identity(record)),
        ("Lights", _lights(seen)),
        ("After a power loss", restore_words(record.restore_policy)),
    )
    return [{"label": label, "value": value} for label, value in values]


def restore_words(policy: int | None) -> str:
    """Return what the board does with a slot after a loss of chassis power, in words."""
    return _RESTORES.get(policy, NOT_KNOWN)


def compared_rows(record: SlotRecord) -> list[ComparedRow]:
    """Return planned, asked and seen side by side. Identity and power are seen; a module's serial is told."""
    planned, there = record.planned, record.occupant
    asked = record.pending.word if record.pending else ""
    return [
        {"label": "Device", "planned": planned.name, "asked": "", "seen": _who(record, there)},
        {"label": "Model", "planned": planned.model, "asked": "", "seen": there.model},
        {"label": "Serial", "planned": planned.serial, "asked": "", "seen": there.serial},
        {"label": "MAC", "planned": planned.mac, "asked": "", "seen": there.mac},
        {"label": "Carrier", "planned": planned.carrier, "asked": "", "seen": there.carrier},
        {"label": "Power", "planned": "", "asked": asked, "seen": _power(record.seen)},
    ]


def _who(record: SlotRecord, there: Occupant) -> str:
    if not record.seen.is_known:
        return NOT_KNOWN
    if record.seen.is_present is False and not record.seen.has(SlotFlag.SUSPICIOUS):
        return "empty"
    if there.last_seen:
        return f"{NOT_KNOWN}; last seen: {there.last_seen}"
    return there.name or "unnamed"


def _flag(seen: SlotSeen, flag: SlotFlag, words: tuple[str, str]) -> str:
    if not seen.is_known:
        return NOT_KNOWN
    return words[0] if seen.has(flag) else words[1]


def _sensed(seen: SlotSeen, sense: SlotFlag, flag: SlotFlag, words: tuple[str, str]) -> str:
    if seen.is_known and not seen.has(sense):
        return _NOT_SENSED
    return _flag(seen, flag, words)


def _line(seen: SlotSeen) -> str:
    if not seen.has_shutdown_line:
        return "none on this board"
    return _flag(seen, SlotFlag.SHUTDOWN_LINE, ("asserted", "idle"))


def _identity(record: SlotRecord) -> str:
    if not record.seen.identity_is_sensed:
        return _NOT_SENSED
    words = (record.occupant.carrier or "read", "not read")
    return _flag(record.seen, SlotFlag.IDENTITY_READ, words)


def _presence(seen: SlotSeen) -> str:
    if seen.is_known and seen.has(SlotFlag.SUSPICIOUS):
        return "contact open, yet current flows"
    return _sensed(seen, SlotFlag.SENSES_PRESENCE, SlotFlag.PRESENT, ("present", "not present"))


def _power(seen: SlotSeen) -> str:
    if not seen.is_known:
        return NOT_KNOWN
    if not seen.has(SlotFlag.RAIL_ON):
        if not seen.has(SlotFlag.METER_WORKS):
            return "off, voltage not measured"
        return (
            "off, below 0.5 V"
            if seen.has(SlotFlag.RAIL_BELOW_500_MV)
            else "off, voltage still there"
        )
    return "on, power good" if seen.has(SlotFlag.POWER_GOOD) else "on, power not good"


def _lights(seen: SlotSeen) -> str:
    if not seen.is_known or seen.lights is None:
        return NOT_KNOWN
    lamps = unpack_lamps(seen.lights, seen.lamps)
    by = {"override": ", set by the server", "lamp-test": ", lamp test"}.get(lamps["layer"], "")
    return lamp_words(lamps) + by
