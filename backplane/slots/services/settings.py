"""Settings: what was read from the board, and the budget that this server plans with."""

from collections.abc import Mapping
from datetime import datetime

from backplane.slots.config import ConfigKey
from backplane.slots.records import Change
from backplane.slots.services.work import Work, work_on

_MOST_MW = 2_000_000_000  # what the board's own ceiling takes


def note_config(
    chassis_id: int, answers: Mapping[tuple[int, int], int | None], now: datetime
) -> Change | None:
    """Keep what the board answered: {(key, slot): value}; None where it gave no answer, so it is not known."""
    with work_on(chassis_id, now) as work:
        for (key, slot_number), value in answers.items():
            _note(work, key, slot_number, value)
    return work.change


def set_budget(chassis_id: int, budget_mw: int | None, now: datetime) -> Change | None:
    """Set the budget that starts are admitted by; None: the board file's own. Cuts nothing.

    Raises ValueError for what is no power.
    """
    if budget_mw is not None and not 0 <= budget_mw <= _MOST_MW:
        message = f"A budget is 0 to {_MOST_MW} mW."
        raise ValueError(message)
    with work_on(chassis_id, now) as work:
        if work.set_chassis(budget_mw=budget_mw):
            work.touch()
    return work.change


def _note(work: Work, key: int, slot_number: int, value: int | None) -> None:
    slot = work.slots.get(slot_number)
    if key == ConfigKey.RESTORE_POLICY and slot is not None:
        work.set_slot(slot, restore_policy=value)
    elif key == ConfigKey.BUDGET_MW and not slot_number and work.set_chassis(ceiling_mw=value):
        work.touch()
