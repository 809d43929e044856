"""What each command asks of the person who gives it: role, guard, and the words of the question.

Pure. The guard is checked here for pages; whether the command is possible, the services decide.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from backplane.live.actions import TAKE_BACK, TAKE_BACK_RELEASE
from backplane.people.roles import Role
from backplane.slots.errors import OwnSlot
from backplane.slots.ops import STOPS, CommandOp

LOCATE_BUT: Final = "locate_but"  # what the form sends: every slot but this one gets the light
HOLD_OR_TYPE: Final = 3  # the guard class whose page wants the slot's number typed
ASK_FIRST: Final = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """`guard`: 0 at once, 2 asks first, 3 hold or type. `{who}` and `{n}` stand for the slot in the texts.

    `reason`: label of the line that must be filled in; "" where nobody is asked why.
    `own`: what else it does to the slot that this program runs on; such a command is of class 3.
    """

    guard: int
    role: Role
    question: str = ""
    consequence: str = ""
    verb: str = ""
    reason: str = ""
    own: str = ""

    def about(self, number: int, name: str) -> "Ask":
        """Return the same with the slot's number and device in the texts."""
        who = who_words(number, name)
        return replace(
            self,
            question=self.question.format(who=who, n=number),
            consequence=self.consequence.format(who=who, n=number),
            verb=self.verb.format(who=who, n=number),
        )


def who_words(number: int, name: str) -> str:
    """Return "slot 7, web-03", or "slot 7" for a device without a name."""
    return f"slot {number}, {name}" if name else f"slot {number}"


# By what the button sends.
ASKS: Final[dict[str, Ask]] = {
    CommandOp.LOCATE_ON: Ask(0, Role.TECHNICIAN),
    CommandOp.LOCATE_OFF: Ask(0, Role.TECHNICIAN),
    LOCATE_BUT: Ask(0, Role.TECHNICIAN),
    CommandOp.POWER_ON: Ask(
        2,
        Role.OPERATOR,
        "Power on {who}?",
        "Its power comes on as soon as the budget and the sequence allow it.",
        "Power on slot {n}",
    ),
    CommandOp.SHUTDOWN: Ask(
        2,
        Role.OPERATOR,
        "Shut down {who}?",
        "The Pi is asked to stop, and its power goes off once it has. Whoever uses it loses it.",
        "Shut down slot {n}",
    ),
    CommandOp.POWER_CYCLE: Ask(
        3,
        Role.OPERATOR,
        "Cut power to {who}, then power it on again?",
        "Power goes at once, without asking the Pi. What it has not written is lost.",
        "Power cycle slot {n}",
    ),
    CommandOp.POWER_OFF: Ask(
        3,
        Role.OPERATOR,
        "Cut power to {who}?",
        "Power goes at once, without asking the Pi. What it has not written is lost.",
        "Cut power to slot {n}",
    ),
    CommandOp.RELEASE: Ask(
        2,
        Role.OPERATOR,
        "Release {who} for removal?",
        "Its blue light goes steady: it tells anybody at the rack to pull it.",
        "Release slot {n}",
    ),
    TAKE_BACK: Ask(0, Role.OPERATOR),
    TAKE_BACK_RELEASE: Ask(
        2,
        Role.OPERATOR,
        "Take back the release of {who}?",
        "Its blue light goes off: nobody at the rack is told to pull it any more. Power stays off.",
        "Take back the release of slot {n}",
    ),
    CommandOp.CLEAR_TRIP: Ask(
        2,
        Role.OPERATOR,
        "Clear the over-current trip of {who}?",
        "Power stays off until somebody powers it on. If the short is still there, it trips again.",
        "Clear the trip of slot {n}",
    ),
    CommandOp.CLEAR_ALARM: Ask(
        2,
        Role.OPERATOR,
        "Clear the alarm of {who}?",
        "Do this only when the slot is as you want it. The event stays on record.",
        "Clear the alarm of slot {n}",
        "Why may it be cleared?",
    ),
}


def command_of(sent: str) -> tuple[CommandOp, dict[str, Any]]:
    """Return the command that a button of ASKS stands for, and its arguments."""
    if sent == TAKE_BACK_RELEASE:
        return CommandOp.RELEASE, {"on": False}
    return CommandOp(sent), {}


def ask_of(sent: str, number: int, name: str, *, is_own: bool) -> Ask:
    """Return the question of a button of ASKS about one slot; on our own slot its consequence comes first."""
    ask = ASKS[sent].about(number, name)
    own = own_words(sent, number) if is_own else ""
    if not own:
        return ask
    return replace(ask, guard=HOLD_OR_TYPE, consequence=f"{own} {ask.consequence}", own=own)


def own_words(sent: str, number: int) -> str:
    """Return what a command does to the program that runs on this slot; "" when nothing."""
    return str(OwnSlot(number, sent)) if sent in STOPS else ""


def asks_as_json(own: int | None) -> dict[str, dict[str, object]]:
    """Return all questions as the page's script wants them; `own` is the slot that this program runs on."""
    return {
        str(op): asdict(replace(ask, own=own_words(op, own) if own else ""))
        for op, ask in ASKS.items()
    }
