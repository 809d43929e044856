"""A plan: rows that say what is to become what, why, and on which evidence. Pure; made by make_plan only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from backplane.inventory.records.netbox import Kind


class Action(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    CLEAR = "clear"  # a change whose every `after` is None
    NONE = "none"  # told, nothing is done
    CONFLICT = "conflict"  # told, a person decides


class Group(StrEnum):
    """What a row belongs to; the modes choose by it."""

    BOOTSTRAP = "bootstrap"  # types, roles, places, tag, fields
    CHASSIS = "chassis"
    SWAP = "swap"  # who stands in which bay, and what follows from it
    MODULE = "module"  # status, serial and address of who stays where it is
    HOME = "home"  # from NetBox to our own database


class Owner(StrEnum):
    """Whose word a field is."""

    OURS = "ours"
    NETBOX = "netbox"
    FIRST = "first"  # ours until NetBox has one


class Phase(IntEnum):
    """The order of the writes. Rows of one phase go to one endpoint in lists; a later phase needs the earlier.

    Bays are cleared before any is set, because NetBox works a list off in its own order. A chassis is changed
    last: saving it saves every child and moves all their ETags.
    """

    TAG = 1
    CUSTOM_FIELD = 2
    SITE = 3
    LOCATION = 4
    RACK = 5
    MANUFACTURER = 6
    ROLE = 7
    DEVICE_TYPE = 8
    BAY_TEMPLATE = 9
    INTERFACE_TEMPLATE = 10
    DEVICE_CREATE = 11
    BAY_CREATE = 12
    BAY_CLEAR = 13
    BAY_SET = 14
    DEVICE_CHANGE = 15
    INTERFACE_CREATE = 16
    MAC_CREATE = 17
    MAC_CHANGE = 18
    INTERFACE_CHANGE = 19
    JOURNAL = 20
    CHASSIS_CHANGE = 21
    LOCAL = 30
    LOCAL_SLOT = 31
    TOLD = 40


class Conflict(StrEnum):
    """Why a person has to decide."""

    SIMULATED = "simulated"
    NO_SITE = "no-site"
    NO_PLACE = "no-place"
    PLACE_DIFFERS = "place-differs"
    WRONG_FIELD = "wrong-field"
    NOT_TAGGED = "not-tagged"
    DUPLICATE = "duplicate"
    TWO_IN_BAY = "two-in-bay"
    TWO_PLACES = "two-places"
    NAME_TAKEN = "name-taken"
    NOT_A_CHILD = "not-a-child"
    NOT_A_PARENT = "not-a-parent"
    NO_IDENTITY = "no-identity"
    FOREIGN_IN_BAY = "foreign-in-bay"
    PLANNED_OTHER = "planned-other"
    BAY_DISABLED = "bay-disabled"
    BAY_MISSING = "bay-missing"
    MAC_ELSEWHERE = "mac-elsewhere"
    WAITS = "waits"  # for another row's conflict
    NOT_READ = "not-read"


@dataclass(frozen=True, slots=True)
class Ref:
    """Points at an object: by id, else by the row `key` that makes it, else by `parent`, else by its `natural` key.

    `parent` set: NetBox makes the object with its parent from a template; it is the one called `name` on it.
    `natural` is what NetBox takes in place of an id, (("slug", "home"),).
    """

    kind: Kind
    key: str
    id: int | None = None
    label: str = ""
    natural: tuple[tuple[str, str], ...] = ()
    parent: "Ref | None" = None
    name: str = ""

    def __str__(self) -> str:
        return self.label or self.key


Value = str | int | float | bool | Ref | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its API name ("custom_fields.bp_slot" is a key inside custom_fields)."""

    field: str
    before: Value
    after: Value
    owner: Owner
    rule: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One object to write, or one thing to tell.

    `object_id` None on a change: the object comes with a row of `depends_on` (a bay or an interface made from
    its type's template); `found_by` says how to find it then. `guard` is its last_updated in the snapshot; a
    write of the same object earlier in the same run replaces it by that write's answer.
    """

    key: str
    kind: Kind
    phase: Phase
    group: Group
    label: str
    action: Action
    changes: tuple[FieldChange, ...] = ()
    why: str = ""
    evidence: str = ""
    evidence_at: datetime | None = None
    depends_on: tuple[str, ...] = ()
    object_id: int | None = None
    found_by: tuple[tuple[str, Value], ...] = ()
    guard: str | None = None
    conflict: Conflict | None = None
    subject: str = (
        ""  # uid of the module or chassis it is about: the order per device is kept by it
    )

    @property
    def writes_netbox(self) -> bool:
        return self.phase < Phase.LOCAL

    @property
    def writes_here(self) -> bool:
        return Phase.LOCAL <= self.phase < Phase.TOLD


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """`allows_simulated`: NETBOX_ALLOW_SIMULATED. `creates_places`: sites, locations and racks may be made."""

    allows_simulated: bool = False
    creates_places: bool = True
    journal: bool = True
    lifetime: timedelta = timedelta(minutes=15)


SAFE_GROUPS: Final = frozenset({Group.SWAP, Group.HOME})  # what mode "safe" applies by itself


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows in the order they are to be done. `requests` is what applying all of them takes."""

    rows: tuple[PlanRow, ...]
    made_at: datetime
    snapshot_at: datetime
    expires_at: datetime
    requests: int

    @property
    def writes(self) -> tuple[PlanRow, ...]:
        """The rows that change anything, here or there."""
        return tuple(row for row in self.rows if row.phase < Phase.TOLD)

    @property
    def conflicts(self) -> tuple[PlanRow, ...]:
        return tuple(row for row in self.rows if row.action is Action.CONFLICT)

    @property
    def differences(self) -> int:
        """How many rows differ: what the badge counts."""
        return len(self.writes) + len(self.conflicts)
