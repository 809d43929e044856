from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from backplane.live.visitor import Visitor, identify
from backplane.people.models import User
from backplane.people.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password="a good long one", role=Role.VIEWER)


@pytest.fixture
def key(ana: User, client: Client) -> str:
    client.force_login(ana)
    session_key = client.session.session_key
    assert session_key
    return session_key


def test_a_session_says_who_and_what_role(key: str, ana: User) -> None:
    assert identify(key) == Visitor(ana.pk, "ana", "viewer")


@pytest.mark.parametrize("key", ["", "nonsense", "x" * 5_000, "\x00"])
def test_a_key_of_no_session_is_nobody(key: str) -> None:
    assert identify(key) is None


def test_an_expired_session_is_over(key: str) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert identify(key) is None


def test_a_changed_password_ends_the_sessions_before_it(key: str, ana: User) -> None:
    ana.set_password("another long one")
    ana.save()
    assert identify(key) is None
    assert Session.objects.filter(pk=key).exists()  # looking changes nothing


def test_a_deactivated_person_is_out(key: str, ana: User) -> None:
    ana.is_active = False
    ana.save()
    assert identify(key) is None


def test_who_must_still_change_the_first_password_may_not_watch(key: str, ana: User) -> None:
    ana.must_change_password = True
    ana.save()
    visitor = identify(key)
    assert visitor is not None
    assert not visitor.may_watch


def test_looking_never_prolongs_a_session(key: str) -> None:
    before = Session.objects.get(pk=key).expire_date
    identify(key)
    assert Session.objects.get(pk=key).expire_date == before
