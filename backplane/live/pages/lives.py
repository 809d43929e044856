"""Biographies: the life of a module, of a carrier, and of a slot, as stays with what befell them. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.history import hardware_line
from backplane.live.inventory import undo
from backplane.live.pages.subject import subject_of
from backplane.live.pages.verdicts import Lived, Verdict, verdict_on_board, verdict_on_slot
from backplane.live.records import EventLine
from backplane.people.roles import Role, has_role
from backplane.slots.identities import carrier_text
from backplane.slots.models import Asset, AssetStatus, Carrier, Module, Slot, Stay
from backplane.slots.stays import (
    Troubles,
    home_of,
    stays_of_carrier,
    stays_of_module,
    stays_of_slot,
    troubles_of,
    where_is,
)
from backplane.swaps.models import Swap

_SHOWN: Final = 100
_EVENTS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class StayView:
    """One stay for the page; `bad` tells what befell it, "" when nothing did."""

    stay: Stay
    label: str
    url: str
    lasted: str
    bad: str
    events: list[EventLine]
    swaps: list[Swap]


@dataclass(frozen=True, slots=True)
class Life:
    """A biography. `facts`: (label, text, address or "") triples."""

    title: str
    kind: str
    verdict: Verdict
    facts: list[tuple[str, str, str]]
    stays: list[StayView]
    asset: tuple[str, int] | None = None  # kind and number for its form; None: no asset


@require_safe
@never_cache
def module_life(request: HttpRequest, pk: int) -> HttpResponse:
    """The life of a Pi across slots and chassis."""
    module = get_object_or_404(Module, pk=pk)
    stays = list(stays_of_module(module)[:_SHOWN])
    told = troubles_of(stays)
    facts = [
        ("Serial", module.serial, ""),
        ("Model", module.model, ""),
        ("MAC", ", ".join(module.macs), ""),
        *_if_told(("Address", module.address, "")),
        ("Number", module.uid, ""),
        *_asset_facts(module),
        ("Most it ever drew", f"{module.peak_mw / 1000:.1f} W" if module.peak_mw else "", ""),
        *_if_told(("Planned for", *_slot_fact(home_of(module)))),
        *[("On carrier", _carrier_name(one), _carrier_url(one)) for one in module.carriers.all()],
    ]
    verdict = verdict_on_board([_lived(stay, told[stay.pk]) for stay in stays])
    swaps = Swap.objects.filter(Q(old_module=module) | Q(new_module=module))
    views, asset = _views(stays, told, swaps), ("modules", module.pk)
    return _page(request, Life(str(module), "Module", verdict, facts, views, asset))


@require_safe
@never_cache
def carrier_life(request: HttpRequest, pk: int) -> HttpResponse:
    """The life of a tray across slots and chassis."""
    carrier = get_object_or_404(Carrier.objects.select_related("module"), pk=pk)
    stays = list(stays_of_carrier(carrier)[:_SHOWN])
    told = troubles_of(stays)
    module = carrier.module
    facts = [
        ("Identity", carrier_text(carrier.uid), ""),
        ("Carries", str(module) if module else "", _module_url(module) if module else ""),
        _standing_fact(where_is(carrier)),
        *_asset_facts(carrier),
    ]
    verdict = verdict_on_board([_lived(stay, told[stay.pk]) for stay in stays], "carrier")
    swaps = Swap.objects.filter(Q(old_carrier=carrier) | Q(new_carrier=carrier))
    views, asset = _views(stays, told, swaps), ("carriers", carrier.pk)
    return _page(request, Life(_carrier_name(carrier), "Carrier", verdict, facts, views, asset))


@require_safe
@never_cache
def slot_life(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The life of a slot across the boards that stood in it."""
    row = subject_of(slug).row
    slot = get_object_or_404(Slot, chassis=row, number=number)
    stays = list(stays_of_slot(slot)[:_SHOWN])
    elsewhere = _elsewhere(slot, stays)
    told = troubles_of([*stays, *elsewhere])
    verdict = verdict_on_slot(
        [_lived(stay, told[stay.pk]) for stay in stays],
        [_lived(stay, told[stay.pk]) for stay in elsewhere],
    )
    facts = [
        ("Chassis", str(row), reverse("chassis", args=(row.slug,))),
        (
            "Most drawn here",
            f"{slot.peak_mw / 1000:.1f} W" if slot.peak_mw else "",
            "",
        ),
        ("Now", "see the slot", reverse("slot", args=(row.slug, number))),
    ]
    views = _views(stays, told, Swap.objects.filter(slot=slot))
    return _page(request, Life(f"{row}, slot {number}", "Slot", verdict, facts, views))


