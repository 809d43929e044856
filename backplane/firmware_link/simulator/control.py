"""The control language of a simulated rack: one line in, one JSON-able answer out.

Parses lines from people, tests, the socket and the web page alike, so it trusts none of them.
What a line does is in `hands` and `machine`; how the state is told is in `report`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backplane.firmware_link.simulator import hands, mishaps
from backplane.firmware_link.simulator.hands import NotPossible
from backplane.firmware_link.simulator.machine import BadUpdate, Machine
from backplane.firmware_link.simulator.report import rack_report
from backplane.firmware_link.simulator.rig import Rig

MAX_LINE_CHARS = 200
UID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,31}")
RATE_PATTERN = re.compile(r"[0-9]{0,3}(\.[0-9]{1,9})?%?")
SLOT_PATTERN = re.compile(r"[0-9]{1,3}")
ADDRESS_PATTERN = re.compile(r"0[xX][0-9A-Fa-f]{1,2}")
LOAD_PATTERN = re.compile(r"[0-9]{1,5}")

Answer = dict[str, Any]
Handler = Callable[[Machine, list[str]], Answer]


@dataclass(frozen=True, slots=True)
class ControlCommand:
    """One word of the language; `most` and `least` count the words after it."""

    usage: str
    least: int
    most: int
    handler: Handler


def execute(machine: Machine, line: str) -> Answer:
    """Do what one line says, at once.

    Returns {"ok": true, ...} or {"ok": false, "error": "what is wrong and what to do"}; never raises
    for bad input. Call it on the thread of the machine's clock.
    """
    try:
        return _execute(machine, line)
    except NotPossible as refusal:
        return {"ok": False, "error": str(refusal)}


def _execute(machine: Machine, line: str) -> Answer:
    if len(line) > MAX_LINE_CHARS:
        raise NotPossible(f"The line is too long: at most {MAX_LINE_CHARS} characters.")
    words = line.split()
    if not words:
        raise NotPossible(f"The line is empty. Commands: {', '.join(COMMANDS)}")
    command = COMMANDS.get(words[0])
    if command is None:
        raise NotPossible(f"Unknown command {_shown(words[0])}. Commands: {', '.join(COMMANDS)}")
    arguments = words[1:]
    if not command.least <= len(arguments) <= command.most:
        raise NotPossible(f"Use: {command.usage}")
    machine.now_ms()
    answer = command.handler(machine, arguments)
    machine.touch()
    return {"ok": True, **answer}


def _shown(word: str) -> str:
    """Quote a stranger's word so that it cannot disturb a terminal or a log."""
    return ascii(word if len(word) <= 24 else word[:24] + "...")


def _slot(machine: Machine, word: str) -> int:
    count = machine.rig.slot_count
    if SLOT_PATTERN.fullmatch(word) and 1 <= int(word) <= count:
        return int(word)
    raise NotPossible(f"{_shown(word)} is no slot of this rack; slots are 1 to {count}.")


def _switch(word: str, on: str, off: str) -> bool:
    if word in {on, off}:
        return word == on
    raise NotPossible(f"Say {on} or {off}, not {_shown(word)}.")


def _rate(word: str) -> float:
    if not RATE_PATTERN.fullmatch(word) or word in {"", "%", "."}:
        raise NotPossible(
            f"{_shown(word)} is no rate. Say the share of bytes to hurt, as 0.01 or 1%."
        )
    rate = float(word[:-1]) / 100 if word.endswith("%") else float(word)
    if rate > 1.0:
        raise NotPossible(
            "The rate is at most 1, every byte hurt. Say 0.01 for one byte in a hundred."
        )
    return rate


def _state(machine: Machine, _arguments: list[str]) -> Answer:
    return rack_report(machine)


def _insert(machine: Machine, arguments: list[str]) -> Answer:
    slot = _slot(machine, arguments[0])
    uid = arguments[1] if len(arguments) > 1 else None
    if uid is not None and not UID_PATTERN.fullmatch(uid):
        raise NotPossible(
            "A carrier uid has 1 to 32 letters, digits or . _ : - and begins with a letter or digit."
        )
    return {"slot": slot, "carrier": hands.insert(machine.rig, slot, uid)}


def _handle(machine: Machine, arguments: list[str]) -> Answer:
    slot = _slot(machine, arguments[0])
    closed = not _switch(arguments[1], "open", "close")
    hands.move_handle(machine.rig, slot, closed=closed)
    return {"slot": slot, "handle": "closed" if closed else "open"}


def _silence(machine: Machine, arguments: list[str]) -> Answer:
    machine.cable.is_silent = _switch(arguments[0], "on", "off")
    return {"silence": machine.cable.is_silent}


def _noise(machine: Machine, arguments: list[str]) -> Answer:
    machine.cable.set_noise(_rate(arguments[0]))
    return {"noise": machine.cable.noise_rate}


def _reboot(machine: Machine, _arguments: list[str]) -> Answer:
    if not machine.rig.world.is_powered:
        raise NotPossible("The chassis has no power just now; it boots when the power returns.")
    machine.reboot()
    return {}


def _hang_firmware(machine: Machine, _arguments: list[str]) -> Answer:
    machine.hang()
    return {}


def _power_loss(machine: Machine, _arguments: list[str]) -> Answer:
    machine.power_loss()
    return {}


def _bad_update(machine: Machine, arguments: list[str]) -> Answer:
    known = [fault.value for fault in BadUpdate]
    if arguments[0] not in known:
        raise NotPossible(f"Say one of {', '.join(known)}, not {_shown(arguments[0])}.")
    machine.bad_update = BadUpdate(arguments[0])
    return {"bad_update": arguments[0]}


