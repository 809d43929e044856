"""Says which NetBox device a module or a chassis is: by its uid, its asset tag, its serial. Pure.

Never by name and never by slot: both stay behind when the thing moves.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from backplane.inventory.records import NbDevice
from backplane.slots.macs import mac_of

# What makers write in place of a serial. Devices merged by one of these are the oldest complaint of all.
_DUMMIES: Final = frozenset(
    {
        "0123456789",
        "123456789",
        "1234567890",
        "12345678",
        "default",
        "defaultstring",
        "empty",
        "invalid",
        "na",
        "none",
        "noserial",
        "notapplicable",
        "notavailable",
        "notset",
        "notspecified",
        "null",
        "oem",
        "serial",
        "serialnumber",
        "systemserialnumber",
        "tobefilledbyoem",
        "unknown",
        "unspecified",
    }
)
_NOISE: Final = re.compile(r"[\W_]+")
_GIVEN_BY: Final = re.compile(r"([0-9a-f]{16})-\d+")
_SHORTEST: Final = 4  # of a serial worth trusting


class Identified(Protocol):
    """What a module and a chassis have in common. Empty: not known."""

    @property
    def uid(self) -> str: ...
    @property
    def serial(self) -> str: ...
    @property
    def asset_tag(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """`by` names the key that decided. `rivals`: more than one device answers to it, or two keys disagree."""

    device: NbDevice | None = None
    by: str = ""
    rivals: tuple[NbDevice, ...] = ()


def serial_of(text: str) -> str:
    """Return the serial to compare by: no blanks, one case; "" for a dummy that names no single thing."""
    serial = text.strip().casefold()
    bare = _NOISE.sub("", serial)
    is_dummy = len(bare) < _SHORTEST or len(set(bare)) == 1 or bare in _DUMMIES
    return "" if is_dummy else serial


def same_mac(text: str) -> str:
    """Return an address in the one spelling they are compared in; what is none stays as it is."""
    try:
        return mac_of(text)
    except ValueError:
        return text.strip().lower()


def keys_of(thing: Identified) -> tuple[tuple[str, str], ...]:
    """Return the (name, value) keys a thing can be told by, the strongest first."""
    keys = (
        ("bp_uid", thing.uid.strip()),
        ("asset_tag", thing.asset_tag.strip()),
        ("serial", serial_of(thing.serial)),
    )
    return tuple((name, value) for name, value in keys if value)


class Identities:
    """The devices of a snapshot by each of their keys."""

    def __init__(self, devices: Iterable[NbDevice]) -> None:
        self._by_key: dict[tuple[str, str], list[NbDevice]] = {}
        for device in sorted(devices, key=lambda one: one.id):
            for key in device_keys(device):
                self._by_key.setdefault(key, []).append(device)

    def find(self, thing: Identified) -> Match:
        """Return the one device this is.

        A serial alone is not taken for a device that carries somebody else's uid: that device is known already.
        """
        found = [(name, self._by_key.get((name, value), [])) for name, value in keys_of(thing)]
        answers = [(name, devices) for name, devices in found if devices]
        if not answers:
            return Match()
        everyone = {device.id: device for _, devices in answers for device in devices}
        by, devices = answers[0]
        if len(everyone) > 1 or _is_anothers(devices[0], thing):
            return Match(by=by, rivals=tuple(everyone[one] for one in sorted(everyone)))
        return Match(devices[0], by)


def device_keys(device: NbDevice) -> tuple[tuple[str, str], ...]:
    """Return the (name, value) keys of a device, the strongest first, as keys_of does for things of ours."""
    keys = (
        ("bp_uid", device.bp_uid.strip()),
        ("asset_tag", device.asset_tag.strip()),
        ("serial", serial_of(device.serial)),
    )
    return tuple((name, value) for name, value in keys if value)


def _is_anothers(device: NbDevice, thing: Identified) -> bool:
    return bool(device.bp_uid) and device.bp_uid.strip() != thing.uid.strip()


def installation_of(uid: str) -> str:
    """Return which installation a chassis's uid was given by; "" for a uid of another shape."""
    found = _GIVEN_BY.fullmatch(uid.strip())
    return found.group(1) if found else ""


def shared_keys(things: Iterable[Identified]) -> dict[str, str]:
    """Return, by uid, the key in words that a thing shares with another one of ours."""
    owners: dict[tuple[str, str], list[str]] = {}
    for thing in things:
        for key in keys_of(thing):
            owners.setdefault(key, []).append(thing.uid)
    return {
        uid: f"{name} {value}"
        for (name, value), uids in sorted(owners.items(), reverse=True)
        if len(uids) > 1
        for uid in uids
    }
