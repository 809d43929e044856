"""How many differences wait for somebody: slots not as planned, and what the newest plan would change in NetBox."""

from backplane.live.inventory.places import count_not_as_planned


def differences() -> int:
    """Return the number for the header; it is read with every page, so it asks little."""
    return count_not_as_planned()
