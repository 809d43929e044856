"""Fixtures of the suite that runs on either NetBox: the double, or a real one where the environment names it."""

from collections.abc import Iterator

import pytest

from tests.support.netbox.fixtures import double, netbox
from tests.support.netbox.scene import Netbox
from tests.support.netbox_racks import Racks, build_racks
from tests.support.netbox_sent import requests_noted

__all__ = ["double", "netbox"]


@pytest.fixture
def racks(
    netbox: Netbox, transactional_db: None, request: pytest.FixtureRequest
) -> Iterator[Racks]:
    """One chassis of ten Pis, or as many as the test's parameter says, unknown to NetBox."""
    racks = build_racks(netbox, getattr(request, "param", 1))
    with requests_noted(racks.sent):
        yield racks
    if netbox.double is None:
        racks.sweep()


@pytest.fixture
def synced(racks: Racks) -> Racks:
    """The same, synced once; its requests forgotten."""
    racks.sync_well()
    racks.forget()
    return racks
