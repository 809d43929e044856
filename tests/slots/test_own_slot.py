"""The slot we run on: from the settings, or by the serial number of this machine."""

from pathlib import Path

import pytest
from pytest_django import Settings

from backplane.slots.models import Module, Slot
from backplane.slots.own_slot import find_own_slot, machine_serial, own_number, own_slot
from tests.support.slots import new_chassis

SERIAL = "10000000aabbccdd"


def test_a_pi_tells_its_serial_number_with_a_nul_behind(tmp_path: Path) -> None:
    path = tmp_path / "serial-number"
    path.write_bytes(SERIAL.encode() + b"\0")
    assert machine_serial(path) == SERIAL
    path.unlink()
    assert machine_serial(path) == SERIAL  # it stays the same while the program runs


@pytest.mark.parametrize("contents", [None, b"", b"\0", b"\xff\xfe"])
def test_other_machines_tell_none(tmp_path: Path, contents: bytes | None) -> None:
    path = tmp_path / "serial-number"
    if contents is not None:
        path.write_bytes(contents)
    assert machine_serial(path) == ""


@pytest.mark.django_db
def test_the_setting_names_chassis_and_number(settings: Settings) -> None:
    chassis = new_chassis()
    settings.OWN_SLOT = ("DEMO", 7)
    assert own_slot() == (chassis.pk, 7)
    assert own_number(chassis.pk) == 7
    assert own_number(chassis.pk + 1) is None
    settings.OWN_SLOT = ("demo", 11)  # a slot that the chassis does not have
    assert own_slot() is None
    settings.OWN_SLOT = ("elsewhere", 7)
    assert own_slot() is None


@pytest.mark.django_db
def test_a_serial_number_is_looked_for_among_what_is_seated() -> None:
    chassis = new_chassis()
    module = Module.objects.create(name="host", serial=SERIAL.upper())
    Slot.objects.filter(number=4).update(planned_module=module)
    assert find_own_slot(None, SERIAL) is None  # planned is not seated
    Slot.objects.filter(number=3).update(module=module)
    assert find_own_slot(None, SERIAL) == (chassis.pk, 3)
    assert find_own_slot(("demo", 9), SERIAL) == (chassis.pk, 9)  # what was said wins


@pytest.mark.django_db
def test_a_machine_that_tells_nothing_asks_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # a fixture that returns a context manager
        assert find_own_slot(None, "") is None
