"""Makes a swap in the database and puts it at a step, with a slot that looks as that step needs it."""

from datetime import timedelta

from django.utils import timezone

from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.slots.facts import SlotFlag, SlotState
from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.ops import CommandState
from backplane.swaps import services
from backplane.swaps.loading import picture, scene_of
from backplane.swaps.models import Swap
from backplane.swaps.script import stage_of
from backplane.swaps.services.settling import mark_of
from backplane.swaps.steps import Step
from tests.web.racks import OFF, ON, SENSES, Look, lights

NUMBER = 7
_RUNS = Look(SlotState.ACTIVE, ON, lights(1, 1, 0, 3, 1))
_SAFE = Look(SlotState.INACTIVE, OFF | SlotFlag.RELEASED, lights(0, 0, 1))
_EMPTY = Look(SlotState.NOT_INSTALLED, SENSES, lights(0, 0, 0, 2))
_IN = Look(SlotState.ACTIVATION_REQUEST, OFF, lights(0, 0, 5))
_LOOKS = {
    Step.LOCATE: _RUNS,
    Step.CONFIRM: _RUNS,
    Step.SHUT_DOWN: _RUNS,
    Step.PULL: _SAFE,
    Step.INSERT: _EMPTY,
    Step.IDENTIFY: _IN,
    Step.POWER_ON: _IN,
    Step.HEALTH: _RUNS,
    Step.RECORD: _RUNS,
}


def actor_for(user: User) -> Actor:
    return Actor(user.pk, user.get_username(), user.role, "desk", "127.0.0.1")


def make_swap(chassis: Chassis, user: User, number: int = NUMBER) -> Swap:
    """Start a swap as `user` would from the slot's page."""
    _look(chassis, number, _RUNS)
    wish = services.SwapRequest(chassis.pk, number, actor_for(user))
    return services.start_swap(wish, timezone.now())


def move(swap: Swap, step: int, branch: str = "", **noted: object) -> None:
    """Put the swap at `step`, as if everything before had gone well and nothing were asked any more.

    With a `branch`: as if that had befallen it there, with what the step then remembers.
    """
    chassis = swap.chassis
    Command.objects.filter(chassis=chassis).update(state=CommandState.DONE)
    _look(chassis, swap.slot.number, _LOOKS[Step(step)])
    chassis.refresh_from_db()
    chassis.revision += 1
    chassis.save(update_fields=["revision"])
    swap.refresh_from_db()
    swap.step, swap.branch, swap.step_since = Step(step), branch, timezone.now()
    swap.version = chassis.revision
    swap.memory = {**swap.memory, "noted": noted, "asked": {}, "key_at": chassis.revision}
    stage = stage_of(picture(swap, scene_of(chassis), timezone.now()))
    # As the rounds note it: what people see now is no news to their press.
    swap.memory |= {"key": f"{swap.state} {stage.key}", "stage": mark_of(stage)}
    swap.save()


def _look(chassis: Chassis, number: int, look: Look) -> None:
    now = timezone.now()
    Slot.objects.filter(chassis=chassis, number=number).update(
        state=look.state,
        flags=int(look.flags or 0),
        lights=look.lights,
        seen_at=now,
        since=now - timedelta(minutes=1),
    )
