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


def drop_commands(work: Work, why: str) -> None:
    """Close every unfinished command as expired: nothing asked before is acted on afterwards."""
    close_commands(work, unfinished_commands(work), why)
