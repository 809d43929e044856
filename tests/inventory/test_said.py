"""Slots without a presence contact: what people say of them counts, with its age; silence and trouble say nothing."""

from collections.abc import Iterator

import pytest

from backplane.inventory.collector import collect
from backplane.inventory.records import SeenBay
from backplane.slots import services
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Chassis, Module, Slot
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox
from tests.support.slots import OFF, RUNNING, later, new_chassis, slot_of

pytestmark = pytest.mark.django_db(transaction=True)
MUTE_ON = RUNNING & ~SlotFlag.SENSES_PRESENCE & ~SlotFlag.PRESENT
MUTE_OFF = OFF & ~SlotFlag.SENSES_PRESENCE & ~SlotFlag.PRESENT


def _bay(chassis: Chassis, number: int) -> SeenBay:
    (seen,) = [one for one in collect().chassis if one.id == chassis.pk]
    return next(bay for bay in seen.bays if bay.number == number)


def _pi(name: str) -> Module:
    return Module.objects.create(name=name, serial=f"1000{name}", uid=f"uid-{name}")


def test_nobody_has_said_anything_yet() -> None:
    bay = _bay(new_chassis({6: MUTE_OFF}), 6)
    assert (bay.present, bay.said, bay.occupant, bay.is_seen_empty) == (None, None, None, False)


def test_a_tap_and_a_name_put_a_pi_into_its_slot() -> None:
    chassis = new_chassis({6: MUTE_OFF})
    module = _pi("web")
    services.tell_presence(slot_of(chassis, 6).pk, is_in=True, now=later(4))
    services.name_occupant(slot_of(chassis, 6).pk, module_id=module.pk, now=later(5))
    bay = _bay(chassis, 6)
    assert bay.occupant is not None
    assert bay.occupant.uid == module.uid
    assert bay.seen_at == later(4), "its age is that of the word"


def test_a_tap_takes_it_out_unless_its_power_says_otherwise() -> None:
    chassis = new_chassis({6: MUTE_OFF, 7: MUTE_ON})
    for number in (6, 7):
        services.name_occupant(
            slot_of(chassis, number).pk, module_id=_pi(f"n{number}").pk, now=later(2)
        )
        services.tell_presence(slot_of(chassis, number).pk, is_in=False, now=later(4))
    assert _bay(chassis, 6).is_seen_empty
    assert _bay(chassis, 6).seen_at == later(4)
    assert not _bay(chassis, 7).is_seen_empty
    assert _bay(chassis, 7).occupant is None


def test_a_contact_that_does_not_answer_is_no_missing_contact() -> None:
    chassis = new_chassis({6: OFF})
    services.name_occupant(slot_of(chassis, 6).pk, module_id=_pi("web").pk, now=later(2))
    Slot.objects.filter(chassis=chassis, number=6).update(flags=int(OFF | SlotFlag.NOT_ANSWERING))
    bay = _bay(chassis, 6)
    assert (bay.said, bay.occupant, bay.is_seen_empty) == (None, None, False)


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        yield synced_rack(double)


@pytest.mark.live
def test_netbox_follows_what_people_say(rack: SyncedRack) -> None:
    slots = Slot.objects.filter(chassis=rack.chassis)
    slots.update(flags=int(MUTE_OFF), state="M1")
    for slot in slots.exclude(module=None):
        services.name_occupant(slot.pk, module_id=slot.module_id, now=later(2))
    rack.sync()
    assert rack.netbox_says() == rack.we_say()
    assert len(rack.we_say()) == 10
    services.tell_presence(slot_of(rack.chassis, 3).pk, is_in=False, now=later(9))
    applied = rack.sync()
    assert applied is not None
    assert "slot03" not in rack.netbox_says()
    told = applied.plan.rows.filter(label__contains="slot03").first()
    assert told is not None
    assert "as people said" in told.row.evidence
