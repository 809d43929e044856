"""Where a chassis is brought up or down: choose the slots and their order, read the consequence, type the name.

Works without script: Up and Down are buttons that send the page back reordered; numbers can be typed too.
"""

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backplane.live.pages.answers import see_other
from backplane.live.pages.subject import Subject, subject_of, whole_number
from backplane.live.pages.trail import UNSEEN, Deed, note_refusal
from backplane.people.audit import actor_of
from backplane.people.roles import Role, role_required
from backplane.slots import services
from backplane.slots.errors import CommandNotAccepted, OwnSlot, StorageFull
from backplane.slots.ops import CommandOp
from backplane.slots.own_slot import own_number
from backplane.slots.runs import RunKind, own_last
from backplane.slots.services import usual_run_order

_LAST: Final = 999


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OPERATOR)
def new_run(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """Ask for slots and order; a POST with the chassis's name typed begins the run."""
    subject = subject_of(slug)
    run_kind = RunKind(kind)
    if request.method != "POST":
        order = usual_run_order(subject.row.pk, run_kind)
        return _page(request, subject, run_kind, order)
    order = own_last(run_kind, _order(request, subject), own_number(subject.row.pk))
    if move := request.POST.get("move", ""):
        return _page(request, subject, run_kind, _moved(order, move))
    seen = whole_number(request.POST.get("seen", ""))
    if seen is None:
        return _page(request, subject, run_kind, order, UNSEEN)
    typed = " ".join(request.POST.get("confirm", "").split()).casefold()
    if typed not in {subject.row.slug.casefold(), str(subject.row).casefold()}:
        error = f"Type {subject.row} to begin. Nothing was asked."
        return _page(request, subject, run_kind, order, error)
    return _begin(request, subject, run_kind, order, seen)


def _begin(
    request: HttpRequest, subject: Subject, kind: RunKind, order: Sequence[int], seen: int
) -> HttpResponseBase:
    accepts = request.POST.get("accepts_own_slot") == "1"
    asked = services.RunRequest(
        subject.row.pk,
        kind,
        order,
        actor_of(request),
        accepts_own_slot=accepts,
        seen_revision=seen,
    )
    try:
        services.start_run(asked, timezone.now())
    except CommandNotAccepted as refusal:
        detail = {"order": list(order)}
        deed = Deed(f"run.{kind}", subject.row.slug, saw=f"rev {seen}", detail=detail)
        note_refusal(request, deed, str(refusal))
        return _page(request, subject, kind, order, str(refusal), 409)
    except StorageFull as full:
        return _page(request, subject, kind, order, f"Nothing was done. {full}", 503)
    return see_other("power", subject.row.slug)


def _page(  # noqa: PLR0913, PLR0917  (the page's own parts, all of them different each time)
    request: HttpRequest,
    subject: Subject,
    kind: RunKind,
    order: Sequence[int],
    error: str = "",
    status: int = 0,
) -> HttpResponse:
    bays = {bay["n"]: bay for bay in subject.view["slots"]}
    own = own_number(subject.row.pk)
    is_own = kind is RunKind.SHUTDOWN and own in order
    context = {
        "chassis": subject.view,
        "row": subject.row,
        "kind": kind.value,
        "chosen": [(place, bays[number]) for place, number in enumerate(order, 1)],
        "left_out": [bay for number, bay in bays.items() if number not in order],
        "own": own if is_own else None,
        "own_words": str(OwnSlot(own, CommandOp.SHUTDOWN)) if is_own and own else "",
        "error": error,
    }
    return render(request, "live/run_new.html", context, status=status or (422 if error else 200))


def _order(request: HttpRequest, subject: Subject) -> tuple[int, ...]:
    """Return the slots whose place is filled in, by place; those of equal place by their number."""
    places = {
        bay["n"]: whole_number(request.POST.get(f"place-{bay['n']}", "").strip())
        for bay in subject.view["slots"]
    }
    chosen = [number for number, place in places.items() if place]
    return tuple(sorted(chosen, key=lambda number: (places[number] or _LAST, number)))


def _moved(order: Sequence[int], move: str) -> tuple[int, ...]:
    """Return the order with one slot a place up or down; `move` is "7:up" or "7:down"."""
    text, _, way = move.partition(":")
    number = whole_number(text)
    moved = list(order)
    if number not in moved:
        return tuple(moved)
    at = moved.index(number)
    to = min(max(at + (-1 if way == "up" else 1), 0), len(moved) - 1)
    moved.insert(to, moved.pop(at))
    return tuple(moved)
