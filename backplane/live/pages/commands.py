"""Where people ask: POST forms of a slot and of the chassis. Authorise, ask back, call one service, answer.

Works as plain forms (303, or a page with the refusal) and as JSON (202, 403, 409, 422).
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.actions import TAKE_BACK
from backplane.live.pages.asks import ASK_FIRST, ASKS, HOLD_OR_TYPE, Ask, command_of
from backplane.live.pages.racks import slot_page
from backplane.live.pages.subject import Subject, for_reader, subject_of, whole_number
from backplane.people.refusals import wants_json
from backplane.people.roles import Role, has_role, refuse_for_role, role_required
from backplane.slots import services
from backplane.slots.errors import CommandNotAccepted, NotPossible, StorageFull
from backplane.slots.models import Chassis, Command
from backplane.slots.ops import POWER_OPS, CommandOp, CommandState
from backplane.slots.records import CommandRequest


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot command as it came: what, about which version of the slot, with which confirmation."""

    sent: str
    ask: Ask
    number: int
    seen: int
    confirm: str

    @property
    def is_confirmed(self) -> bool:
        return self.confirm.strip() == str(self.number)


@require_POST
def slot_command(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Ask for a command of one slot; a guarded one asks back first."""
    subject = subject_of(slug)
    bay = subject.slot(number)
    sent = request.POST.get("op", "")
    seen = whole_number(request.POST.get("seen", ""))
    if sent not in ASKS or seen is None:
        return _refuse(request, subject, number, "This is no command for a slot.", 422)
    ask = ASKS[sent].about(number, bay["name"])
    if not has_role(request.user, ask.role):
        return refuse_for_role(request, ask.role)
    if sent == TAKE_BACK:
        return _take_back(request, subject, number)
    wish = Wish(sent, ask, number, seen, request.POST.get("confirm", ""))
    if _must_ask(request, wish):
        return _ask_back(request, subject, wish)
    return _request(request, subject, wish)


def _take_back(request: HttpRequest, subject: Subject, number: int) -> HttpResponseBase:
    """End the power command of the slot that waits; what was sent already cannot be taken back."""
    waiting = Command.objects.filter(
        chassis=subject.row, slot__number=number, state=CommandState.OPEN, op__in=POWER_OPS
    ).first()
    who = request.user.get_username()
    try:
        change = waiting and services.cancel_command(waiting.pk, who, timezone.now())
    except StorageFull as full:
        return _refuse(request, subject, number, f"Nothing was done. {full}", 503)
    if waiting is None or change is None:
        return _refuse(request, subject, number, f"Nothing waits for slot {number} any more.", 409)
    if wants_json(request):
        return JsonResponse({"command": waiting.pk}, status=202)
    return _see_other("slot", subject.row.slug, number)


def _must_ask(request: HttpRequest, wish: Wish) -> bool:
    """Class 3 wants the slot's number from everybody; class 2 is asked by the script's dialog, or here."""
    if wish.is_confirmed:
        return False
    return wish.ask.guard >= HOLD_OR_TYPE or (
        wish.ask.guard >= ASK_FIRST and not wants_json(request)
    )


def _ask_back(request: HttpRequest, subject: Subject, wish: Wish) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"error": f"Type {wish.number} to confirm."}, status=422)
    context = {
        "chassis": subject.view,
        "bay": subject.slot(wish.number),
        "op": wish.sent,
        "seen": wish.seen,
        "question": wish.ask.question,
        "consequence": wish.ask.consequence,
        "verb": wish.ask.verb,
        "must_type": wish.ask.guard >= HOLD_OR_TYPE,
        "was_wrong": bool(wish.confirm),
    }
    return render(request, "live/confirm.html", context, status=422 if wish.confirm else 200)


def _request(request: HttpRequest, subject: Subject, wish: Wish) -> HttpResponseBase:
    op, arguments = command_of(wish.sent)
    asked = CommandRequest(
        chassis_id=subject.row.pk,
        slot_number=wish.number,
        op=op,
        arguments=arguments,
        user_id=request.user.pk,
        requester_name=request.user.get_username(),
        seen_revision=wish.seen,
    )
    try:
        command = services.request_command(asked, timezone.now())
    except NotPossible as refusal:
        return _refuse(request, subject, wish.number, str(refusal), 422)
    except CommandNotAccepted as refusal:
        return _refuse(request, subject, wish.number, str(refusal), 409)
    except StorageFull as full:
        return _refuse(request, subject, wish.number, f"Nothing was done. {full}", 503)
    if wants_json(request):
        return JsonResponse({"command": command.pk}, status=202)
    return _see_other("slot", subject.row.slug, wish.number)


def _refuse(
    request: HttpRequest, subject: Subject, number: int, error: str, status: int
) -> HttpResponseBase:
    """Say why not, with the slot as it is now."""
    if not wants_json(request):
        return slot_page(request, subject.row.slug, number, refusal=error, status=status)
    bay = subject_of(subject.row.slug).slot(number)
    body = {"error": error, "slot": for_reader(bay, request.user)}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


@require_POST
def chassis_command(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask for a command of the whole chassis: lamp test, take over, adopt the board that answers."""
    row = subject_of(slug).row
    try:
        return _chassis_op(request, row)
    except StorageFull as full:
        return _answer(request, row, f"Nothing was done. {full}", 503)


def _chassis_op(request: HttpRequest, row: Chassis) -> HttpResponseBase:
    match request.POST.get("op", ""):
        case "lamp_test":
            return _lamp_test(request, row)
        case "take_over":
            return _take_over(request, row)
        case "adopt_board":
            return _adopt_board(request, row)
        case _:
            return _answer(request, row, "This is no command for a chassis.", 422)


@role_required(Role.OPERATOR)
def _lamp_test(request: HttpRequest, row: Chassis) -> HttpResponseBase:
    asked = CommandRequest(
        chassis_id=row.pk,
        slot_number=0,
        op=CommandOp.LAMP_TEST,
        user_id=request.user.pk,
        requester_name=request.user.get_username(),
    )
    try:
        services.request_command(asked, timezone.now())
    except CommandNotAccepted as refusal:
        return _answer(request, row, str(refusal), 409)
    return _answer(request, row, "Lamp test: every lamp lights for 5 seconds.", 202)


@role_required(Role.ADMIN)
def _take_over(request: HttpRequest, row: Chassis) -> HttpResponseBase:
    services.confirm_take_over(row.pk, timezone.now())
    return _answer(request, row, "The board will be taken over at the next contact.", 202)


@role_required(Role.ADMIN)
def _adopt_board(request: HttpRequest, row: Chassis) -> HttpResponseBase:
    # The form carries the board that the admin read about; another may answer by now.
    if not row.offered_board_id or request.POST.get("board", "") != row.offered_board_id:
        return _answer(request, row, "Another board answers now. Look again.", 409)
    services.adopt_board(row.pk, timezone.now())
    return _answer(request, row, f"Board {row.offered_board_id} now belongs to {row}.", 202)


def _answer(request: HttpRequest, row: Chassis, text: str, status: int) -> HttpResponseBase:
    is_refusal = status >= 400
    if wants_json(request):
        return JsonResponse({"error" if is_refusal else "message": text}, status=status)
    level = messages.ERROR if is_refusal else messages.SUCCESS
    messages.add_message(request, level, text)
    return _see_other("chassis", row.slug)


def _see_other(name: str, *args: object) -> HttpResponseBase:
    answer = redirect(name, *args)
    answer.status_code = 303
    return answer
