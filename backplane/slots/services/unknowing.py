"""Puts every slot into M7: what is not heard is not known. Shared by links, leases and journals."""

from backplane.slots.services.endings import close_commands, unfinished_commands
from backplane.slots.services.work import Work
from backplane.slots.states import Happening, decide


def lose_sight(work: Work) -> None:
    """Forget flags and lights of all slots; their states become M7 with a Transition each."""
    work.set_chassis(supplies_known=False)
    for slot in work.slots.values():
        work.move(slot, lambda facts: decide(facts, Happening.LINK_LOST))
        work.set_slot(slot, lights=None)


def doubt_occupants(work: Work) -> None:
    """Events were lost: where events tell who comes and goes, who is named may have left.

    A board that senses neither carriers nor identities never told; there the word of people stands as ever.
    """
    for slot in work.slots.values():
        senses = work.chassis.profile.senses_of(slot.number)
        if (slot.carrier_id or slot.module_id) and (senses.presence or senses.identity):
            work.set_slot(slot, is_occupant_unsure=True)


def drop_commands(work: Work, why: str) -> None:
    """Close every unfinished command as expired: nothing asked before is acted on afterwards."""
    close_commands(work, unfinished_commands(work), why)
