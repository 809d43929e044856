"""What happened while a journal ran over: asked of the board, since no event will ever tell it."""

from backplane.live.selectors import load_chassis
from backplane.slots.models import Gap, Stay
from tests.support.whole_rack import WholeRack
from tests.whole.conftest import NewRack

RUNS_OVER = 4


def uid_in(rack: WholeRack, number: int) -> str:
    carrier = rack.slot(number).carrier
    return "" if carrier is None else bytes.fromhex(carrier.uid).decode()


def overrun(rack: WholeRack) -> None:
    """Let more happen at one slot than the board can hold."""
    core = rack.machine._core
    assert core is not None
    first = core.journal.next
    while core.journal.first <= first:
        rack.tell(f"pull {RUNS_OVER}")
        rack.run(0.5)
        rack.tell(f"insert {RUNS_OVER}")
        rack.run(0.8)


def test_supplies_and_carriers_are_asked_for_after_a_gap(new_rack: NewRack) -> None:
    rack = new_rack(board="twin-6")
    rack.run(3)
    assert (rack.chassis.lost_supplies, rack.chassis.supplies_known) == ([], True)
    before = uid_in(rack, 1)
    rack.kill_host()
    rack.tell("supply 2 off")
    rack.tell("pull 1")
    rack.run(0.5)
    rack.tell("insert 1 OTHER-TRAY")
    rack.run(0.8)
    overrun(rack)
    rack.start_host()
    rack.run_until(lambda: rack.chassis.supplies_known and rack.is_seen())
    rack.run(3)
    assert Gap.objects.filter(chassis=rack.chassis).exists()
    assert rack.chassis.lost_supplies == [2]
    assert (before != "OTHER-TRAY", uid_in(rack, 1)) == (True, "OTHER-TRAY")
    stays = Stay.objects.filter(slot=rack.slot(1)).order_by("pk")
    assert [stay.until is None for stay in stays] == [False, True]


def known_as(rack: WholeRack, number: int) -> tuple[str, str]:
    """Who is shown in a slot as a fact, and as last seen."""
    record = load_chassis(rack.chassis.slug)
    assert record is not None
    occupant = record.slots[number - 1].occupant
    return occupant.carrier, occupant.last_seen


def test_a_carrier_that_cannot_be_read_after_a_gap_is_not_known_until_it_is(
    new_rack: NewRack,
) -> None:
    rack = new_rack(board="twin-6")
    rack.run(3)
    before = uid_in(rack, 1)
    assert before
    rack.kill_host()
    rack.tell("pull 1")
    rack.run(0.5)
    rack.tell("insert 1 OTHER-TRAY")
    rack.tell("identity 1 off")
    rack.run(0.8)
    overrun(rack)
    rack.start_host()
    rack.run_until(rack.is_seen)
    rack.run(20)
    assert known_as(rack, 1) == ("", before)
    assert known_as(rack, 2) == (uid_in(rack, 2), "")  # was read anew
    rack.tell("identity 1 on")
    rack.run(8)
    assert known_as(rack, 1) == ("OTHER-TRAY", "")


def test_a_carrier_that_does_not_answer_is_asked_again(new_rack: NewRack) -> None:
    """The board has read it once, and its chip is silent when the host asks."""
    rack = new_rack(board="twin-6")
    rack.run(3)
    before = uid_in(rack, 1)
    rack.kill_host()
    overrun(rack)
    rack.tell("identity 1 off")
    rack.start_host()
    rack.run_until(rack.is_seen)
    rack.run(8)
    assert known_as(rack, 1) == ("", before)
    rack.tell("identity 1 on")
    rack.run(12)
    assert known_as(rack, 1) == (before, "")


def test_a_first_contact_asks_for_what_was_there_before(new_rack: NewRack) -> None:
    """The events that told of the carriers came long before this installation."""
    rack = new_rack()
    rack.run(1)
    seated = {number: uid_in(rack, number) for number in rack.numbers}
    assert sum(map(bool, seated.values())) >= 8
    rack.kill_host()
    overrun(rack)
    rack.chassis.delete()
    rack.start_host()
    rack.run_until(lambda: rack.is_seen() and rack.chassis.supplies_known)
    rack.run(2)
    assert {number: uid_in(rack, number) for number in rack.numbers} == seated
