from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import AsyncClient, Client

from backplane import __version__, health
from backplane.people.models import User
from backplane.people.roles import Role
from tests.people.conftest import person


@pytest.fixture
def _links() -> Iterator[None]:
    health.register("links", lambda: {"demo": "up"})
    yield
    health.unregister("links")


def no_database(*_: object) -> object:
    raise OperationalError("disk I/O error")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz/", "/healthz"])
def test_it_is_well_and_says_so_to_anybody(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {"status": "ok", "version": __version__}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
async def test_the_asynchronous_server_answers_alike(async_client: AsyncClient) -> None:
    answer = await async_client.get("/healthz/")
    assert answer.json()["status"] == "ok"


@pytest.mark.django_db
@pytest.mark.usefixtures("_links")
def test_links_are_told_to_people_who_may_see_them(client: Client, ana: User) -> None:
    assert "links" not in client.get("/healthz/").json()
    client.force_login(ana)
    assert client.get("/healthz/").json()["links"] == {"demo": "up"}
    client.force_login(person("nina", Role.ADMIN, must_change_password=True))
    assert "links" not in client.get("/healthz/").json()


@pytest.mark.django_db
def test_only_the_database_makes_it_fail(client: Client, ana: User) -> None:
    client.force_login(ana)
    with connection.execute_wrapper(no_database):
        answer = client.get("/healthz/")
    assert answer.status_code == 503
    assert answer.json() == {"status": "error", "version": __version__}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "status"), [(ValueError, 200), (DatabaseError, 503)])
def test_a_part_that_cannot_report_does_not_make_the_app_look_dead(
    client: Client, ana: User, fault: type[Exception], status: int
) -> None:
    def report() -> object:
        raise fault

    client.force_login(ana)
    health.register("broken", report)
    try:
        answer = client.get("/healthz/")
    finally:
        health.unregister("broken")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["broken"] == {"error": "ValueError"}


@pytest.mark.django_db
def test_it_takes_no_post(client: Client) -> None:
    assert client.post("/healthz/").status_code == 405
    assert client.head("/healthz/").status_code == 200
