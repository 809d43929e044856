"""The tables of people: who they are, what signs in for them, and what they did."""

from backplane.people.models.audit import AuditEntry, TrailIsKeptError
from backplane.people.models.keys import MachineToken, PhonePass
from backplane.people.models.sites import Site
from backplane.people.models.user import User, UserManager

__all__ = [
    "AuditEntry",
    "MachineToken",
    "PhonePass",
    "Site",
    "TrailIsKeptError",
    "User",
    "UserManager",
]
