import pytest
from django.test import Client

from backplane.people.roles import Role
from backplane.slots.models import Chassis
from tests.web.racks import make_chassis, make_user


@pytest.fixture
def demo(db: None) -> Chassis:
    """A simulated chassis with ten different slots."""
    return make_chassis("demo")


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_user(str(role), role))
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return client_of(Role.VIEWER)


@pytest.fixture
def technician(db: None) -> Client:
    return client_of(Role.TECHNICIAN)


@pytest.fixture
def operator(db: None) -> Client:
    return client_of(Role.OPERATOR)


@pytest.fixture
def admin(db: None) -> Client:
    return client_of(Role.ADMIN)