def _page(request: HttpRequest, life: Life) -> HttpResponse:
    context = {
        "life": life,
        "may_edit": has_role(request.user, Role.OPERATOR),
        "is_changed": life.asset is not None and undo.is_offered(request, *life.asset),
    }
    return render(request, "live/life.html", context)


def _standing_fact(slot: Slot | None) -> tuple[str, str, str]:
    """Return where something stands, or was seen last where that is not known now."""
    is_known = slot is not None and slot.chassis.link_is_up and not slot.is_occupant_unsure
    return ("Stands in" if is_known or slot is None else "Last seen in", *_slot_fact(slot))


def _asset_facts(asset: Asset) -> list[tuple[str, str, str]]:
    """Return what people wrote about a thing; what nobody wrote is left out."""
    status = AssetStatus(asset.status)
    bought = asset.purchased_on.strftime("%d %b %Y") if asset.purchased_on else ""
    told = (
        ("Asset tag", asset.asset_tag or "", ""),
        ("Status", "" if status is AssetStatus.ACTIVE else status.value, ""),
        ("Owner", asset.owner, ""),
        ("Purchased", bought, ""),
        ("Note", asset.note, ""),
    )
    return [fact for fact in told if fact[1]]


def _elsewhere(slot: Slot, stays: Sequence[Stay]) -> list[Stay]:
    """Return the stays of the same boards in other slots."""
    modules = {stay.module_id for stay in stays if stay.module_id}
    carriers = {stay.carrier_id for stay in stays if not stay.module_id and stay.carrier_id}
    same = Q(module__in=modules) | Q(module=None, carrier__in=carriers)
    rows = Stay.objects.filter(same).exclude(slot=slot)
    return list(rows.select_related("slot__chassis", "module", "carrier"))


def _views(
    stays: Sequence[Stay], told: dict[int, Troubles], swaps: QuerySet[Swap]
) -> list[StayView]:
    known = list(swaps.select_related("chassis", "slot").order_by("-pk")[:_SHOWN])
    return [_view(stay, told[stay.pk], known) for stay in stays]


def _view(stay: Stay, troubles: Troubles, swaps: Sequence[Swap]) -> StayView:
    slot = stay.slot
    return StayView(
        stay=stay,
        label=_label(slot),
        url=reverse("slot", args=(slot.chassis.slug, slot.number)),
        lasted=lasted((stay.until or timezone.now()) - stay.since),
        bad=trouble_words(troubles),
        events=[hardware_line(event) for event in troubles.events[-_EVENTS_SHOWN:]],
        swaps=[swap for swap in swaps if swap.slot_id == stay.slot_id and _touches(swap, stay)],
    )


def _touches(swap: Swap, stay: Stay) -> bool:
    """Whether the swap began or ended this stay."""
    until = swap.ended_at or timezone.now()
    ends = [stay.since] if stay.until is None else [stay.since, stay.until]
    return any(swap.created_at <= end <= until for end in ends)


def _lived(stay: Stay, troubles: Troubles) -> Lived:
    board = f"module {stay.module_id}" if stay.module_id else f"carrier {stay.carrier_id}"
    return Lived(
        # Two boards of which nothing is known are two boards.
        board=board if stay.module_id or stay.carrier_id else f"stay {stay.pk}",
        slot=_label(stay.slot),
        since=stay.since,
        until=stay.until,
        failures=troubles.trips + troubles.power_good_failures,
        over_temperatures=troubles.over_temperatures,
    )


def trouble_words(troubles: Troubles) -> str:
    """Return what befell a stay, counted; "" when nothing did."""
    counts = (
        (troubles.trips, "over-current trip", "over-current trips"),
        (troubles.power_good_failures, "start without good power", "starts without good power"),
        (troubles.over_temperatures, "over-temperature", "over-temperatures"),
    )
    said = [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]
    if troubles.surprise_ends:
        said.append("pulled without warning")
    words = ", ".join(said)
    return words[:1].upper() + words[1:]


def lasted(span: timedelta) -> str:
    """Return how long something lasted, in its two largest units."""
    minutes = int(span.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    if minutes >= 60:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "less than a minute"


def _label(slot: Slot) -> str:
    return f"{slot.chassis}, slot {slot.number}"


def _if_told(fact: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    return [fact] if fact[1] else []


def _slot_fact(slot: Slot | None) -> tuple[str, str]:
    if slot is None:
        return "", ""
    return _label(slot), reverse("slot", args=(slot.chassis.slug, slot.number))


def _carrier_name(carrier: Carrier) -> str:
    return carrier.label or carrier_text(carrier.uid)


def _carrier_url(carrier: Carrier) -> str:
    return reverse("carrier-life", args=(carrier.pk,))


def _module_url(module: Module) -> str:
    return reverse("module-life", args=(module.pk,))
