"""At which sites somebody may act. The one rule: nobody assigned means everywhere; operators act everywhere.

A program's token is no person: the sites that it was made for bind all of its scopes. Looking is not limited. A chassis without a site is at none of those that somebody is assigned to. Reads only.
"""

from backplane.people.models import User
from backplane.people.roles import Person, Role, effective_role_of, has_role

# Ids of the sites that somebody may act at; None: at every one.
Reach = frozenset[int] | None


def reach_of(user: object) -> Reach:
    """Return where this person may act, as their role is here and now; of a program, what its token was made for."""
    if not isinstance(user, User):
        reach: Reach = getattr(user, "reach", None)
        return reach
    role = effective_role_of(user)
    if role is None or role.includes(Role.OPERATOR):
        return None
    return frozenset(user.sites.values_list("pk", flat=True)) or None


def is_within(reach: Reach, site_id: int | None) -> bool:
    """Tell whether a chassis of this site (None: of no site) is within reach."""
    return reach is None or site_id in reach


def may_act(user: Person, needed: Role, site_id: int | None) -> bool:
    """Tell whether `user` has the role, and has it at this site."""
    return has_role(user, needed) and is_within(reach_of(user), site_id)
