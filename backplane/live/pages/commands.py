"""Where people ask something of one slot: POST forms. Authorise, ask back, call one service, write the trail, answer.

Works as plain forms (303, or a page with the refusal) and as JSON (202, 403, 409, 422).
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.actions import TAKE_BACK
from backplane.live.pages.answers import see_other
from backplane.live.pages.asks import (
    ASK_FIRST,
    ASKS,
    HOLD_OR_TYPE,
    LOCATE_BUT,
    Ask,
    ask_of,
    command_of,
)
from backplane.live.pages.racks import slot_page
from backplane.live.pages.subject import Subject, for_reader, subject_of, whole_number
from backplane.live.pages.trail import Deed, note, note_refusal, saw_words
from backplane.live.rendering import SlotView
from backplane.people.audit import actor_of
from backplane.people.refusals import wants_json
from backplane.people.roles import has_role, refuse_for_role
from backplane.people.sites import is_within, reach_of
from backplane.slots import services
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import CommandNotAccepted, NotAtThisSite, NotPossible, StorageFull
from backplane.slots.models import Command
from backplane.slots.ops import POWER_OPS, CommandState
from backplane.slots.records import CommandRequest

_LONGEST_REASON = 200
_STATUS: dict[type[CommandNotAccepted], int] = {NotPossible: 422, NotAtThisSite: 403}


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot command as it came: what, about which version of the slot, with which confirmation and reason."""

    sent: str
    ask: Ask
    number: int
    seen: int
    confirm: str
    reason: str
    accepts_own_slot: bool

    @property
    def is_confirmed(self) -> bool:
        return self.confirm.strip() == str(self.number)

    @property
    def lacks_reason(self) -> bool:
        return bool(self.ask.reason) and not self.reason

    def deed(self, slug: str, bay: SlotView) -> Deed:
        """Return what the trail says of this wish."""
        saw = saw_words(self.seen, bay["rev"], bay["word"])
        return Deed(f"command.{self.sent}", slug, self.number, saw, self.reason)


