"""The places of a swap in which something can befall it: how a technician gets there, and how it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backplane.slots import services
from backplane.slots.models import Carrier, Chassis, Module
from backplane.swaps.models import Swap
from tests.support.technician import NEW_UID, Technician, person, start
from tests.support.whole_rack import WholeRack

SLOT = 7
Step = Callable[[Technician], None]


def _nothing(_who: Technician) -> None:
    """Leave all as it is."""


@dataclass(frozen=True)
class Station:
    """`key`: where it is. `go`: from a fresh start to there. `mend`: what must be repaired before it can end."""

    key: str
    go: Step
    mend: Step = _nothing
    choices: Mapping[str, str] = field(default_factory=dict)
    puts: str = NEW_UID
    others: tuple[int, ...] = ()  # slots that the station itself touches


def begin(rack: WholeRack, station: Station) -> Technician:
    """Start a swap and bring it to a station."""
    module = Module.objects.create(name="web-03", serial="web-03-serial")
    _name(rack, SLOT, module)
    who = start(rack, SLOT)
    who.choices, who.puts = station.choices, station.puts
    station.go(who)
    assert who.key == station.key, who.story()
    return who


def _name(rack: WholeRack, number: int, module: Module) -> None:
    services.name_occupant(rack.slot(number).pk, module_id=module.pk, now=rack.now)


def to(*keys: str, after: Step | None = None) -> Step:
    def go(who: Technician) -> None:
        if after is not None:
            after(who)
        who.until(*keys)

    return go


def told(line: str, *keys: str) -> Step:
    """Something is done to the rack first."""

    def go(who: Technician) -> None:
        assert who.rack.tell(line)["ok"]
        who.until(*keys)

    return go


def _shutting_down(who: Technician) -> None:
    who.until("3")
    who.press("shut_down")
    who.rack.run(0.5)
    assert "Shutting" in who.look().title


def _no_read_back(who: Technician) -> None:
    who.until("1")
    who.press("light_missing")


def _wrong_slot(who: Technician) -> None:
    who.until("2")
    who.press("slot", slot=2)


def _queued(who: Technician) -> None:
    other = start(who.rack, 2, person("cy"))
    other.until("4")
    who.until("3/queued")


def _let_other_go(who: Technician) -> None:
    other = Swap.objects.exclude(pk=who.swap_id).get()
    Technician(who.rack, other.pk, person("cy")).press("park")


def _hangs(who: Technician) -> None:
    assert who.rack.tell(f"hang {SLOT}")["ok"]
    who.until("3")
    who.press("shut_down")
    who.rack.wait(92)


def _not_off(who: Technician) -> None:
    assert who.rack.tell(f"backfeed {SLOT} on")["ok"]
    who.until("3/not_off")


def _not_pulled(who: Technician) -> None:
    who.until("4")
    who.rack.wait(601)


def _wrong_pull(who: Technician) -> None:
    who.until("4")
    assert who.rack.tell("pull 6")["ok"]
    who.rack.run(1)


def _restore(who: Technician) -> None:
    _wrong_pull(who)
    assert who.rack.tell("insert 6")["ok"]
    who.rack.run(1.5)


def _parked(who: Technician) -> None:
    who.until("4")
    who.press("park")
    who.rack.run(1)


def known_carrier(
    uid: str, name: str, planned_for: int = 0, rack: WholeRack | None = None
) -> Module:
    """A carrier that is in the inventory, with its Pi."""
    module = Module.objects.create(name=name, serial=f"serial-{name}")
    Carrier.objects.create(uid=uid.encode().hex(), module=module)
    if rack is not None and planned_for:
        slot = rack.slot(planned_for)
        slot.planned_module = module
        slot.save(update_fields=["planned_module"])
    return module


def _elsewhere(who: Technician) -> None:
    known_carrier(NEW_UID, "db-01", 3, who.rack)
    who.until("6/elsewhere")


def _not_expected(who: Technician) -> None:
    known_carrier(NEW_UID, "web-07")
    swap = who.swap
    swap.expected_module = Module.objects.create(name="web-09")
    swap.save(update_fields=["expected_module"])
    who.until("6/not_expected")


def _no_identity(who: Technician) -> None:
    who.until("5")
    assert who.rack.tell(f"insert {SLOT} {NEW_UID}")["ok"]
    assert who.rack.tell(f"identity {SLOT} off")["ok"]
    who.rack.run(24)


def set_budget(rack: WholeRack, budget_mw: int | None) -> None:
    Chassis.objects.filter(pk=rack.chassis.pk).update(budget_mw=budget_mw)


def _no_power(who: Technician) -> None:
    known_carrier(NEW_UID, "web-07")
    who.until("5")
    set_budget(who.rack, 30_000)
    who.until("7/no_power")


def _power_fault(who: Technician) -> None:
    known_carrier(NEW_UID, "web-07")
    who.until("5")
    assert who.rack.tell(f"short {SLOT} on")["ok"]
    who.until("7/power_fault", "7/refused")


def _mend_short(who: Technician) -> None:
    assert who.rack.tell(f"short {SLOT} off")["ok"]


def _unhealthy(who: Technician) -> None:
    known_carrier(NEW_UID, "web-07")
    who.until("8")
    who.rack.run(1)
    assert who.rack.tell(f"trip {SLOT}")["ok"]
    who.rack.run(1)


def _powering(who: Technician) -> None:
    known_carrier(NEW_UID, "web-07")
    who.until("5")
    assert who.rack.tell(f"insert {SLOT} {NEW_UID}")["ok"]
    who.rack.run_until(lambda: who.key == "7")


STATIONS: dict[str, Station] = {
    "locate": Station("1", to("1")),
    "no light": Station("1/no_read_back", _no_read_back),
    "confirm": Station("2", to("2")),
    "wrong slot": Station("2/wrong_slot", _wrong_slot),
    "shut down": Station("3", to("3")),
    "shutting down": Station("3", _shutting_down),
    "queued": Station("3/queued", _queued, _let_other_go, others=(2,)),
    "hangs": Station("3/hangs", _hangs),
    "not off": Station("3/not_off", _not_off, lambda who: _tell(who, f"backfeed {SLOT} off")),
    "pull": Station("4", to("4")),
    "not pulled": Station("4/not_pulled", _not_pulled, choices={"4/not_pulled": "try_again"}),
    "wrong pull": Station("4/wrong_pull", _wrong_pull, others=(6,)),
    "restore": Station("4/restore", _restore, others=(6,)),
    "parked": Station("parked", _parked),
    "insert": Station("5", to("5")),
    "unknown": Station("6/unknown", to("6/unknown")),
    "elsewhere": Station("6/elsewhere", _elsewhere),
    "same back": Station("6/same_back", to("6/same_back"), puts=""),
    "not expected": Station("6/not_expected", _not_expected),
    "no identity": Station("6/no_identity", _no_identity),
    "powering": Station("7", _powering),
    "no power": Station("7/no_power", _no_power, lambda who: set_budget(who.rack, None)),
    "power fault": Station("7/power_fault", _power_fault, _mend_short),
    "health": Station("8", to("8")),
    "unhealthy": Station("8/unhealthy", _unhealthy),
}


def _tell(who: Technician, line: str) -> None:
    assert who.rack.tell(line)["ok"]
