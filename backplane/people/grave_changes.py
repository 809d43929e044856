"""The questions before changes of who may do much: what is asked, in words. Decides nothing."""

from typing import Final

from django.urls import reverse

from backplane.people.models import User
from backplane.people.proof import Question
from backplane.people.roles import Role

# Whoever gives one of these roles, or takes admin away, types the name and the own password.
GRAVE: Final = (Role.OPERATOR, Role.ADMIN)


def about_adding(username: str, role: Role) -> Question:
    return Question(
        heading=f"Add {username} as {role}?",
        consequence=f"{role.label}: {role.summary}",
        name=username,
        verb=f"Add {username}",
        back=reverse("people"),
        sent={"username": username, "role": role.value},
    )


def about_role(person: User, role: Role, seen: Role) -> Question:
    return Question(
        heading=f"Make {person} {role}?",
        consequence=f"{person} is {person.role} now. {role.label}: {role.summary} It counts at once.",
        name=person.username,
        verb=f"Make {person} {role}",
        back=reverse("people"),
        sent={"role": role.value, "was": seen.value},
    )


def about_active(person: User, *, is_active: bool) -> Question:
    """Ask before an admin is kept out or let in again."""
    return Question(
        heading=f"Let {person} in again?" if is_active else f"Keep {person} out?",
        consequence=f"{person} is {person.role}. It counts at once.",
        name=person.username,
        verb=f"Let {person} in" if is_active else f"Keep {person} out",
        back=reverse("people"),
        sent={"active": "1" if is_active else "0"},
    )


def about_password(person: User) -> Question:
    """Ask before somebody who may do much gets a password that the asker will see."""
    return Question(
        heading=f"Give {person} a new password?",
        consequence=f"{person} is {person.role}. The old password opens nothing from then on.",
        name=person.username,
        verb=f"New password for {person}",
        back=reverse("people"),
    )
