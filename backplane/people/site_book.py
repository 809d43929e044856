"""Which sites there are and who is assigned to them, as admins decide it. What follows from it, `sites` knows."""

import logging
from collections.abc import Iterable

from django.db import transaction

from backplane.people.access import access_changed
from backplane.people.audit import Act, Actor, record
from backplane.people.models import Site, User

logger = logging.getLogger(__name__)


class SitesMovedOnError(Exception):
    """The person's sites are not those that the admin was shown."""

    def __str__(self) -> str:
        return "Changed since you looked. Look at the sites again."


def site_named(name: str) -> Site | None:
    """Return the site of this name in any case, made if it is new; None for no name."""
    wanted = " ".join(name.split())
    if not wanted:
        return None
    # Two people may name the same new site at once: the later one gets the earlier one's.
    return Site.objects.get_or_create(name__iexact=wanted, defaults={"name": wanted})[0]


@transaction.atomic
def assign_sites(user_id: int, chosen: Iterable[int], seen: Iterable[int], by: Actor) -> User:
    """Let a person act at these sites alone, at every one when there are none; it counts at once.

    `seen` are those that the admin was shown. Raises SitesMovedOnError, Site.DoesNotExist.
    """
    person = User.objects.select_for_update().get(pk=user_id)
    before = list(person.sites.all())
    if {site.pk for site in before} != set(seen):
        raise SitesMovedOnError
    after = [Site.objects.get(pk=site_id) for site_id in sorted(set(chosen))]
    if set(after) == set(before):
        return person
    person.sites.set(after)
    outcome = f"assigned to {words_of(after)}"
    detail = {"before": _names(before), "after": _names(after)}
    act = Act("sites.change", person.username, saw=words_of(before), outcome=outcome, detail=detail)
    record(by, act)
    logger.info("%s: %s was %s.", by.name, person, outcome)
    transaction.on_commit(lambda: access_changed(user_id))
    return person


def words_of(sites: Iterable[Site]) -> str:
    """Return names of sites in words."""
    return ", ".join(_names(sites)) or "every site"


def _names(sites: Iterable[Site]) -> list[str]:
    return sorted(site.name for site in sites)
