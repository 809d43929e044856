"""What a swap needs of others and gets at start: who judges a module's health, and who records the swap.

Protocols and a registry; nothing here touches the database. With nobody registered a swap still ends: a
person judges the health, and step 9 keeps what would be written.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SwapResult:
    """What a finished swap changed, as seen; names are copies."""

    swap_id: int
    chassis_slug: str
    slot_number: int
    old_module_id: int | None
    old_serial: str
    old_name: str
    new_module_id: int | None
    new_serial: str
    new_mac: str
    new_name: str
    new_carrier_uid: str
    old_mac: str = ""
    old_carrier_uid: str = ""


class RecordOutcome(StrEnum):
    WRITTEN = "written"  # and read back
    PLANNED = "planned"  # stored for approval
    QUEUED = "queued"  # the inventory does not answer; it will be written
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`lines`: (field, before, after) for people."""

    outcome: RecordOutcome
    text: str
    lines: tuple[tuple[str, str, str], ...] = ()
    url: str = ""


class Recorder(Protocol):
    """Takes a finished swap.

    Called inside the swap's transaction: it writes rows and never the network. A queued record is asked for
    again by `settle` until it is no longer queued.
    """

    def record(self, result: SwapResult) -> Recorded: ...

    def settle(self, swap_id: int) -> Recorded | None:
        """Say how a queued record stands now; None: nothing new."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of step 8. `passed` None: nobody has said."""

    name: str
    passed: bool | None
    text: str


class HealthReporter(Protocol):
    """Tells what a module says of itself; must answer from memory or one query."""

    def checks(self, chassis_id: int, slot_number: int) -> tuple[Check, ...]: ...


@dataclass(slots=True)
class _Registry:
    recorder: Recorder | None = None
    reporters: list[HealthReporter] = field(default_factory=list)


_registry = _Registry()


def register_recorder(recorder: Recorder | None) -> None:
    """Let `recorder` take finished swaps; None: nobody does."""
    _registry.recorder = recorder


def recorder() -> Recorder | None:
    """Return who records swaps, if anybody does."""
    return _registry.recorder


def register_reporter(reporter: HealthReporter) -> None:
    """Add to those who are asked in step 8; twice is once."""
    if reporter not in _registry.reporters:
        _registry.reporters.append(reporter)


def unregister_reporter(reporter: HealthReporter) -> None:
    """Ask this one no more."""
    if reporter in _registry.reporters:
        _registry.reporters.remove(reporter)


def reporters() -> tuple[HealthReporter, ...]:
    """Return who is asked in step 8."""
    return tuple(_registry.reporters)
