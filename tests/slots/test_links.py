"""Links and leases: who holds a chassis, which chassis a board is, and what a silence means."""

import pytest

from backplane.slots import services
from backplane.slots.errors import ChassisMismatch, OwnerMovedOn, StaleGeneration
from backplane.slots.facts import EventKind, SlotState
from backplane.slots.models import (
    Chassis,
    Command,
    Gap,
    HardwareEvent,
    LinkState,
    Slot,
    Transition,
)
from backplane.slots.ops import CommandOp, CommandState
from tests.support.slots import (
    BOARD,
    JOURNAL,
    NOW,
    OFF,
    ask,
    event,
    hello,
    later,
    new_chassis,
    send,
    snapshot,
)

pytestmark = pytest.mark.django_db
OTHER = "aabbccddeeff0001"


def states() -> set[str]:
    return set(Slot.objects.values_list("state", flat=True))


def test_a_silent_link_makes_every_slot_unknown_at_once() -> None:
    chassis = new_chassis()
    change = services.link_lost(chassis.pk, chassis.epoch, "No answer for 3 s.", later(5))
    assert change is not None
    assert change.slot_numbers == tuple(range(1, 11))
    assert set(Slot.objects.values_list("state", "flags", "lights")) == {("M7", None, None)}
    lost = Transition.objects.filter(cause="link_lost")
    assert (lost.count(), set(lost.values_list("old", flat=True))) == (10, {"M4"})
    row = Chassis.objects.get()
    assert (row.link_state, row.link_message, row.link_changed_at) == (
        LinkState.LOST,
        "No answer for 3 s.",
        later(5),
    )


def test_a_restored_link_is_up_but_slots_wait_for_state() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "gone", NOW)
    services.link_restored(chassis.pk, chassis.epoch, hello(boot=4), later(1))
    assert Chassis.objects.get().link_is_up
    assert Chassis.objects.get().boot == 4
    assert states() == {"M7"}
    services.apply_state(chassis.pk, chassis.epoch, snapshot(0), later(2))
    assert states() == {"M4"}


def test_the_same_status_again_is_no_change() -> None:
    chassis = new_chassis()
    assert services.set_link_status(chassis.pk, LinkState.NO_PORT, "No such port.", NOW)
    assert services.set_link_status(chassis.pk, LinkState.NO_PORT, "No such port.", NOW) is None
    assert services.set_link_status(chassis.pk, "up", "", NOW)


def test_a_port_without_a_greeting_speaks_for_the_chassis_that_was_there() -> None:
    chassis = new_chassis()
    assert services.set_port_status("sim://demo", LinkState.TAKEN, "Taken by pid 7.", NOW)
    assert Chassis.objects.get(pk=chassis.pk).link_message == "Taken by pid 7."
    assert states() == {"M7"}
    assert services.set_port_status("/dev/ttyACM9", LinkState.NO_PORT, "No such port.", NOW) is None


@pytest.mark.parametrize("how", ["lost", "restored", "lease", "gone_dark"])
def test_nothing_asked_before_is_done_afterwards(how: str) -> None:
    chassis = new_chassis({3: OFF})
    ask(chassis, CommandOp.POWER_ON, 3)
    send(chassis, CommandOp.SHUTDOWN)
    ask(chassis, CommandOp.LOCATE_ON, 2)
    epoch = chassis.epoch
    if how == "lost":
        services.link_lost(chassis.pk, epoch, "gone", NOW)
    elif how == "restored":
        services.link_restored(chassis.pk, epoch, hello(), NOW)
    elif how == "lease":
        epoch = services.take_lease(chassis.pk, 0, NOW)
    else:
        services.set_link_status(chassis.pk, LinkState.NO_PORT, "No such port.", NOW)
    assert set(Command.objects.values_list("state", flat=True)) == {CommandState.EXPIRED}
    assert services.plan_commands(chassis.pk, epoch, NOW).sends == ()
    assert states() == {"M7"}


def test_a_lease_is_higher_than_ours_and_the_boards() -> None:
    chassis = new_chassis()
    assert services.take_lease(chassis.pk, 0, NOW) == chassis.epoch + 1
    # A database from a backup is older than the board.
    assert services.take_lease(chassis.pk, 99, NOW) == 100
    assert Chassis.objects.get().epoch == 100


def test_a_stale_holder_can_say_nothing_about_the_link() -> None:
    chassis = new_chassis()
    with pytest.raises(StaleGeneration):
        services.link_lost(chassis.pk, chassis.epoch - 1, "gone", NOW)
    with pytest.raises(StaleGeneration):
        services.link_restored(chassis.pk, chassis.epoch - 1, hello(), NOW)


def test_this_installation_keeps_its_identity() -> None:
    assert 0 < services.host_id() < 2**63
    assert services.host_id() == services.host_id()


def test_a_simulated_chassis_is_named_by_its_url() -> None:
    chassis = services.find_or_create_chassis(hello(), "sim://demo", NOW)
    assert (chassis.slug, chassis.is_simulated, chassis.slots.count()) == ("demo", True, 10)
    assert chassis.profile.is_known