def _supply(machine: Machine, arguments: list[str]) -> Answer:
    if not SLOT_PATTERN.fullmatch(arguments[0]):
        raise NotPossible(f"{_shown(arguments[0])} is no number of a supply.")
    number, on = int(arguments[0]), _switch(arguments[1], "on", "off")
    mishaps.switch_supply(machine.rig, number, on=on)
    return {"supply": number, "good": on}


def _device(machine: Machine, arguments: list[str]) -> Answer:
    word, on = arguments[0], _switch(arguments[1], "on", "off")
    if not ADDRESS_PATTERN.fullmatch(word):
        word = str(_slot(machine, word))
    return {"slots": mishaps.switch_device(machine.rig, word, on=on), "answers": on}


def _identity(machine: Machine, arguments: list[str]) -> Answer:
    slot, on = _slot(machine, arguments[0]), _switch(arguments[1], "on", "off")
    mishaps.switch_identity(machine.rig, slot, on=on)
    return {"slot": slot, "identity": "readable" if on else "unreadable"}


def _led(machine: Machine, arguments: list[str]) -> Answer:
    slot, on = _slot(machine, arguments[0]), _switch(arguments[2], "on", "off")
    mishaps.switch_lamp(machine.rig, slot, arguments[1], on=on)
    return {"slot": slot, "dead_lamps": list(machine.rig.world.bay(slot).dead_lamps)}


def _short(machine: Machine, arguments: list[str]) -> Answer:
    slot, on = _slot(machine, arguments[0]), _switch(arguments[1], "on", "off")
    mishaps.short(machine.rig, slot, on=on)
    return {"slot": slot, "short": on}


def _load(machine: Machine, arguments: list[str]) -> Answer:
    slot = _slot(machine, arguments[0])
    if not LOAD_PATTERN.fullmatch(arguments[1]):
        raise NotPossible(f"{_shown(arguments[1])} is no load. Say whole milliamperes, as 450.")
    mishaps.load(machine.rig, slot, int(arguments[1]))
    return {"slot": slot, "ma": int(arguments[1])}


def _new_pi(machine: Machine, arguments: list[str]) -> Answer:
    slot = _slot(machine, arguments[0])
    return {"slot": slot, "pi_serial": mishaps.renew_pi(machine.rig, slot)}


def _on_slot(act: Callable[[Rig, int], None]) -> Handler:
    """Make the handler of a command whose only argument is a slot."""

    def handler(machine: Machine, arguments: list[str]) -> Answer:
        slot = _slot(machine, arguments[0])
        act(machine.rig, slot)
        return {"slot": slot}

    return handler


def _backfeed(machine: Machine, arguments: list[str]) -> Answer:
    slot, on = _slot(machine, arguments[0]), _switch(arguments[1], "on", "off")
    hands.feed_back(machine.rig, slot, on=on)
    return {"slot": slot, "backfeed": on}


def _loose(machine: Machine, arguments: list[str]) -> Answer:
    slot, on = _slot(machine, arguments[0]), _switch(arguments[1], "on", "off")
    hands.loosen_contact(machine.rig, slot, on=on)
    return {"slot": slot, "loose": on}


COMMANDS: dict[str, ControlCommand] = {
    "state": ControlCommand("state", 0, 0, _state),
    "pull": ControlCommand("pull SLOT", 1, 1, _on_slot(hands.pull)),
    "insert": ControlCommand("insert SLOT [CARRIER-UID]", 1, 2, _insert),
    "handle": ControlCommand("handle SLOT open|close", 2, 2, _handle),
    "trip": ControlCommand("trip SLOT", 1, 1, _on_slot(hands.trip)),
    "halt": ControlCommand("halt SLOT", 1, 1, _on_slot(hands.halt)),
    "hang": ControlCommand("hang SLOT", 1, 1, _on_slot(hands.hang)),
    "brownout": ControlCommand("brownout SLOT", 1, 1, _on_slot(hands.brown_out)),
    "backfeed": ControlCommand("backfeed SLOT on|off", 2, 2, _backfeed),
    "loose": ControlCommand("loose SLOT on|off", 2, 2, _loose),
    "bounce": ControlCommand("bounce SLOT", 1, 1, _on_slot(mishaps.bounce)),
    "short": ControlCommand("short SLOT on|off", 2, 2, _short),
    "load": ControlCommand("load SLOT MILLIAMPERES", 2, 2, _load),
    "new-pi": ControlCommand("new-pi SLOT", 1, 1, _new_pi),
    "led": ControlCommand("led SLOT status|hotswap|locate off|on", 3, 3, _led),
    "identity": ControlCommand("identity SLOT off|on", 2, 2, _identity),
    "device": ControlCommand("device SLOT|ADDRESS off|on", 2, 2, _device),
    "supply": ControlCommand("supply NUMBER off|on", 2, 2, _supply),
    "silence": ControlCommand("silence on|off", 1, 1, _silence),
    "noise": ControlCommand("noise RATE", 1, 1, _noise),
    "reboot": ControlCommand("reboot", 0, 0, _reboot),
    "hang-firmware": ControlCommand("hang-firmware", 0, 0, _hang_firmware),
    "power-loss": ControlCommand("power-loss", 0, 0, _power_loss),
    "bad-update": ControlCommand("bad-update crash|hang|mute|off", 1, 1, _bad_update),
}
