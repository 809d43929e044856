"""The pages that look: the list of racks, one chassis, one slot, and the same as data."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from backplane.live.faces import WORST_FIRST
from backplane.live.pages import undo
from backplane.live.pages.drawing import measures_css
from backplane.live.pages.link import link_context
from backplane.live.pages.names import names_form, occupant_of, place_of
from backplane.live.pages.rehearsal import GROUPS
from backplane.live.pages.subject import (
    events_of,
    page_context,
    slot_events,
    slot_trend,
    subject_of,
    whole_number,
    worst_first,
)
from backplane.live.rendering import chassis_view
from backplane.live.selectors import load_chassis
from backplane.slots.models import Chassis

_NO_STORE = {"Cache-Control": "no-store"}


@require_safe
@never_cache
def racks(request: HttpRequest) -> HttpResponseBase:
    """List every chassis; with a single one there is nothing to choose."""
    slugs = list(Chassis.objects.values_list("slug", flat=True))
    if len(slugs) == 1:
        return redirect("chassis", slugs[0])
    now = timezone.now()
    records = [record for slug in slugs if (record := load_chassis(slug))]
    views = [chassis_view(record, now) for record in records]
    views.sort(
        key=lambda view: WORST_FIRST.index(view["summary"][0]["key"]) if view["summary"] else 0
    )
    return render(request, "live/racks.html", {"racks": views})


@require_safe
@never_cache
def chassis(request: HttpRequest, slug: str) -> HttpResponse:
    """One chassis, with the slot of ?slot=N open beside it."""
    return chassis_page(request, slug, request.GET.get("slot", ""))


def chassis_page(request: HttpRequest, slug: str, chosen: str, answer: str = "") -> HttpResponse:
    """Render the chassis page; `answer` is what a rehearsal just said."""
    subject = subject_of(slug)
    slots = subject.view["slots"]
    if not slots:
        raise Http404(f"{slug} has no slots yet.")
    number = whole_number(chosen)
    selected = None if number is None else subject.slot(number)
    context = page_context(request, subject, selected or slots[0])
    context |= {
        "selected": selected,
        "worst_first": worst_first(subject.view),
        "rehearsal": GROUPS,
        "answer": answer,
        **link_context(subject.row),
    }
    return render(request, "live/chassis.html", context)


@require_safe
@never_cache
def slot(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One slot in full."""
    return slot_page(request, slug, number)


def slot_page(
    request: HttpRequest, slug: str, number: int, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the slot page; `refusal` says why the last command was not accepted."""
    subject = subject_of(slug)
    context = page_context(request, subject, subject.slot(number))
    slot_row = subject.row.slots.select_related("carrier__module", "module").get(number=number)
    context |= {
        "refusal": refusal,
        "names": names_form(subject.row, number),
        "occupant": occupant_of(slot_row),
        "is_renamed": undo.is_offered(request, place_of(slot_row)),
    }
    return render(request, "live/slot.html", context, status=status)


@require_safe
def snapshot(_request: HttpRequest, slug: str) -> JsonResponse:
    """The whole chassis as data, for those whose network blocks websockets."""
    subject = subject_of(slug)
    body = {
        "seq": subject.view["seq"],
        "chassis": subject.view,
        "events": list(reversed(events_of(subject))),
        "chassis_age_ms": _age_ms(subject.row),
        "server_time": timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return JsonResponse(body, headers=_NO_STORE)


@require_safe
def slot_recent(_request: HttpRequest, slug: str, number: int) -> JsonResponse:
    """The trend and the last events of one slot, for the drawer."""
    subject = subject_of(slug)
    trend = slot_trend(subject, subject.slot(number))
    body = {
        "lines": trend.lines,
        "limit_y": trend.limit_y,
        "sentence": trend.sentence,
        "events": slot_events(subject, number),
    }
    return JsonResponse(body, headers=_NO_STORE)


@require_safe
@cache_control(private=True, max_age=31_536_000, immutable=True)  # its URL carries a version
def measures(_request: HttpRequest, slug: str) -> HttpResponse:
    """The stylesheet with the proportions of this chassis's board."""
    return HttpResponse(measures_css(subject_of(slug).row.profile), content_type="text/css")


def _age_ms(row: Chassis) -> int | None:
    return (
        None if row.seen_at is None else int((timezone.now() - row.seen_at).total_seconds() * 1000)
    )
