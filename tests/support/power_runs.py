"""Power runs over rows: begun by Ana, with a board that takes commands and says what its rails do."""

from backplane.people.audit import Actor
from backplane.slots import services
from backplane.slots.facts import EventKind, RailCause
from backplane.slots.models import Chassis, Command, PowerRun, RunKind
from backplane.slots.runs import Choice
from backplane.slots.services import RunDecision, RunRequest
from tests.support.slots import NOW, event, later

ANA = Actor(None, "Ana", "operator", "desk", "192.0.2.7")


def begin(chassis: Chassis, kind: RunKind, *order: int, accepts: bool = False) -> PowerRun:
    request = RunRequest(chassis.pk, kind, order, ANA, accepts_own_slot=accepts)
    return services.start_run(request, NOW)


def asked() -> list[tuple[int, str]]:
    rows = Command.objects.order_by("pk").values_list("slot__number", "op")
    return [(number or 0, op) for number, op in rows]


def board_takes(chassis: Chassis, at_s: float) -> Command:
    """Let the newest command go out and be accepted."""
    command = Command.objects.latest("pk")
    assert services.mark_sent(command.pk, chassis.epoch, later(at_s))
    services.finish_command(chassis.pk, command.wire_id, 0, later(at_s))
    command.refresh_from_db()
    return command


def rails(chassis: Chassis, at_s: float, *kinds: EventKind) -> None:
    """Let the slot of the newest command say what its rail does."""
    command = Command.objects.latest("pk")
    assert command.slot is not None
    chassis.refresh_from_db()
    value = command.wire_id << 8 | int(RailCause.COMMAND)
    value -= 2**32 if value >= 2**31 else 0
    first = (chassis.cursor or 0) + 1
    events = [
        event(first + index, kind, command.slot.number, value if "RAIL" in kind.name else 0)
        for index, kind in enumerate(kinds)
    ]
    services.record_hardware_events(chassis.pk, chassis.epoch, events, later(at_s))


def goes_off(chassis: Chassis, at_s: float) -> None:
    board_takes(chassis, at_s)
    rails(chassis, at_s, EventKind.HALTED, EventKind.RAIL_OFF)


def notes(run: PowerRun) -> dict[int, tuple[str, str]]:
    run.refresh_from_db()
    return {int(key): (step["state"], step["note"]) for key, step in run.steps.items()}


def decide(run: PowerRun, choice: Choice, slot: int | None, at_s: float) -> PowerRun:
    return services.decide_run(RunDecision(run.pk, choice, ANA, slot), later(at_s))
