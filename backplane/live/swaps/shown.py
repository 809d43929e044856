"""One swap as a page needs it: its rows, its chassis, and the screen for whoever looks. Reads only."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import Http404, HttpRequest
from django.utils import timezone

from backplane.live.pages.subject import whole_number
from backplane.live.rendering import ChassisView
from backplane.live.swaps.pictures import Told, picture_of, told_of
from backplane.live.swaps.screens import Holding, Reader, Screen, Whole, screen_of
from backplane.people.roles import Role, has_role
from backplane.people.sites import is_within, reach_of
from backplane.swaps.models import Swap
from backplane.swaps.steps import SwapState

_MEANWHILE_TOLD: Final = 3  # a sentence, not a history: the log below has the rest


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened since the reader last looked: the newest entries, oldest first, and how many more."""

    entries: tuple[Told, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the templates of one swap draw."""

    swap: Swap
    chassis: ChassisView
    screen: Screen
    log: tuple[Told, ...]

    @property
    def newest_entry(self) -> int:
        return self.log[0].pk if self.log else 0

    @property
    def etag(self) -> str:
        """Return what changes when the screen does; forms' tokens are left out, they differ each time."""
        said = repr((self.screen, self.newest_entry))
        return f'"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'


def find_swap(number: int) -> Swap:
    """Return the swap of this number; 404 when there is none."""
    related = ("chassis", "slot", "holder")
    swap = Swap.objects.select_related(*related).filter(pk=number).first()
    if swap is None:
        raise Http404(f"No swap {number}.")
    return swap


def shown_to(request: HttpRequest, swap: Swap) -> Shown:
    """Return the swap as this reader sees it now."""
    now = timezone.now()
    picture = picture_of(swap, now)
    whole = Whole(
        swap_id=swap.pk,
        slot=swap.slot.number,
        is_open=swap.state == SwapState.OPEN,
        version=swap.version,
        reader=Reader(
            is_technician=has_role(request.user, Role.TECHNICIAN),
            is_here=is_within(reach_of(request.user), swap.chassis.site_id),
            is_operator=has_role(request.user, Role.OPERATOR),
            is_holder=swap.holder_id is not None and swap.holder_id == request.user.pk,
        ),
        holding=holding_of(swap, now),
        steps=picture.steps,
        bays=tuple(picture.chassis["slots"]),
    )
    screen = screen_of(picture.stage, whole)
    return Shown(swap, picture.chassis, screen, told_by(screen, picture.log))


def told_by(screen: Screen, lines: Iterable[Told]) -> tuple[Told, ...]:
    """Return lines of the log in the words that this screen may use."""
    return tuple(replace(line, text=screen.told(line.text)) for line in lines)


def holding_of(swap: Swap, now: datetime) -> Holding:
    """Return who has the swap, and whether they have gone quiet."""
    until = swap.lease_until
    return Holding(swap.holder_name, until is None or until < now, until)


def meanwhile(swap: Swap, screen: Screen, since: str) -> Meanwhile | None:
    """Return what was added after the entry that the reader saw last; None: nothing, or not asked."""
    seen = whole_number(since)
    if seen is None:
        return None
    newer = list(swap.entries.filter(pk__gt=seen).order_by("-pk"))
    if not newer:
        return None
    lines = [told_of(entry) for entry in reversed(newer[:_MEANWHILE_TOLD])]
    told = told_by(screen, [replace(line, text=line.text.rstrip(".")) for line in lines])
    return Meanwhile(told, len(newer) - len(told))
