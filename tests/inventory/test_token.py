"""A token that no header can hold is told of in words, and never shown."""

import pytest

from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.netbox.errors import NetBoxUnavailable
from tests.support.netbox import NetBoxDouble

pytestmark = pytest.mark.live


@pytest.mark.parametrize("token", ["nbt_quite\nsecret", "nbt_quite\u2019secret"])
def test_a_token_that_cannot_be_sent_is_not_shown(token: str) -> None:
    with NetBoxDouble() as double:
        netbox = NetBox(Access(double.url, token, timeout_s=5.0))
        with pytest.raises(NetBoxUnavailable, match="NETBOX_TOKEN cannot be sent") as caught:
            netbox.status()
        netbox.close()
    assert "quite" not in str(caught.value)
    assert caught.value.__suppress_context__
