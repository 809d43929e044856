"""Who may claim a slot's handle for a purpose of their own: while they do, it asks for nothing by itself.

A registry of questions, so that what stands above this package can answer without being known here.
"""

from collections.abc import Callable

# Says whether the slot with this primary key is at work for somebody.
Claim = Callable[[int], bool]
_claims: list[Claim] = []


def register(claim: Claim) -> None:
    """Ask `claim` before a handle asks for anything, from now on; twice is once."""
    if claim not in _claims:
        _claims.append(claim)


def is_claimed(slot_id: int) -> bool:
    """Say whether somebody owns what the handle of this slot means now."""
    return any(claim(slot_id) for claim in _claims)
