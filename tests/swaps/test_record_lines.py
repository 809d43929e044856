"""What an inventory would learn of a swap: what changed, with what stood there before, and nothing else."""

from backplane.swaps.ports import SwapResult
from backplane.swaps.services.recording import planned_lines


def result(new_mac: str, new_carrier_uid: str) -> SwapResult:
    return SwapResult(
        swap_id=1,
        chassis_slug="a12",
        slot_number=7,
        old_module_id=3,
        old_serial="10000000a",
        old_name="web-03",
        new_module_id=3,
        new_serial="10000000a",
        new_mac=new_mac,
        new_name="web-03",
        new_carrier_uid=new_carrier_uid,
        old_mac="d8:3a:dd:00:00:07",
        old_carrier_uid="a1",
    )


def test_the_same_pi_on_the_same_carrier_is_nothing_to_write() -> None:
    assert planned_lines(result("d8:3a:dd:00:00:07", "a1")) == ()


def test_a_changed_field_says_what_stood_there_before() -> None:
    assert planned_lines(result("d8:3a:dd:00:00:08", "a2")) == (
        ("MAC address", "d8:3a:dd:00:00:07", "d8:3a:dd:00:00:08"),
        ("Carrier", "a1", "a2"),
    )
