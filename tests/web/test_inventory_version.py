"""An older NetBox is told of where the automatic modes are chosen."""

import pytest
from django.test import Client

from backplane.inventory.models import SyncState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("version", "is_told"), [("4.5.9", True), ("4.6.8", False), ("", False)])
def test_the_modes_say_that_writing_needs_4_6(admin: Client, version: str, is_told: bool) -> None:
    SyncState.objects.update_or_create(pk=1, defaults={"version": version})
    text = admin.get("/settings/netbox/").content.decode()
    assert ("writing needs 4.6" in text) is is_told
