"""The step that gives a stay to what sat in a slot before stays were kept."""

import importlib

import pytest
from django.apps import apps

from backplane.slots import services
from backplane.slots.facts import EventKind
from backplane.slots.models import Slot, Stay
from tests.support.slots import EMPTY, OFF, event, later, new_chassis, slot_of

pytestmark = pytest.mark.django_db
migration = importlib.import_module("backplane.slots.migrations.0005_open_stays")


def test_what_sits_in_a_slot_gets_one_stay_since_it_was_seated() -> None:
    chassis = new_chassis({5: EMPTY, 6: OFF, 7: EMPTY})
    events = [event(1, EventKind.INSERT), event(2, EventKind.IDENTIFIED, carrier_uid="aa01")]
    services.record_hardware_events(chassis.pk, chassis.epoch, events, later(30))
    Slot.objects.filter(number=4).update(state="M7", flags=None)  # nobody knows what is in it
    Stay.objects.all().delete()
    for _ in range(2):  # a second run finds them open
        migration.open_stays(apps, None)
    assert Stay.objects.count() == 8
    assert not Stay.objects.filter(slot__number__in=(4, 5)).exists()
    stay = Stay.objects.get(slot=slot_of(chassis))
    assert stay.carrier is not None
    assert (stay.carrier.uid, stay.since, stay.until) == ("aa01", later(30), None)
