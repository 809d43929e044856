"""Who may act at which site: the rule, the page that decides it, and the trail of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from backplane.people import access
from backplane.people.audit import Actor, actor_of
from backplane.people.bearer import Machine
from backplane.people.models import AuditEntry, Site, User
from backplane.people.roles import Role
from backplane.people.site_book import SitesMovedOnError, assign_sites, site_named
from backplane.people.sites import is_within, may_act, reach_of
from tests.people.conftest import person, sign_in

pytestmark = pytest.mark.django_db
EVE = Actor(None, "eve", "admin")


@pytest.fixture
def sites() -> tuple[Site, Site]:
    return Site.objects.create(name="Lab"), Site.objects.create(name="Barn")


@pytest.fixture
def tim(db: None) -> User:
    return person("tim", Role.TECHNICIAN)


def test_somebody_without_a_site_acts_everywhere(tim: User) -> None:
    assert reach_of(tim) is None
    assert is_within(None, None)
    assert is_within(None, 7)


def test_a_technician_acts_at_the_assigned_sites_alone(tim: User, sites: tuple[Site, Site]) -> None:
    lab, barn = sites
    tim.sites.add(lab)
    assert may_act(tim, Role.TECHNICIAN, lab.pk)
    assert not may_act(tim, Role.TECHNICIAN, barn.pk)
    assert not may_act(tim, Role.TECHNICIAN, None)  # a chassis that stands nowhere is not theirs
    assert not may_act(tim, Role.OPERATOR, lab.pk)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_an_operator_acts_everywhere_whatever_is_assigned(
    role: Role, sites: tuple[Site, Site]
) -> None:
    someone = person("someone", role)
    someone.sites.add(sites[0])
    assert may_act(someone, Role.OPERATOR, sites[1].pk)


def test_an_operator_s_phone_is_a_technician_with_the_assigned_sites(
    ben: User, sites: tuple[Site, Site]
) -> None:
    ben.sites.add(sites[0])
    ben.role_cap = Role.TECHNICIAN
    assert not may_act(ben, Role.TECHNICIAN, sites[1].pk)
    ben.sites.clear()
    assert may_act(ben, Role.TECHNICIAN, sites[1].pk)


def test_strangers_have_no_sites_and_programs_those_of_their_token_in_any_role() -> None:
    assert reach_of(AnonymousUser()) is None
    for role in (Role.TECHNICIAN, Role.OPERATOR):
        assert reach_of(Machine("grafana", role, None)) is None
        assert reach_of(Machine("grafana", role, frozenset({3}))) == frozenset({3})
    assert not may_act(AnonymousUser(), Role.TECHNICIAN, None)


def test_an_actor_carries_the_reach(tim: User, sites: tuple[Site, Site]) -> None:
    tim.sites.set(sites)
    request = RequestFactory().get("/")
    request.user = tim
    assert actor_of(request).reach == frozenset(site.pk for site in sites)


def test_a_site_is_one_in_whatever_case_it_is_written() -> None:
    lab = site_named("  Lab   1 ")
    assert lab is not None
    assert (lab.name, site_named("LAB 1"), site_named(" ")) == ("Lab 1", lab, None)


def test_an_admin_assigns_sites_and_it_is_in_the_trail(
    client: Client, eve: User, tim: User, sites: tuple[Site, Site]
) -> None:
    sign_in(client, "eve")
    assert "every site" in client.get("/settings/people/").content.decode()
    path = f"/settings/people/{tim.pk}/sites/"
    assert client.post(path, {"sites": [sites[0].pk]}).status_code == 302
    assert list(tim.sites.all()) == [sites[0]]
    entry = AuditEntry.objects.get(action="sites.change")
    assert (entry.who, entry.subject, entry.saw) == ("eve", "tim", "every site")
    assert (entry.outcome, entry.detail) == ("assigned to Lab", {"before": [], "after": ["Lab"]})
    assert "Acts at <b>Lab</b>" in " ".join(
        client.get("/settings/people/").content.decode().split()
    )


def test_two_admins_do_not_overwrite_each_other(
    client: Client, eve: User, tim: User, sites: tuple[Site, Site]
) -> None:
    sign_in(client, "eve")
    tim.sites.add(sites[0])
    path = f"/settings/people/{tim.pk}/sites/"
    page = client.post(path, {"sites": [sites[1].pk]}, follow=True).content.decode()
    assert "Changed since you looked." in page
    assert list(tim.sites.all()) == [sites[0]]
    with pytest.raises(SitesMovedOnError):
        assign_sites(tim.pk, [], [sites[1].pk], EVE)


@pytest.mark.parametrize("sent", [{"sites": ["x"]}, {"sites": ["999"]}, {"was": ["999"]}])
def test_a_site_that_is_none_is_refused(
    client: Client, eve: User, tim: User, sites: tuple[Site, Site], sent: dict[str, list[str]]
) -> None:
    sign_in(client, "eve")
    page = client.post(f"/settings/people/{tim.pk}/sites/", sent, follow=True).content.decode()
    assert "There is no such site." in page
    assert not AuditEntry.objects.filter(action="sites.change").exists()


@pytest.mark.parametrize("who", ["tim", "ben"])
def test_nobody_but_an_admin_assigns_sites(
    client: Client, who: str, ben: User, tim: User, sites: tuple[Site, Site]
) -> None:
    tim.sites.add(sites[0])
    sign_in(client, who)
    assert client.post(f"/settings/people/{tim.pk}/sites/", {}).status_code == 403
    assert client.get("/settings/sites/").status_code == 403
    assert list(tim.sites.all()) == [sites[0]]


def test_a_change_of_sites_is_told_to_open_pages(
    tim: User, sites: tuple[Site, Site], django_capture_on_commit_callbacks: object
) -> None:
    heard: list[tuple[int, str | None]] = []
    listener = lambda user_id, session: heard.append((user_id, session))  # noqa: E731  (a subscriber)
    access.subscribe(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's fixture
            assign_sites(tim.pk, [sites[0].pk], [], EVE)
            assign_sites(tim.pk, [sites[0].pk], [sites[0].pk], EVE)  # nothing changes
    finally:
        access.unsubscribe(listener)
    assert heard == [(tim.pk, None)]