def test_a_real_chassis_is_named_by_its_board() -> None:
    chassis = services.find_or_create_chassis(hello(caps=2), "/dev/ttyUSB0", NOW)
    assert (chassis.slug, chassis.is_simulated) == ("bp-ddeeff", False)


def test_names_never_clash_whatever_their_case() -> None:
    Chassis.objects.create(slug="Demo")
    chassis = services.find_or_create_chassis(hello(), "sim://demo", NOW)
    assert chassis.slug == "demo-2"


def test_a_board_keeps_its_chassis_on_another_port() -> None:
    first = new_chassis()
    Chassis.objects.create(slug="other", port_url="/dev/ttyUSB1", board_id=OTHER)
    again = services.find_or_create_chassis(hello(), "/dev/ttyUSB1", NOW)
    assert (again.pk, again.port_url) == (first.pk, "/dev/ttyUSB1")
    assert Chassis.objects.get(slug="other").port_url == ""


def test_another_board_on_a_known_port_waits_for_a_person() -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.HALTED)], NOW)
    with pytest.raises(ChassisMismatch, match="Adopt board"):
        services.find_or_create_chassis(hello(board_id=OTHER), "sim://demo", NOW)
    assert Chassis.objects.get().offered_board_id == OTHER
    services.adopt_board(chassis.pk, NOW)
    adopted = services.find_or_create_chassis(hello(board_id=OTHER), "sim://demo", NOW)
    assert (adopted.pk, adopted.board_id, adopted.cursor) == (chassis.pk, OTHER, None)
    assert (adopted.offered_board_id, adopted.adopt_board_id) == ("", "")
    assert not Gap.objects.exists()


def test_a_board_that_served_another_chassis_goes_on_where_its_events_were_recorded() -> None:
    first = new_chassis()
    told = [event(number, EventKind.HALTED) for number in (1, 2, 3)]
    services.record_hardware_events(first.pk, first.epoch, told[:2], NOW)
    Chassis.objects.filter(pk=first.pk).update(adopt_board_id=OTHER)
    services.find_or_create_chassis(hello(board_id=OTHER), "sim://demo", NOW)
    moved = services.find_or_create_chassis(hello(), "/dev/ttyUSB1", NOW)
    assert moved.pk != first.pk
    epoch = services.take_lease(moved.pk, 0, NOW)
    assert services.record_hardware_events(moved.pk, epoch, told, NOW).number == 3
    assert list(HardwareEvent.objects.order_by("pk").values_list("number", "chassis_id")) == [
        (1, first.pk),
        (2, first.pk),
        (3, moved.pk),
    ]


def test_a_board_that_is_taken_back_goes_on_where_it_was() -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.HALTED)], NOW)
    for board_id in (OTHER, BOARD):
        Chassis.objects.filter(pk=chassis.pk).update(adopt_board_id=board_id)
        services.find_or_create_chassis(hello(board_id=board_id), "sim://demo", NOW)
    row = Chassis.objects.get()
    assert (row.board_id, row.journal, row.cursor) == (BOARD, JOURNAL, 1)


def test_a_board_that_grew_gets_its_new_slots() -> None:
    new_chassis()
    chassis = services.find_or_create_chassis(hello(slot_count=12), "sim://demo", NOW)
    assert chassis.slots.count() == 12
    assert not chassis.profile.is_known


def test_a_take_over_is_confirmed_once() -> None:
    chassis = new_chassis()
    with pytest.raises(OwnerMovedOn):
        services.confirm_take_over(chassis.pk, NOW)
    services.set_link_status(chassis.pk, LinkState.OTHER_OWNER, "", NOW)
    services.confirm_take_over(chassis.pk, NOW)
    assert Chassis.objects.get().take_over_confirmed
    services.take_lease(chassis.pk, 7, NOW)
    assert not Chassis.objects.get().take_over_confirmed


def test_yesterdays_database_asks_nothing_of_the_rack() -> None:
    """Every slot is in another state than the rows say, and commands were open: nothing is sent."""
    chassis = new_chassis(dict.fromkeys(range(1, 6), OFF))
    ask(chassis, CommandOp.POWER_ON, 1)
    send(chassis, CommandOp.POWER_ON, 2)
    send(chassis, CommandOp.POWER_OFF, 7)
    epoch = services.take_lease(chassis.pk, 40, later(86_400))
    services.link_restored(chassis.pk, epoch, hello(boot=9), later(86_401))
    turned = snapshot(0, dict.fromkeys(range(6, 11), OFF))
    services.apply_state(chassis.pk, epoch, turned, later(86_402))
    assert services.plan_commands(chassis.pk, epoch, later(86_403)).sends == ()
    assert set(Command.objects.values_list("state", flat=True)) == {CommandState.EXPIRED}
    assert Slot.objects.get(number=1).state == SlotState.ACTIVE
    assert Slot.objects.get(number=7).state == SlotState.INACTIVE
