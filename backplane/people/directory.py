"""Who is here and what they may do, as admins decide it. The last active admin stays one."""

import logging
from dataclasses import dataclass

from django.db import transaction

from backplane.people.audit import Act, Actor, record
from backplane.people.first_account import forget_first_password, invent_password
from backplane.people.models import User
from backplane.people.roles import Role

logger = logging.getLogger(__name__)


class LastAdminError(Exception):
    """The change would leave nobody who can decide about people."""

    def __str__(self) -> str:
        return "Somebody must stay admin. Make another person admin first."


class RoleMovedOnError(Exception):
    """The person has another role than the admin was shown."""

    def __str__(self) -> str:
        return "Changed since you looked. Look at the role again."


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A person and a password for them, known in plain words this once."""

    person: User
    password: str


@transaction.atomic
def add_person(username: str, role: Role, by: Actor) -> HandedOver:
    """Add a person; return them and the password to hand over, which they must change."""
    password = invent_password()
    person = User.objects.create_user(
        username, password=password, role=role, must_change_password=True
    )
    record(by, Act("person.add", username, outcome=f"added as {role}", detail={"role": role}))
    logger.info("%s added %s as %s.", by.name, person, role)
    return HandedOver(person, password)


@transaction.atomic
def change_role(user_id: int, role: Role, seen: Role, by: Actor) -> User:
    """Give a person another role than the one that the admin was shown.

    Raises RoleMovedOnError, LastAdminError.
    """
    person = User.objects.select_for_update().get(pk=user_id)
    if person.role != seen:
        raise RoleMovedOnError
    if role != Role.ADMIN:
        _keep_an_admin_besides(person)
    before, person.role = person.role, role
    person.save(update_fields=["role"])
    detail = {"before": before, "after": role}
    outcome = f"{before} to {role}"
    record(by, Act("role.change", person.username, saw=before, outcome=outcome, detail=detail))
    logger.info("%s made %s %s.", by.name, person, role)
    return person


@transaction.atomic
def set_active(user_id: int, by: Actor, *, is_active: bool) -> User:
    """Let a person in again, or keep them out from now on; raises LastAdminError."""
    person = User.objects.select_for_update().get(pk=user_id)
    if not is_active:
        _keep_an_admin_besides(person)
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    outcome = "let in" if is_active else "kept out"
    record(by, Act("person.active", person.username, outcome=outcome))
    logger.info("%s: %s was %s.", by.name, person, outcome)
    return person


@transaction.atomic
def give_new_password(user_id: int, by: Actor) -> HandedOver:
    """Replace a forgotten password; return the person and the password, which they must change."""
    person = User.objects.select_for_update().get(pk=user_id)
    password = invent_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    forget_first_password(person)  # it opens nothing any more
    record(by, Act("password.give", person.username, outcome="replaced"))
    logger.info("%s gave %s a new password.", by.name, person)
    return HandedOver(person, password)


def is_last_admin(person: User) -> bool:
    """Tell whether nobody but `person` could decide about people; locks every admin's row until the commit."""
    # Locked: two admins who demote each other at once cannot both succeed.
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
    return {admin.pk for admin in admins} == {person.pk}


def _keep_an_admin_besides(person: User) -> None:
    if is_last_admin(person):
        raise LastAdminError
