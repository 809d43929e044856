"""The tables of the inventory, by topic."""

from backplane.inventory.models.setup import Mode, NetBoxSetup

__all__ = ["Mode", "NetBoxSetup"]
