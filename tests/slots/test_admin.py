"""Django's admin: names can be changed, history cannot."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from backplane.slots import services
from backplane.slots.facts import EventKind
from backplane.slots.models import Carrier, Chassis, HardwareEvent, Module, Slot, Stay
from tests.support.slots import NOW, event, new_chassis

pytestmark = pytest.mark.django_db
TABLES = [
    *("chassis", "slot", "module", "carrier", "hardwareevent", "transition", "command", "gap"),
    *("stay", "powerrun", "flightrecord"),
]


@pytest.fixture
def admin(client: Client) -> Client:
    user = get_user_model().objects.create_superuser("admin", password="secret-admin-1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_read(admin: Client, table: str) -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.REMOVE)], NOW)
    assert admin.get(reverse(f"admin:slots_{table}_changelist")).status_code == 200


@pytest.mark.parametrize("action", ["add", "delete"])
def test_history_is_not_rewritten(admin: Client, action: str) -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.REMOVE)], NOW)
    row = HardwareEvent.objects.get()
    arguments = [row.pk] if action == "delete" else []
    url = reverse(f"admin:slots_hardwareevent_{action}", args=arguments)
    assert admin.post(url, {"post": "yes"}).status_code == 403
    assert HardwareEvent.objects.exists()


def test_a_chassis_can_be_named_and_its_state_cannot_be_set(admin: Client) -> None:
    chassis = new_chassis()
    url = reverse("admin:slots_chassis_change", args=[chassis.pk])
    form = {"name": "Rack 3", "location": "", "budget_mw": "9", "link_state": "lost", "epoch": "0"}
    assert admin.post(url, form).status_code == 302
    after = Chassis.objects.get()
    assert after.budget_mw is None, "set where it is asked about and told in the trail"
    assert (after.name, after.link_state, after.epoch) == ("Rack 3", "up", chassis.epoch)


def test_a_module_can_be_typed_in(admin: Client) -> None:
    form = {"name": "web-03", "serial": "9f31", "model": "Pi 5", "uid": "b0", "status": "spare"}
    assert admin.post(reverse("admin:slots_module_add"), form).status_code == 302
    assert Module.objects.get().serial == "9f31"


def test_the_module_of_a_seated_carrier_belongs_to_slot_and_stay(admin: Client) -> None:
    chassis = new_chassis()
    read = event(1, EventKind.IDENTIFIED, carrier_uid="aa01")
    services.record_hardware_events(chassis.pk, chassis.epoch, [read], NOW)
    module, carrier = Module.objects.create(name="web-03"), Carrier.objects.get()
    form = {"uid": "aa01", "label": "Tray 1", "status": "active", "module": str(module.pk)}
    url = reverse("admin:slots_carrier_change", args=[carrier.pk])
    assert admin.post(url, form).status_code == 302
    carrier.refresh_from_db()
    assert (carrier.label, carrier.module) == ("Tray 1", module)
    assert Slot.objects.get(module=module).number == 7
    assert Stay.objects.get(module=module).until is None
