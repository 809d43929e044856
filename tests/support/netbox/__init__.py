"""A NetBox to test against: a double over real HTTP that keeps a NetBox 4.6's manners, silent wrongs included."""

from tests.support.netbox.double import NetBoxDouble

__all__ = ["NetBoxDouble"]
