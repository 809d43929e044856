"""The short addresses on printed labels, in any case: /S/A12-07/ is a slot, /C/A12/ a chassis.

Whoever holds a swap and scans a label has answered "which slot?": they are led back to their swap.
"""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.subject import whole_number
from backplane.slots.models import Chassis
from backplane.swaps.models import Swap
from backplane.swaps.steps import Step, SwapState

_FINDS_THE_SLOT = (Step.LOCATE, Step.CONFIRM)


@require_safe
@never_cache
def short_slot(request: HttpRequest, label: str) -> HttpResponseBase:
    """Lead from a slot's label to the slot, or to the reader's own swap that asks for it."""
    slug, _, digits = label.rpartition("-")
    number = whole_number(digits)
    found = Chassis.objects.filter(slug__iexact=slug).first()
    if found is None or number is None:
        raise Http404(f"No slot {label}.")
    swap = _asking(request, found, number)
    if swap is not None:
        return redirect(f"{reverse('swap', args=(swap.pk,))}?at={number:02}")
    return redirect("slot", found.slug, number)


@require_safe
def short_chassis(_request: HttpRequest, label: str) -> HttpResponseBase:
    """Lead from the chassis's label to its page."""
    found = Chassis.objects.filter(slug__iexact=label).first()
    if found is None:
        raise Http404(f"No chassis {label}.")
    return redirect("chassis", found.slug)


def _asking(request: HttpRequest, chassis: Chassis, number: int) -> Swap | None:
    """Return the reader's open swap that a label answers: of this slot, or the one that asks which slot blinks."""
    held = Swap.objects.filter(
        chassis=chassis, holder=request.user.pk, state=SwapState.OPEN, step__in=_FINDS_THE_SLOT
    )
    same = held.filter(slot__number=number).first()
    return same or held.filter(step=Step.CONFIRM).first()
