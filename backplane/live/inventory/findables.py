"""Everything that the search looks through, and where a hit leads. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from backplane.inventory.search import Findable, Found, find
from backplane.live.inventory.places import all_rows
from backplane.slots.identities import carrier_text
from backplane.slots.models import Carrier, Controller, Module, Supply


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the results. `where`: the slot it stands in, in words, and its address; "" when none."""

    kind: str
    label: str
    url: str
    by: str
    text: str
    where: str = ""
    where_url: str = ""


@dataclass(frozen=True, slots=True)
class _Target:
    kind: str
    label: str
    url: str
    where: str = ""
    where_url: str = ""


def search(scrap: str) -> list[Hit]:
    """Return what any scrap of a name, number, address or slot leads to, best first."""
    things = list(_things())
    targets = {thing.key: target for thing, target in things}
    return [_hit(found, targets[found.key]) for found in find(scrap, (one for one, _ in things))]


def _hit(found: Found, target: _Target) -> Hit:
    return Hit(
        target.kind,
        target.label,
        target.url,
        found.by,
        found.text,
        target.where,
        target.where_url,
    )


def _things() -> Iterator[tuple[Findable, _Target]]:
    places: dict[int, tuple[str, str]] = {}
    for group in all_rows():
        for row in group.rows:
            slug, number = group.chassis.slug, row.number
            label = f"{group.chassis}, slot {number}"
            url = reverse("slot", args=(slug, number))
            if row.seen:
                places[row.seen.pk] = (label, url)
            texts = (f"{slug}-{number:02}", f"{slug} slot {number}", label)
            found = tuple(("Slot", text) for text in texts)
            inside = str(row.seen) if row.seen else ""
            yield Findable(("slot", row.slot.pk), found), _Target("Slot", label, url, inside)
    yield from _modules(places)
    yield from _carriers()
    yield from _equipment()


def _modules(places: dict[int, tuple[str, str]]) -> Iterator[tuple[Findable, _Target]]:
    for module in Module.objects.all():
        texts = (
            ("Name", module.name),
            ("Serial", module.serial),
            ("Asset tag", module.asset_tag or ""),
            ("Number", module.uid),
            ("Address", module.address),
            ("Model", module.model),
            ("Owner", module.owner),
            ("Status", module.status),
        )
        where, where_url = places.get(module.pk, ("Shelf", ""))
        url = reverse("module-life", args=(module.pk,))
        target = _Target("Module", str(module), url, where, where_url)
        yield Findable(("module", module.pk), texts, tuple(module.macs)), target


def _carriers() -> Iterator[tuple[Findable, _Target]]:
    for carrier in Carrier.objects.all():
        texts = (
            ("Label", carrier.label),
            ("Carrier", carrier_text(carrier.uid)),
            ("Carrier", carrier.uid),
            ("Asset tag", carrier.asset_tag or ""),
            ("Owner", carrier.owner),
        )
        label = carrier.label or carrier_text(carrier.uid)
        url = reverse("carrier-life", args=(carrier.pk,))
        yield Findable(("carrier", carrier.pk), texts), _Target("Carrier", label, url)


def _equipment() -> Iterator[tuple[Findable, _Target]]:
    for supply in Supply.objects.select_related("chassis"):
        texts = (
            ("Name", supply.name),
            ("Serial", supply.serial),
            ("Asset tag", supply.asset_tag or ""),
            ("Owner", supply.owner),
        )
        url = reverse("inventory-edit", args=("supplies", supply.pk))
        where = str(supply.chassis or "Shelf")
        target = _Target("Supply", str(supply), url, where)
        yield Findable(("supply", supply.pk), texts), target
    for board in Controller.objects.all():
        known = (("Board", board.board_id), ("Asset tag", board.asset_tag or ""))
        url = reverse("inventory-edit", args=("controllers", board.pk))
        target = _Target("Controller", board.board_id, url)
        yield Findable(("controller", board.pk), known, tuple(board.macs)), target
