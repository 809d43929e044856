"""Fixtures of the inventory's tests: the NetBox double, or a real one where the environment names it."""

from tests.support.netbox.fixtures import double, netbox, scene

__all__ = ["double", "netbox", "scene"]
