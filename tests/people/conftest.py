"""People of each kind, and the folder where a first password would lie."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client
from pytest_django import Settings

from backplane.people import audit_signals, bearer, phone_views
from backplane.people.models import User
from backplane.people.roles import Role

PASSWORD = "seven-plain-words"


@pytest.fixture(autouse=True)
def _only_the_people(settings: Settings, tmp_path: Path) -> None:
    settings.ROOT_URLCONF = "tests.people.urls"
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def _everybody_may_try_again() -> None:
    for tries in (bearer.failures, audit_signals.failures_told, phone_views.guesses):
        tries.forget_all()


def person(username: str, role: Role, *, must_change_password: bool = False) -> User:
    return User.objects.create_user(
        username, password=PASSWORD, role=role, must_change_password=must_change_password
    )


@pytest.fixture
def ana(db: None) -> User:
    return person("ana", Role.VIEWER)


@pytest.fixture
def ben(db: None) -> User:
    return person("ben", Role.OPERATOR)


@pytest.fixture
def eve(db: None) -> User:
    return person("eve", Role.ADMIN)


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: str) -> int:
    """Fill in the sign-in page and return the status of the answer."""
    form = {"username": username, "password": password}
    return client.post("/sign-in/", form, headers=extra or None).status_code


@pytest.fixture
async def async_client() -> AsyncIterator[AsyncClient]:
    """Django's, which leaves the connection of its thread open: PostgreSQL would not give the database up."""
    yield AsyncClient()
    await sync_to_async(connections.close_all)()