@require_POST
def slot_command(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Ask for a command of one slot; a guarded one asks back first."""
    subject = subject_of(slug)
    bay = subject.slot(number)
    wish = _wish(request, bay)
    if wish is None:
        return _refuse(request, subject, number, "This is no command for a slot.", 422)
    if not has_role(request.user, wish.ask.role):
        deed = wish.deed(subject.row.slug, bay)
        note_refusal(request, deed, f"Needs the role {wish.ask.role}.")
        return refuse_for_role(request, wish.ask.role)
    if wish.sent != TAKE_BACK and _must_ask(request, wish):
        return _ask_back(request, subject, wish)
    return _try(request, subject, wish)


def _wish(request: HttpRequest, bay: SlotView) -> Wish | None:
    sent = request.POST.get("op", "")
    seen = whole_number(request.POST.get("seen", ""))
    if sent not in ASKS or seen is None:
        return None
    return Wish(
        sent,
        ask_of(sent, bay["n"], bay["name"], is_own=bay["own"]),
        bay["n"],
        seen,
        request.POST.get("confirm", ""),
        " ".join(request.POST.get("reason", "").split())[:_LONGEST_REASON],
        request.POST.get("accepts_own_slot") == "1",
    )


def _must_ask(request: HttpRequest, wish: Wish) -> bool:
    """Class 3 wants the slot's number from everybody; class 2 is asked by the script's dialog, or here."""
    if wish.lacks_reason:
        return True
    if wish.is_confirmed:
        return False
    return wish.ask.guard >= HOLD_OR_TYPE or (
        wish.ask.guard >= ASK_FIRST and not wants_json(request)
    )


def _ask_back(request: HttpRequest, subject: Subject, wish: Wish) -> HttpResponseBase:
    lacks = wish.ask.reason if wish.lacks_reason else ""
    if wants_json(request):
        return JsonResponse({"error": lacks or f"Type {wish.number} to confirm."}, status=422)
    was_answered = bool(wish.confirm)
    context = {
        "chassis": subject.view,
        "bay": subject.slot(wish.number),
        "op": wish.sent,
        "seen": wish.seen,
        "ask": wish.ask,
        "reason": wish.reason,
        "must_type": wish.ask.guard >= HOLD_OR_TYPE,
        "was_wrong": was_answered and not wish.is_confirmed,
        "was_silent": was_answered and wish.lacks_reason,
    }
    return render(request, "live/confirm.html", context, status=422 if was_answered else 200)


def _try(request: HttpRequest, subject: Subject, wish: Wish) -> HttpResponseBase:
    """Carry the wish out and write the trail, both or none of them."""
    row, number = subject.row, wish.number
    deed = wish.deed(row.slug, subject.slot(number))
    try:
        with plain_transaction():
            command = _carry_out(request, subject, wish)
            note(request, deed, *_noted(wish, command))
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        status = _STATUS.get(type(refusal), 409)
        return _refuse(request, subject, number, str(refusal), status)
    except StorageFull as full:
        return _refuse(request, subject, number, f"Nothing was done. {full}", 503)
    if wants_json(request):
        return JsonResponse({"command": command.pk}, status=202)
    return see_other("slot", row.slug, number)


def _noted(wish: Wish, command: Command) -> tuple[str, int | None]:
    if wish.sent == TAKE_BACK:  # ends another command, whose own entry says so too
        return f"done: {command.op} taken back", None
    return "", command.pk


def _carry_out(request: HttpRequest, subject: Subject, wish: Wish) -> Command:
    if wish.sent == TAKE_BACK:
        return _take_back(request, subject, wish)
    if wish.sent == LOCATE_BUT:
        return _light_all_others(request, subject, wish)
    op, arguments = command_of(wish.sent)
    asked = CommandRequest(
        chassis_id=subject.row.pk,
        slot_number=wish.number,
        op=op,
        arguments=arguments | ({"reason": wish.reason} if wish.ask.reason else {}),
        user_id=request.user.pk,
        requester_name=request.user.get_username(),
        seen_revision=wish.seen,
        accepts_own_slot=wish.accepts_own_slot,
        reach=reach_of(request.user),
    )
    return services.request_command(asked, timezone.now())


def _light_all_others(request: HttpRequest, subject: Subject, wish: Wish) -> Command:
    bay = subject.slot(wish.number)
    if not bay["rev"] <= wish.seen <= subject.view["seq"]:
        raise _Changed(f"slot {wish.number} is now {bay['word'].lower()}")
    commands = services.locate(
        subject.row.pk, wish.number, requester=actor_of(request), now=timezone.now(), but=True
    )
    if not commands:
        message = f"Slot {wish.number} is the only one of this chassis."
        raise NotPossible(message)
    return commands[-1]


def _take_back(request: HttpRequest, subject: Subject, wish: Wish) -> Command:
    """End the power command of the slot that waits; what was sent already cannot be taken back."""
    if not is_within(reach_of(request.user), subject.row.site_id):
        raise NotAtThisSite(str(subject.row))
    bay = subject.slot(wish.number)
    if wish.seen < bay["rev"]:
        raise _Changed(f"slot {wish.number} is now {bay['word'].lower()}")
    waiting = Command.objects.filter(
        chassis=subject.row, slot__number=wish.number, state=CommandState.OPEN, op__in=POWER_OPS
    ).first()
    who = request.user.get_username()
    if waiting is None or services.cancel_command(waiting.pk, who, timezone.now()) is None:
        raise _NothingWaits(wish.number)
    return waiting


@dataclass
class _Changed(CommandNotAccepted):
    now: str

    def __str__(self) -> str:
        return f"Changed since you looked: {self.now}."


@dataclass
class _NothingWaits(CommandNotAccepted):
    slot: int

    def __str__(self) -> str:
        return f"Nothing waits for slot {self.slot} any more."


def _refuse(
    request: HttpRequest, subject: Subject, number: int, error: str, status: int
) -> HttpResponseBase:
    """Say why not, with the slot as it is now."""
    if not wants_json(request):
        return slot_page(request, subject.row.slug, number, refusal=error, status=status)
    bay = subject_of(subject.row.slug).slot(number)
    body = {"error": error, "slot": for_reader(bay, request.user, subject.row)}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})
