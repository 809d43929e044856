"""Where a swap's buttons end: ask back what must be asked, hand the deed to `swaps`, answer.

Works as plain forms (303, or the page with the refusal) and as JSON (202, 403, 409, 422).
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages import trail
from backplane.live.pages.subject import whole_number
from backplane.live.swaps.refusals import REFUSED, Refusal, refusal_of
from backplane.live.swaps.screens import ButtonView
from backplane.live.swaps.shown import Shown, find_swap, shown_to
from backplane.live.swaps.views import swap_page
from backplane.people.audit import actor_of
from backplane.people.refusals import wants_json
from backplane.people.roles import Role, role_required
from backplane.swaps import services
from backplane.swaps.models import Swap
from backplane.swaps.stage import Field

_NO_STORE = {"Cache-Control": "no-store"}
_ENVELOPE = {
    "csrfmiddlewaretoken",
    "do",
    "seen",
}  # what a form carries beside the deed's own values


@require_POST
@role_required(Role.TECHNICIAN)
def do(request: HttpRequest, number: int) -> HttpResponseBase:
    """Do what a button of the swap says."""
    swap = find_swap(number)
    sent = request.POST.get("do", "")
    if sent == "renew":
        return _renew(request, swap)
    seen = whole_number(request.POST.get("seen", ""))
    if seen is None:  # nobody acts on what they have not seen
        return _refuse(request, swap, Refusal("Send which version of the swap you saw.", 422))
    shown = shown_to(request, swap)
    view = shown.screen.button(sent)
    if view is not None and not view.why and _must_ask(request, view):
        return _ask_back(request, shown, view)
    return _act(request, swap, sent, seen)


def _renew(request: HttpRequest, swap: Swap) -> HttpResponseBase:
    """Say that the holder's page is still there; others only learn who the holder is."""
    is_held = services.renew_lease(swap.pk, actor_of(request), timezone.now())
    return JsonResponse({"held": is_held, "holder": swap.holder_name}, headers=_NO_STORE)


def _must_ask(request: HttpRequest, view: ButtonView) -> bool:
    """The gravest want the slot's number from everybody; the others are asked by the script's dialog, or here."""
    if view.must_hold and request.POST.get("confirm", "").strip() != view.confirm:
        return True
    if wants_json(request):
        return False
    return (view.asks and not request.POST.get("confirm")) or any(
        _is_missing(request, field) for field in view.button.fields
    )


def _is_missing(request: HttpRequest, field: Field) -> bool:
    return field.is_required and not any(map(str.strip, request.POST.getlist(field.name)))


def _ask_back(request: HttpRequest, shown: Shown, view: ButtonView) -> HttpResponseBase:
    if wants_json(request):
        return _in_json(shown.swap, Refusal(f"Hold the button, or type {view.confirm}.", 422))
    was_wrong = "confirm" in request.POST and view.must_hold
    context = {"shown": shown, "swap": shown.swap, "view": view, "was_wrong": was_wrong}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if was_wrong else HTTPStatus.OK
    return render(request, "swaps/ask.html", context, status=status)


def _act(request: HttpRequest, swap: Swap, sent: str, seen: int) -> HttpResponseBase:
    actor = actor_of(request)
    deed = services.Deed(
        do=sent,
        values={name: values for name, values in request.POST.lists() if name not in _ENVELOPE},
        actor=actor,
        role=Role(actor.role),
        seen_version=seen,
    )
    try:
        changed = services.act(swap.pk, deed, timezone.now())
    except REFUSED as refused:
        swap, refusal = find_swap(swap.pk), refusal_of(refused)
        trail.note_refusal(request, _refused(swap, sent, seen), refusal.text)
        return _refuse(request, swap, refusal)
    if wants_json(request):
        return JsonResponse({"version": changed.version}, status=202, headers=_NO_STORE)
    return see_swap(changed)


def _refused(swap: Swap, sent: str, seen: int) -> trail.Deed:
    saw = f"version {seen}; by then version {swap.version}"
    action = f"swap.{sent}"[: trail.LONGEST_ACTION]
    return trail.Deed(action, swap.chassis.slug, swap.slot.number, saw, swap_id=swap.pk)


def _refuse(request: HttpRequest, swap: Swap, refusal: Refusal) -> HttpResponseBase:
    """Say why not, with the swap as it is now."""
    if wants_json(request):
        told = shown_to(request, swap).screen.told(refusal.text)
        return _in_json(swap, Refusal(told, refusal.status))
    return swap_page(request, swap, refusal=refusal.text, status=refusal.status)


def _in_json(swap: Swap, refusal: Refusal) -> JsonResponse:
    body = {"error": refusal.text, "version": swap.version}
    return JsonResponse(body, status=refusal.status, headers=_NO_STORE)


def see_swap(swap: Swap) -> HttpResponseBase:
    """Lead to the swap's page after a form was taken."""
    answer = redirect("swap", swap.pk)
    answer.status_code = 303
    return answer
