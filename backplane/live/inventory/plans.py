"""NetBox plans: the list, one plan with every row, applying some or all of it, and the way back. Operators apply."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.inventory import setup, sync
from backplane.inventory.models import Mode, OutboxItem, OutboxState, PlanState, SyncPlan
from backplane.inventory.netbox.access import is_set
from backplane.inventory.store import Asked
from backplane.live.inventory import plan_work
from backplane.live.inventory.left_standing import left_standing
from backplane.live.inventory.plan_view import plan_view, state_words
from backplane.people import audit
from backplane.people.roles import Role, has_role, role_required

_SHOWN: Final = 50
_OFF: Final = "The mode is off: NetBox is neither read nor written."
_PATIENCE_S: Final = 4.0  # then the page answers; the work goes on


@require_safe
@never_cache
def plans(request: HttpRequest) -> HttpResponse:
    """List the plans, newest first."""
    now = timezone.now()
    rows = list(SyncPlan.objects.all()[:_SHOWN])
    newest = next((one for one in rows if one.undoes_id is None), None)
    context = _rights(request) | {
        "plans": [(plan, state_words(plan, now)) for plan in rows],
        "agrees_at": newest.snapshot_at if newest and not newest.differences else None,
        "state": setup.state(),
        "waiting": OutboxItem.objects.filter(state=OutboxState.WAITS).count(),
        "is_set": is_set(),
        "off": _OFF if setup.current_mode() is Mode.OFF else "",
        "may_set_up": has_role(request.user, Role.ADMIN),
    }
    return render(request, "inventory/plans.html", context)


@require_safe
@never_cache
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: what would be written, why, and what became of it."""
    return _page(request, get_object_or_404(SyncPlan, pk=pk))


@require_POST
@role_required(Role.OPERATOR)
def make(request: HttpRequest) -> HttpResponseBase:
    """Compare the rack with NetBox; writes nothing there."""
    if setup.current_mode() is Mode.OFF:
        messages.error(request, _OFF)
        return _see_other("inventory-plans")
    work = plan_work.start_making(request.user.get_username())
    if not work.wait(_PATIENCE_S):
        messages.info(request, "The plan is being made. Look again in a moment.")
    elif work.error:
        messages.error(request, f"No plan was made. {work.error}")
    if work.plan_id is None:
        return _see_other("inventory-plans")
    return _see_other("inventory-plan", work.plan_id)


@require_POST
@role_required(Role.OPERATOR)
def apply(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write the chosen rows, or all; the plan's number must be typed."""
    row = get_object_or_404(SyncPlan, pk=pk)
    if request.POST.get("confirm", "").strip() != str(pk):
        return _page(request, row, f"That was not {pk}. Nothing was written.", 422)
    if setup.current_mode() is Mode.OFF:
        return _page(request, row, _OFF, 409)
    if not row.is_open(timezone.now()):
        return _page(request, row, "This plan can no longer be applied. Make a new one.", 409)
    keys = request.POST.getlist("row")
    _note(request, row, f"asked: {len(keys) or 'all'} rows")
    work = plan_work.start_applying(row, keys, request.user.get_username())
    if work.wait(_PATIENCE_S) and work.error:
        messages.error(request, work.error)
    return _see_other("inventory-plan", pk)


@require_POST
@role_required(Role.OPERATOR)
def plan_undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Plan the way back; like any plan it is looked at before it is applied."""
    row = get_object_or_404(SyncPlan, pk=pk, state__in=(PlanState.APPLIED, PlanState.PARTLY))
    asked = Asked(scope=row.scope, trigger="undo", by=request.user.get_username())
    back = sync.undo(row, asked, timezone.now())
    _note(request, back, f"made: the way back of plan {row.pk}")
    return _see_other("inventory-plan", back.pk)


def _page(
    request: HttpRequest, row: SyncPlan, refusal: str = "", status: int = 200
) -> HttpResponse:
    shown = plan_view(row, timezone.now())
    may_undo = row.state in {PlanState.APPLIED, PlanState.PARTLY}
    context = _rights(request) | {
        "view": shown,
        "refusal": refusal,
        "may_undo": may_undo and row.rows.filter(result="done").exists(),
        "stays": left_standing(row, settings.NETBOX_URL),
        "changelog": f"{settings.NETBOX_URL}/core/changelog/" if settings.NETBOX_URL else "",
    }
    return render(request, "inventory/plan.html", context, status=status)


def _rights(request: HttpRequest) -> dict[str, object]:
    return {"may_apply": has_role(request.user, Role.OPERATOR)}


def _note(request: HttpRequest, row: SyncPlan, outcome: str) -> None:
    act = audit.Act("inventory.plan", f"plan {row.pk}", outcome=outcome)
    audit.record(audit.actor_of(request), act)


def _see_other(name: str, *args: object) -> HttpResponseBase:
    answer = redirect(name, *args)
    answer.status_code = 303
    return answer
