"""Where swaps begin: the list of them, "which slot?", and the start."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backplane.live.actions import PLAYED
from backplane.live.pages.subject import ELSEWHERE, Subject, subject_of, whole_number
from backplane.live.pages.trail import UNSEEN, Deed, note_refusal, saw_words
from backplane.live.rendering import SlotView
from backplane.live.swaps.deeds import see_swap
from backplane.live.swaps.refusals import REFUSED, Refusal, refusal_of
from backplane.people.audit import actor_of
from backplane.people.refusals import wants_json
from backplane.people.roles import Role, has_role, refuse_for_role
from backplane.people.sites import Reach, is_within, may_act, reach_of
from backplane.slots.models import Chassis, Module
from backplane.slots.own_slot import own_slot
from backplane.swaps import services
from backplane.swaps.models import Swap
from backplane.swaps.steps import STEP_WORDS, UNFINISHED_SWAPS, Step, SwapState

_RECENT: Final = 20
_SPARES_SHOWN: Final = 200
_SHOWN_AT_ONCE: Final = 12  # chassis with all of their slots


@dataclass(frozen=True, slots=True)
class Row:
    """One swap in the list."""

    swap: Swap
    step_word: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One slot to choose. `swap`: the unfinished one of this slot; `why`: what keeps it from being swapped."""

    bay: SlotView
    label: str
    swap: int | None
    why: str


@require_safe
@never_cache
def swaps(request: HttpRequest) -> HttpResponse:
    """List the swaps: open, parked, and the last that ended."""
    rows = Swap.objects.select_related("chassis", "slot")
    ended = rows.exclude(state__in=UNFINISHED_SWAPS).order_by("-ended_at", "-pk")[:_RECENT]
    context = {
        "open": [_row(swap) for swap in rows.filter(state=SwapState.OPEN)],
        "parked": [_row(swap) for swap in rows.filter(state=SwapState.PARKED)],
        "ended": [_row(swap) for swap in ended],
        "may_start": has_role(request.user, Role.TECHNICIAN),
        "may_edit": has_role(request.user, Role.OPERATOR),
    }
    return render(request, "swaps/list.html", context)


def _row(swap: Swap) -> Row:
    return Row(swap, STEP_WORDS[Step(swap.step)])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Ask which slot, then whether; a POST starts the swap."""
    label = request.POST.get("slot", "") or request.GET.get("slot", "")
    if request.method == "POST":
        if not has_role(request.user, Role.TECHNICIAN):
            return refuse_for_role(request, Role.TECHNICIAN)
        return _start(request, label)
    return _confirm_page(request, label) if label else _which_page(request)


def _which_page(request: HttpRequest) -> HttpResponse:
    """Ask for the slot; of many chassis for one of these first, as each costs ten queries."""
    reach, rack = reach_of(request.user), request.GET.get("rack", "")
    chassis = list(Chassis.objects.filter(slug__iexact=rack) if rack else Chassis.objects.all())
    if rack and not chassis:
        raise Http404(f"No chassis {rack}.")
    is_many = len(chassis) > _SHOWN_AT_ONCE
    subjects = [] if is_many else [subject_of(row.slug) for row in chassis]
    context = {
        "racks": [(subject, choices_of(subject, reach)) for subject in subjects],
        "many": [(row, is_within(reach, row.site_id)) for row in chassis] if is_many else [],
        "elsewhere": ELSEWHERE,
        "may_start": has_role(request.user, Role.TECHNICIAN),
    }
    return render(request, "swaps/which.html", context)


def choices_of(subject: Subject, reach: Reach) -> list[Choice]:
    """Return the slots of a chassis, each with what keeps it from being swapped by somebody of this reach."""
    rows = Swap.objects.filter(chassis=subject.row, state__in=UNFINISHED_SWAPS)
    unfinished = dict(rows.values_list("slot__number", "pk"))
    why = "" if subject.view["link"]["up"] else "The chassis does not answer."
    if subject.view["recorded"]:
        why = PLAYED
    if not is_within(reach, subject.row.site_id):
        why = f"{ELSEWHERE}."
    return [
        Choice(
            bay=bay,
            label=f"{subject.row.slug}-{bay['n']:02}",
            swap=unfinished.get(bay["n"]),
            why=why,
        )
        for bay in subject.view["slots"]
    ]


def _confirm_page(request: HttpRequest, label: str, refusal: Refusal | None = None) -> HttpResponse:
    subject, bay = _slot_of(label)
    reach = reach_of(request.user)
    choice = next(one for one in choices_of(subject, reach) if one.bay["n"] == bay["n"])
    context = {
        "choice": choice,
        "bay": bay,
        "chassis": subject.view,
        "spares": _spares(),
        "may_start": may_act(request.user, Role.TECHNICIAN, subject.row.site_id),
        "played": PLAYED if subject.view["recorded"] else "",
        "is_elsewhere": not is_within(reach, subject.row.site_id),
        "refusal": refusal.text if refusal else "",
        "asks_own_slot": own_slot() == (subject.row.pk, bay["n"]),
    }
    return render(request, "swaps/new.html", context, status=refusal.status if refusal else 200)


def _slot_of(label: str) -> tuple[Subject, SlotView]:
    slug, _, digits = label.rpartition("-")
    number = whole_number(digits)
    if number is None:
        raise Http404(f"No slot {label}.")
    subject = subject_of(slug)
    return subject, subject.slot(number)


def _spares() -> list[Module]:
    """Return the modules that are known and stand nowhere."""
    spares = Module.objects.filter(slots=None, carriers__slots=None).order_by("name", "serial")
    return list(spares.distinct()[:_SPARES_SHOWN])


def _start(request: HttpRequest, label: str) -> HttpResponseBase:
    subject, bay = _slot_of(label)
    seen = whole_number(request.POST.get("seen", ""))
    if seen is None:
        return _refuse_start(request, label, Refusal(UNSEEN, 422))
    wish = services.SwapRequest(
        chassis_id=subject.row.pk,
        slot_number=bay["n"],
        actor=actor_of(request),
        expected_module_id=_expected(request.POST.get("expected", "")),
        seen_revision=seen,
        accepts_own_slot=request.POST.get("accepts_own_slot") == "1",
    )
    try:
        swap = services.start_swap(wish, timezone.now())
    except REFUSED as refused:
        refusal = refusal_of(refused)
        note_refusal(request, _start_of(wish, subject.row, bay), refusal.text)
        return _refuse_start(request, label, refusal)
    if wants_json(request):
        return JsonResponse({"swap": swap.pk, "version": swap.version}, status=201)
    return see_swap(swap)


def _refuse_start(request: HttpRequest, label: str, refusal: Refusal) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"error": refusal.text}, status=refusal.status)
    return _confirm_page(request, label, refusal)


def _expected(sent: str) -> int | None:
    """Return the module that shall go in, None for any; what is no number is none that is known."""
    return (whole_number(sent) or 0) if sent else None


def _start_of(wish: services.SwapRequest, row: Chassis, bay: SlotView) -> Deed:
    seen = wish.seen_revision
    saw = "" if seen is None else saw_words(seen, bay["rev"], bay["word"])
    return Deed("swap.start", row.slug, bay["n"], saw)
