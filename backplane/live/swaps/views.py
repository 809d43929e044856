"""The pages that look at one swap: the page itself, its living part, the QR code that leads a phone to it."""

import io

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.subject import whole_number
from backplane.live.swaps.shown import Shown, find_swap, meanwhile, shown_to
from backplane.swaps import selectors
from backplane.swaps.models import Swap

_QUIET_MODULES = 4  # the white rim that readers need


@require_safe
@never_cache
def swap(request: HttpRequest, number: int) -> HttpResponse:
    """One swap, step by step; ?at=7 after the label of slot 7 was scanned."""
    return swap_page(request, find_swap(number), at=whole_number(request.GET.get("at", "")))


def swap_page(
    request: HttpRequest, swap: Swap, *, at: int | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the page; `refusal` says why the last deed was not done."""
    shown = shown_to(request, swap)
    context = context_of(shown) | {
        "refusal": shown.screen.told(refusal),
        "scan": _scan(shown, at),
        "at": at,
        "address": address_of(request, swap),
        "sends_by_itself": request.method == "GET",
    }
    return render(request, "swaps/swap.html", context, status=status)


def context_of(shown: Shown) -> dict[str, object]:
    """Return what the page and its living part both draw."""
    return {
        "shown": shown,
        "swap": shown.swap,
        "screen": shown.screen,
        "stage": shown.screen.stage,
        "chassis": shown.chassis,
    }


def _scan(shown: Shown, at: int | None) -> str:
    """Return what scanning a label stands for in this step; "" when it means nothing here."""
    buttons = (shown.screen.button(do) for do in ("at_rack", "slot"))
    fitting = next((one for one in buttons if one and not one.why), None)
    return fitting.button.do if fitting and at is not None else ""


@require_safe
@never_cache
def stage(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the page that changes; ?since=ENTRY adds what happened after that entry."""
    swap = find_swap(number)
    shown = shown_to(request, swap)
    news = meanwhile(swap, shown.screen, request.GET.get("since", ""))
    if news is None and request.headers.get("If-None-Match") == shown.etag:
        return HttpResponseNotModified(headers={"ETag": shown.etag})
    answer = render(request, "swaps/_screen.html", context_of(shown) | {"meanwhile": news})
    answer.headers["ETag"] = shown.etag
    return answer


@require_safe
@never_cache
def receipt(request: HttpRequest, number: int) -> HttpResponse:
    """What the swap did, to print."""
    swap = find_swap(number)
    context = {"swap": swap, "receipt": selectors.receipt_of(swap)}
    return render(request, "swaps/receipt.html", context)


@require_safe
def qr(request: HttpRequest, number: int) -> HttpResponse:
    """The swap's address as a QR code: what a phone's camera opens."""
    drawn = io.BytesIO()
    code = segno.make(address_of(request, find_swap(number)), error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, border=_QUIET_MODULES, light="#ffffff", scale=4)
    headers = {"Cache-Control": "private, max-age=3600"}
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers=headers)


def address_of(request: HttpRequest, swap: Swap) -> str:
    """Return the swap's whole address, as a phone in the same network reaches it."""
    path = reverse("swap", args=(swap.pk,))
    public = str(settings.PUBLIC_URL)
    return f"{public}{path}" if public else request.build_absolute_uri(path)
