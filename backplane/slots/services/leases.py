"""Who holds a chassis, and which chassis a board is."""

import itertools
import re
from datetime import datetime
from typing import Any

from django.db import transaction

from backplane.slots.durable import durable_transaction
from backplane.slots.errors import ChassisMismatch, OwnerMovedOn
from backplane.slots.models import Chassis, HardwareEvent, Installation, LinkState, Slot
from backplane.slots.models.chassis import REPLAYED_ENDING
from backplane.slots.records import Change, HelloFacts
from backplane.slots.services.unknowing import drop_commands, lose_sight
from backplane.slots.services.work import work_on
from backplane.slots.telemetry import store

CAP_SIMULATED = 1
# A board id is the ESP32's MAC, 12 digits, with zeros behind it; the last 6 of the MAC are the maker's count.
_MAC_TAIL = slice(6, 12)
_SIM_URL = re.compile(r"sim://(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*)(\?.*)?")


def host_id() -> int:
    """Return this installation's identity towards boards, made once and kept with the database."""
    with transaction.atomic():
        installation = Installation.objects.order_by("pk").first()
        return (installation or Installation.objects.create()).host_id


def take_lease(chassis_id: int, board_epoch: int, now: datetime) -> int:
    """Begin a new generation, higher than ours and the board's, and return it.

    A restored backup is older than the board; taking the larger of the two makes it speak again.
    Slots become M7 and open commands end: nothing is known until the board is heard.
    """
    with work_on(chassis_id, now, durable=True) as work:
        epoch = max(work.chassis.epoch, board_epoch) + 1
        work.set_chassis(epoch=epoch, take_over_confirmed=False)
        drop_commands(
            work, "The service was started or taken over; nothing asked before is done now."
        )
        lose_sight(work)
    return epoch


def find_or_create_chassis(hello: HelloFacts, port_url: str, now: datetime) -> Chassis:
    """Return the chassis of a board: by its id, else by an adoption, else a new one with its slots.

    Raises ChassisMismatch when the port belongs to a chassis with another board and nobody adopted.
    """
    with durable_transaction():
        chassis = Chassis.objects.filter(board_id=hello.board_id).first() or _on_port(port_url)
        if chassis is None:
            return _create(hello, port_url)
        if _is_its_board(chassis, hello):
            _renew(chassis, hello, port_url, now)
            return chassis
        Chassis.objects.filter(pk=chassis.pk).update(offered_board_id=hello.board_id)
    # Raised outside, so that the offer is kept for the person who decides.
    raise ChassisMismatch(chassis.slug, chassis.board_id or "", hello.board_id)


def confirm_take_over(chassis_id: int, now: datetime) -> Change | None:
    """Note that a person said: take this chassis from the other installation. Raises OwnerMovedOn."""
    with work_on(chassis_id, now) as work:
        if work.chassis.link_state != LinkState.OTHER_OWNER:
            raise OwnerMovedOn
        work.set_chassis(take_over_confirmed=True)
        work.touch()
    return work.change


def adopt_board(chassis_id: int, now: datetime) -> Change | None:
    """Note that a person said: the board that answers now is this chassis's board."""
    with work_on(chassis_id, now) as work:
        work.set_chassis(adopt_board_id=work.chassis.offered_board_id)
        work.touch()
    return work.change


def _on_port(port_url: str) -> Chassis | None:
    return Chassis.objects.filter(port_url=port_url).first() if port_url else None


def _is_its_board(chassis: Chassis, hello: HelloFacts) -> bool:
    return hello.board_id in {chassis.board_id, chassis.adopt_board_id} or chassis.board_id is None


def _create(hello: HelloFacts, port_url: str) -> Chassis:
    chassis = Chassis.objects.create(
        slug=_free_slug(_wished_slug(hello, port_url)),
        board_id=hello.board_id,
        port_url=port_url,
        **_recorded_of(hello.board_id),
        **_told_by(hello, port_url),
    )
    _add_slots(chassis)
    return chassis


def _wished_slug(hello: HelloFacts, port_url: str) -> str:
    if simulated := _SIM_URL.fullmatch(port_url):
        return simulated["name"].lower()
    kind = "replay" if hello.board_id.endswith(REPLAYED_ENDING) else "bp"
    return f"{kind}-{hello.board_id[_MAC_TAIL]}"


def _renew(chassis: Chassis, hello: HelloFacts, port_url: str, now: datetime) -> None:
    """Note where the board is now and what it says of itself; another board brings its own journal."""
    Chassis.objects.filter(port_url=port_url).exclude(pk=chassis.pk).update(port_url="")
    values = {
        "port_url": port_url,
        "offered_board_id": "",
        "adopt_board_id": "",
        **_told_by(hello, port_url),
    }
    if chassis.board_id != hello.board_id:
        values |= {"board_id": hello.board_id, **_recorded_of(hello.board_id)}
        values |= {
            "lost_supplies": [],
            "supplies_known": False,
            "ceiling_mw": None,
        }  # told by the board before
        store.forget(chassis.pk)
    with work_on(chassis.pk, now) as work:
        if work.set_chassis(**values):
            work.touch()
    chassis.refresh_from_db()
    _add_slots(chassis)


def _recorded_of(board_id: str) -> dict[str, int | None]:
    """Return how far this board's events are recorded: it may have served another chassis before."""
    last = HardwareEvent.objects.filter(board_id=board_id).order_by("-pk").first()
    if last is None:
        return {"journal": None, "cursor": None}
    return {"journal": last.journal, "cursor": last.number}


def newest_raw(chassis: Chassis) -> bytes | None:
    """Return the bytes of the event at the cursor, to compare with what the board holds under its number."""
    at = {"journal": chassis.journal, "number": chassis.cursor}
    row = HardwareEvent.objects.filter(board_id=chassis.board_id, **at).first()
    return None if row is None else bytes(row.raw)


def _told_by(hello: HelloFacts, port_url: str) -> dict[str, Any]:
    return {
        "board_name": hello.board_name[:64],
        "slot_count": hello.slot_count,
        "is_simulated": bool(hello.caps & CAP_SIMULATED) or port_url.startswith("sim://"),
        "caps": hello.caps,
        "firmware_version": hello.firmware_version[:64],
        "boot": hello.boot,
    }


def _add_slots(chassis: Chassis) -> None:
    have = set(chassis.slots.values_list("number", flat=True))
    missing = set(range(1, chassis.slot_count + 1)) - have
    Slot.objects.bulk_create(Slot(chassis=chassis, number=number) for number in sorted(missing))


def _free_slug(wish: str) -> str:
    for suffix in itertools.count(1):
        slug = wish if suffix == 1 else f"{wish}-{suffix}"
        if not Chassis.objects.filter(slug__iexact=slug).exists():
            return slug
    raise AssertionError  # pragma: no cover  (counting never ends)
