"""Where people change how a chassis is powered: restore policy, budget, and what becomes of a run that waits.

Plain forms (303) and JSON; operators only; each wish leaves its trail.
"""

from decimal import Decimal
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages.answers import tell
from backplane.live.pages.power import POLICY_WORDS
from backplane.live.pages.subject import Subject, subject_of, whole_number
from backplane.live.pages.trail import UNSEEN, Deed, note, note_refusal, saw_words
from backplane.live.rows import restore_words
from backplane.people.audit import actor_of
from backplane.people.refusals import wants_json
from backplane.people.roles import Role, role_required
from backplane.slots import services
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import CommandNotAccepted, OwnSlot, StorageFull
from backplane.slots.models import Chassis, PowerRun
from backplane.slots.ops import CommandOp
from backplane.slots.own_slot import own_number
from backplane.slots.runs import Choice
from backplane.slots.waiting import watts

_MOST_W: Final = Decimal(100_000)


class BudgetForm(forms.Form):
    """Watts; empty is the board file's own budget."""

    watts = forms.DecimalField(
        min_value=Decimal(0), max_value=_MOST_W, decimal_places=1, required=False
    )


@require_POST
@role_required(Role.OPERATOR)
def set_restore_policy(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Ask the board to do something else with a slot after a loss of chassis power."""
    subject = subject_of(slug)
    row, bay = subject.row, subject.slot(number)
    value = whole_number(request.POST.get("value", ""))
    seen = whole_number(request.POST.get("seen", ""))
    if value not in dict(POLICY_WORDS):
        return tell(request, row, "This is no restore policy.", 422, "power")
    if seen is None or "was" not in request.POST:
        return tell(request, row, UNSEEN, 422, "power")
    word, was = restore_words(value), whole_number(request.POST["was"])
    saw = f"{saw_words(seen, bay['rev'], bay['word'])}, {restore_words(was)}"
    deed = Deed("command.restore_policy", row.slug, number, saw, detail={"to": word})
    asked = services.PolicyRequest(row.pk, number, value, actor_of(request), seen, was)
    try:
        with plain_transaction():
            command = services.request_restore_policy(asked, timezone.now())
            note(request, deed, command_id=command.pk)
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        return tell(request, row, str(refusal), 409, "power")
    except StorageFull as full:
        return tell(request, row, f"Nothing was done. {full}", 503, "power")
    return tell(
        request, row, f"Slot {number}: asked to {_do(word)} after a power loss.", 202, "power"
    )


def _do(word: str) -> str:
    return f"be {word}" if word.startswith("as ") else word


@require_POST
@role_required(Role.OPERATOR)
def set_budget(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Set the budget that starts are admitted by; asks first, since slots may have to wait for it."""
    subject = subject_of(slug)
    row = subject.row
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return tell(request, row, f"A budget is 0 to {_MOST_W} W.", 422, "power")
    chosen = form.cleaned_data["watts"]
    budget_mw = None if chosen is None else int(chosen * 1000)
    said = watts(row.profile.limits.budget_mw if budget_mw is None else budget_mw)
    is_answer = request.POST.get("confirm") == "yes"
    if not is_answer or request.POST.get("seen", "") != str(row.power_budget_mw):
        return _ask_budget(request, subject, said, is_late=is_answer)
    deed = Deed("chassis.budget", row.slug, saw=f"rev {row.revision}: {watts(row.power_budget_mw)}")
    try:
        with plain_transaction():
            services.set_budget(row.pk, budget_mw, timezone.now())
            note(request, deed, f"done: {said}")
    except StorageFull as full:
        return tell(request, row, f"Nothing was done. {full}", 503, "power")
    return tell(request, row, f"The budget is {said} now.", 202, "power")


def _ask_budget(
    request: HttpRequest, subject: Subject, said: str, *, is_late: bool
) -> HttpResponseBase:
    """Ask for a yes; `is_late`: it came, and meant another budget than the one there is."""
    row = subject.row
    now = watts(row.power_budget_mw)
    if is_late and wants_json(request):
        return tell(request, row, f"Changed since you looked: the budget is {now} now.", 409)
    context = {
        "chassis": subject.view,
        "watts": request.POST.get("watts", ""),
        "said": said,
        "is_own": not request.POST.get("watts", "").strip(),
        "now": now,
        "seen": row.power_budget_mw,
        "has_changed": is_late,
    }
    return render(request, "live/confirm_budget.html", context, status=409 if is_late else 200)


@require_POST
@role_required(Role.OPERATOR)
def decide_run(request: HttpRequest, slug: str, run_id: int) -> HttpResponseBase:
    """Say what becomes of a run that waits for a person, or cancel one at any time."""
    row = subject_of(slug).row
    choice, number = request.POST.get("choice", ""), whole_number(request.POST.get("slot", ""))
    seen = whole_number(request.POST.get("seen", ""))
    if choice not in list(Choice) or not PowerRun.objects.filter(pk=run_id, chassis=row).exists():
        return tell(request, row, "This is nothing a run can be told.", 422, "power")
    if seen is None:
        return tell(request, row, UNSEEN, 422, "power")
    if choice == Choice.CUT and request.POST.get("confirm", "").strip() != str(number):
        return _ask_cut(request, row, run_id, number)
    return _decide(request, row, run_id, Choice(choice), number, seen)


def _decide(  # noqa: PLR0913, PLR0917  (what was said, by whom, of what, on which view)
    request: HttpRequest, row: Chassis, run_id: int, choice: Choice, number: int | None, seen: int
) -> HttpResponseBase:
    decision = services.RunDecision(
        run_id,
        choice,
        actor_of(request),
        number,
        accepts_own_slot=request.POST.get("accepts_own_slot") == "1",
        seen_revision=seen,
    )
    try:
        services.decide_run(decision, timezone.now())
    except CommandNotAccepted as refusal:
        detail = {"run": run_id, "choice": choice.value}
        deed = Deed("run.decide", row.slug, number, f"rev {seen}", detail=detail)
        note_refusal(request, deed, str(refusal))
        return tell(request, row, str(refusal), 409, "power")
    except StorageFull as full:
        return tell(request, row, f"Nothing was done. {full}", 503, "power")
    return tell(request, row, "The run goes on as you said.", 202, "power")


def _ask_cut(
    request: HttpRequest, row: Chassis, run_id: int, number: int | None
) -> HttpResponseBase:
    is_own = number is not None and number == own_number(row.pk)
    context = {
        "chassis": subject_of(row.slug).view,
        "run_id": run_id,
        "n": number,
        "seen": request.POST.get("seen", ""),
        "own_words": str(OwnSlot(number or 0, CommandOp.POWER_OFF)) if is_own else "",
        "was_wrong": bool(request.POST.get("confirm")),
    }
    status = 422 if request.POST.get("confirm") else 200
    return render(request, "live/confirm_run_cut.html", context, status=status)
