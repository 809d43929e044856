"""What is known here of chassis, bays and modules, each with the time it was seen. Pure.

Unknown is None or UNKNOWN, never False or empty: nothing may be concluded from it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Power(StrEnum):
    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SeenModule:
    """A Pi as our database has it.

    `uid` is what stays the same through every rename; `macs` in order, the first is its wired one.
    `status` is the owner's word (active, spare, failed, retired). `role` and `tenant` are what NetBox told us
    last; None: not kept here, so never compared.
    """

    id: int
    uid: str
    name: str = ""
    serial: str = ""
    asset_tag: str = ""
    macs: tuple[str, ...] = ()
    model: str = ""
    status: str = "active"
    is_simulated: bool = False
    role: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class SeenBay:
    """A slot. `is_known` False (link down, M7): all else is memory. `present` None: it cannot be sensed.

    `said`: what people said of a slot without a presence contact, that something is in it or out; `seen_at` is
    when they said it then. None: nobody did, or the slot has a contact.

    `module` is who stands in it, None where nobody has said; with `is_known` False the last one known.
    `planned_uid` is the uid of Slot.planned_module, "" without one; `plan_is_netboxs`: it came
    from there, so that it goes when NetBox has it no more. A person's own plan stays.
    """

    number: int
    is_known: bool
    present: bool | None = None
    module: SeenModule | None = None
    state: str = "M7"
    carrier_uid: str = ""
    seen_at: datetime | None = None
    health: Health = Health.UNKNOWN
    power: Power = Power.UNKNOWN
    is_booting: bool = False
    planned_uid: str = ""
    plan_is_netboxs: bool = False
    said: bool | None = None

    @property
    def is_there(self) -> bool | None:
        """Whether something is in it: as sensed, else as people said; None: nobody knows."""
        return self.said if self.present is None else self.present

    @property
    def is_seen_empty(self) -> bool:
        return self.is_known and self.is_there is False

    @property
    def occupant(self) -> SeenModule | None:
        """Who is seen here now; None: nobody, or nobody knows."""
        return self.module if self.is_known and self.is_there is True else None


@dataclass(frozen=True, slots=True)
class SeenChassis:
    """A backplane. `uid` names it for good; `is_known` False: its board does not answer, so nothing is concluded."""

    id: int
    slug: str
    uid: str
    name: str = ""
    serial: str = ""
    asset_tag: str = ""
    slot_count: int = 10
    is_known: bool = True
    is_simulated: bool = False
    seen_at: datetime | None = None
    bays: tuple[SeenBay, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a plan is made from. A plan for one swap holds one chassis with the one bay it is about.

    `shelf`: modules that stand in no slot, as far as known; a module last seen in a bay that is not known now
    belongs to that bay and not here.
    """

    chassis: tuple[SeenChassis, ...] = ()
    shelf: tuple[SeenModule, ...] = ()
