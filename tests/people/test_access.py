from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from backplane.people import access
from backplane.people.models import User
from backplane.people.roles import Role
from tests.people.conftest import PASSWORD, person

Heard = list[tuple[int, str | None]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    calls: Heard = []

    def subscriber(user_id: int, session_key: str | None) -> None:
        calls.append((user_id, session_key))

    access.subscribe(subscriber)
    yield calls
    access.unsubscribe(subscriber)


def test_one_broken_subscriber_keeps_nobody_from_hearing(heard: Heard) -> None:
    def broken(_user_id: int, _session_key: str | None) -> None:
        raise RuntimeError

    access.subscribe(broken)
    access.access_changed(5)
    access.unsubscribe(broken)
    access.access_changed(6)
    assert heard == [(5, None), (6, None)]


def test_who_unsubscribed_hears_nothing() -> None:
    calls: Heard = []

    def subscriber(user_id: int, session_key: str | None) -> None:
        calls.append((user_id, session_key))

    access.subscribe(subscriber)
    access.subscribe(subscriber)
    access.unsubscribe(subscriber)
    access.unsubscribe(subscriber)
    access.access_changed(5)
    assert calls == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", Role.VIEWER), ("is_active", False), ("must_change_password", True)],
)
def test_a_change_of_access_is_told(
    ben: User,
    heard: Heard,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    field: str,
    value: object,
) -> None:
    setattr(ben, field, value)
    with django_capture_on_commit_callbacks(execute=True):
        ben.save()
    assert heard == [(ben.pk, None)]


def test_a_new_password_is_told(
    ben: User, heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ben.set_password("another-four-words")
    with django_capture_on_commit_callbacks(execute=True):
        ben.save(update_fields=["password"])
    assert heard == [(ben.pk, None)]


def test_a_change_that_another_made_meanwhile_is_compared_with_the_table(
    ben: User, heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    stale = User.objects.get(pk=ben.pk)
    User.objects.filter(pk=ben.pk).update(role=Role.VIEWER)
    with django_capture_on_commit_callbacks(execute=True):
        stale.save()  # gives the old role back
    assert heard == [(ben.pk, None)]


def test_other_changes_and_new_people_are_not_told(
    ben: User, heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ben.first_name = "Benedict"
    ben.last_login = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        ben.save()
        person("nina", Role.VIEWER)
    assert heard == []


def test_deleting_is_told_even_for_many_at_once(
    ana: User,
    ben: User,
    heard: Heard,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.filter(pk__in=[ana.pk, ben.pk]).delete()
    assert sorted(heard, key=str) == sorted([(ana.pk, None), (ben.pk, None)], key=str)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_not_told(heard: Heard) -> None:
    ben = person("ben", Role.OPERATOR)
    with transaction.atomic():
        ben.role = Role.VIEWER
        ben.save()
        transaction.set_rollback(True)
    assert heard == []


def test_signing_out_tells_the_one_session(client: Client, ana: User, heard: Heard) -> None:
    client.force_login(ana)
    key = client.session.session_key
    client.post("/sign-out/")
    assert heard == [(ana.pk, key)]


def test_changing_the_password_on_the_page_is_told_for_every_session(
    client: Client,
    ana: User,
    heard: Heard,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.force_login(ana)
    form = {
        "old_password": PASSWORD,
        "new_password1": "another-four-words",
        "new_password2": "another-four-words",
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/password/", form).status_code == 302
    assert heard == [(ana.pk, None)]
