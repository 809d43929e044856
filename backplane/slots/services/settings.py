"""Settings: what was read from the board, and the budget that this server plans with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from backplane.people.access import access_changed
from backplane.people.audit import Actor
from backplane.people.models import Site, User
from backplane.slots.config import ConfigKey
from backplane.slots.errors import CommandInFlight, SettingMovedOn, SiteMovedOn
from backplane.slots.models import Command, Slot
from backplane.slots.ops import UNFINISHED, CommandOp
from backplane.slots.records import Change, CommandRequest
from backplane.slots.services.checks import NOBODY
from backplane.slots.services.commands import request_within
from backplane.slots.services.supplies import note_supplies_good
from backplane.slots.services.work import Work, work_on

_MOST_MW = 2_000_000_000  # what the board's own ceiling takes


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """Who wants which restore policy for a slot; `seen_policy` None: they were shown "not known"."""

    chassis_id: int
    slot_number: int
    policy: int
    actor: Actor
    seen_revision: int
    seen_policy: int | None


def request_restore_policy(request: PolicyRequest, now: datetime) -> Command:
    """Ask the board for another restore policy of a slot, if slot and policy are as the asker saw them.

    Raises SettingMovedOn, CommandInFlight, and what request_command raises.
    """
    with work_on(request.chassis_id, now) as work:
        slot = work.slots.get(request.slot_number)
        if slot is not None:
            _check_policy(slot, request.seen_policy)
        asked = CommandRequest(
            request.chassis_id,
            request.slot_number,
            CommandOp.SET_CONFIG,
            user_id=request.actor.user_id,
            requester_name=request.actor.name,
            seen_revision=request.seen_revision,
            arguments={"key": int(ConfigKey.RESTORE_POLICY), "value": request.policy},
        )
        return request_within(work, asked)


def _check_policy(slot: Slot, seen: int | None) -> None:
    if slot.restore_policy != seen:
        raise SettingMovedOn(slot.number)
    running = Command.objects.filter(slot=slot, op=CommandOp.SET_CONFIG, state__in=UNFINISHED)
    asked = next((each for each in running if _is_policy(each)), None)
    if asked is not None:
        who = asked.requester_name or NOBODY
        raise CommandInFlight(slot.number, asked.pk, "Another restore policy", who)


def _is_policy(command: Command) -> bool:
    return bool(command.arguments.get("key") == ConfigKey.RESTORE_POLICY)


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


def set_site(chassis_id: int, site: Site | None, seen: str, now: datetime) -> Change | None:
    """Say at which site a chassis stands; `seen` is the name that was shown. Raises SiteMovedOn."""
    with work_on(chassis_id, now) as work:
        current = work.chassis.site
        if (current.name if current else "") != seen:
            raise SiteMovedOn(str(work.chassis), current.name if current else "")
        if work.set_chassis(site_id=site.pk if site else None):
            work.touch()
            _tell_assigned(current, site)
    return work.change


def _tell_assigned(*sites: Site | None) -> None:
    """Tell the open pages of whoever is assigned to these sites that what they may do is another now."""
    assigned = User.objects.filter(sites__in=[site for site in sites if site is not None])
    for user_id in assigned.values_list("pk", flat=True).distinct():
        transaction.on_commit(partial(access_changed, user_id))


def _note(work: Work, key: int, slot_number: int, value: int | None) -> None:
    slot = work.slots.get(slot_number)
    if key == ConfigKey.RESTORE_POLICY and slot is not None:
        work.set_slot(slot, restore_policy=value)
    elif key == ConfigKey.SUPPLIES_GOOD:
        note_supplies_good(work, value)
    elif key == ConfigKey.BUDGET_MW and not slot_number and work.set_chassis(ceiling_mw=value):
        work.touch()
