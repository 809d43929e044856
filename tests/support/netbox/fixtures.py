"""The fixtures `netbox` and `scene`: the double, or the real NetBox that NETBOX_TEST_URL and NETBOX_TEST_TOKEN name."""

import os
from collections.abc import Iterator

import pytest

from tests.support.netbox.double import NetBoxDouble
from tests.support.netbox.scene import Netbox, Scene, build_scene


@pytest.fixture
def netbox() -> Iterator[Netbox]:
    """A NetBox: an empty double of this test's own, or the real one, swept up afterwards."""
    url = os.environ.get("NETBOX_TEST_URL")
    if url:
        real = Netbox(url.rstrip("/"), os.environ["NETBOX_TEST_TOKEN"])
        yield real
        real.sweep()
        return
    with NetBoxDouble() as double:
        yield Netbox(double.url, double.token, double)


@pytest.fixture
def double(netbox: Netbox) -> NetBoxDouble:
    """The double itself, for tests that inject faults or look into its memory."""
    if netbox.double is None:
        pytest.skip("a real NetBox takes no faults")
    return netbox.double


@pytest.fixture
def scene(netbox: Netbox) -> Scene:
    """A site, a rack, a chassis of ten empty bays."""
    return build_scene(netbox)
