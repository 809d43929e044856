"""A program's token: made with a proof, shown once, good for its scopes and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backplane.people import tokens
from backplane.people.audit import Actor
from backplane.people.models import AuditEntry, MachineToken, Site, User
from backplane.people.scopes import Scope
from backplane.slots.models import Chassis, Command
from backplane.swaps.models import Swap
from tests.people.grave import proof
from tests.web.racks import make_chassis

pytestmark = pytest.mark.django_db
BY = Actor(None, "eve", "admin")
ALL = tuple(Scope)


def token(*scopes: Scope, name: str = "netops", **wish: Any) -> str:  # noqa: ANN401  (the fields of a wish)
    return tokens.make_token(BY, tokens.TokenWish(name, scopes, **wish), timezone.now()).secret


def program(secret: str) -> Client:
    """Return a client as curl would be: no cookies, CSRF checked, the token in each request."""
    return Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {secret}"})


@pytest.fixture
def demo() -> Chassis:
    return make_chassis("demo")


@pytest.fixture
def admin(client: Client, eve: User) -> Client:
    client.force_login(eve)
    return client


def locate(client: Client, op: str = "locate_on") -> tuple[int, dict[str, Any]]:
    rev = Chassis.objects.get(slug="demo").slots.get(number=3).revision
    answer = client.post("/c/demo/s/3/command/", {"op": op, "seen": str(rev), "confirm": "3"})
    return answer.status_code, answer.json()


def test_a_token_is_made_with_a_proof_and_shown_once(admin: Client) -> None:
    form = {"name": "netops", "scopes": ["read", "locate"]}
    asked = admin.post("/settings/tokens/new/", form)
    assert b"Type <b>netops</b> to confirm" in asked.content
    assert asked.content.count(b'name="scopes"') == 2
    assert not MachineToken.objects.exists()
    made = admin.post("/settings/tokens/new/", form | proof("netops"))
    assert "no-store" in made["Cache-Control"]
    found = re.search(r"people-password\">(bp_[\w-]{43})<", made.content.decode())
    assert found is not None
    assert found[1] not in admin.get("/settings/tokens/").content.decode()
    row = MachineToken.objects.get()
    assert (row.name, row.scopes, row.made_by) == ("netops", ["read", "locate"], "eve")
    kept = str(list(MachineToken.objects.values())) + str(list(AuditEntry.objects.values()))
    assert found[1] not in kept


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "two words", "scopes": ["read"]},
        {"name": "OLD", "scopes": ["read"]},
        {"name": "netops", "scopes": []},
        {"name": "netops", "scopes": ["all"]},
        {"name": "netops", "scopes": ["read"], "expires": "2001-01-01"},
        {"name": "netops", "scopes": ["read"], "expires": "9999-12-31"},
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(admin: Client, form: dict[str, Any]) -> None:
    token(Scope.READ, name="old")
    answer = admin.post("/settings/tokens/new/", form | proof(form["name"]))
    assert answer.status_code == 422
    assert MachineToken.objects.count() == 1


def test_admins_alone_see_and_make_tokens(client: Client, ben: User) -> None:
    client.force_login(ben)
    assert client.get("/settings/tokens/").status_code == 403
    assert client.post("/settings/tokens/new/", {"name": "x"}).status_code == 403


def test_a_program_reads_without_session_or_csrf(demo: Chassis) -> None:
    answer = program(token(Scope.READ)).get("/c/demo/snapshot/")
    assert answer.status_code == 200
    assert len(answer.json()["chassis"]["slots"]) == 10
    assert "sessionid" not in answer.cookies


def test_a_program_reads_events_page_by_page(demo: Chassis) -> None:
    answer = program(token(Scope.READ)).get("/events/?chassis=demo")
    assert answer.status_code == 200
    assert set(answer.json()) == {"events", "older"}


def test_a_program_commands_within_its_scope_and_the_trail_says_so(demo: Chassis) -> None:
    status, answer = locate(program(token(Scope.LOCATE)))
    assert (status, set(answer)) == (202, {"command"})
    command = Command.objects.get(pk=answer["command"])
    assert (command.requested_by_id, command.requester_name) == (None, "netops (token)")
    found = AuditEntry.objects.filter(channel="token").values_list("who", "role", "action")
    assert list(found) == [("netops (token)", "technician", "command.locate_on")]


@pytest.mark.parametrize(
    ("scopes", "op", "status"),
    [
        ((Scope.READ,), "locate_on", 403),
        ((Scope.LOCATE, Scope.READ, Scope.SWAP), "power_off", 403),
        ((Scope.POWER,), "locate_on", 403),
        ((Scope.POWER,), "power_off", 202),
    ],
)
def test_each_command_needs_its_scope(
    demo: Chassis, scopes: tuple[Scope, ...], op: str, status: int
) -> None:
    assert locate(program(token(*scopes)), op)[0] == status


def test_a_program_never_decides_whose_board_it_is(demo: Chassis) -> None:
    client = program(token(*ALL))
    for op in ("take_over", "adopt_board"):
        answer = client.post("/c/demo/command/", {"op": op})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/", 406),
        ("get", "/c/demo/", 406),
        ("get", "/c/demo/s/3/", 406),
        ("get", "/c/nothing/snapshot/", 404),
        ("get", "/settings/tokens/", 403),
        ("post", "/settings/tokens/new/", 403),
        ("get", "/settings/audit/export.csv", 403),
        ("get", "/admin/", 403),
        ("get", "/sign-in/", 403),
        ("post", "/sign-in/", 403),
        ("post", "/phone/enter/", 403),
        ("post", "/c/demo/s/3/names/", 403),
        ("delete", "/c/demo/", 403),
    ],
)
def test_a_token_opens_no_page(demo: Chassis, method: str, path: str, status: int) -> None:
    make_chassis("second")  # with one alone the list of racks leads on
    answer = getattr(program(token(*ALL)), method)(path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    assert "error" in answer.json()


def test_an_unknown_expired_or_revoked_token_opens_nothing(demo: Chassis, eve: User) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    expired, revoked = token(Scope.READ, expires_at=soon), token(Scope.READ, name="b")
    assert program(expired).get("/c/demo/snapshot/").status_code == 200
    MachineToken.objects.filter(name="netops").update(expires_at=timezone.now())
    tokens.revoke_token(BY, MachineToken.objects.get(name="b").pk, timezone.now())
    for secret in (expired, revoked, "bp_nothing", "x"):
        answer = program(secret).get("/c/demo/snapshot/")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_is_not_made_good_by_a_session(demo: Chassis, admin: Client) -> None:
    answer = admin.get("/c/demo/snapshot/", headers={"authorization": "Bearer bp_wrong"})
    assert answer.status_code == 401


def test_guessing_is_slowed_down_for_the_sender_alone(demo: Chassis) -> None:
    good = token(Scope.READ)
    guesses = [program(f"bp_{n}").get("/c/demo/snapshot/").status_code for n in range(11)]
    assert guesses == [401] * 10 + [429]
    answer = program(good).get("/c/demo/snapshot/")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    elsewhere = program(good).get("/c/demo/snapshot/", REMOTE_ADDR="192.0.2.8")
    assert elsewhere.status_code == 200


def test_the_last_use_is_noted_coarsely(demo: Chassis) -> None:
    client = program(token(Scope.READ))
    client.get("/c/demo/snapshot/")
    first = MachineToken.objects.get().last_used_at
    assert first is not None
    client.get("/c/demo/snapshot/")
    assert MachineToken.objects.get().last_used_at == first
    MachineToken.objects.update(last_used_at=first - timedelta(minutes=16))
    client.get("/c/demo/snapshot/")
    assert (MachineToken.objects.get().last_used_at or first) >= first


def test_revoking_asks_and_is_told(admin: Client) -> None:
    token(Scope.READ)
    row = MachineToken.objects.get()
    path = f"/settings/tokens/{row.pk}/revoke/"
    assert b"Revoke netops?" in admin.post(path).content
    assert admin.post(path, proof("netops")).status_code == 302
    row.refresh_from_db()
    assert (row.revoked_at is not None, row.revoked_by) == (True, "eve")
    assert b"Revoked by eve" in admin.get("/settings/tokens/").content
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-1] == "token.revoke"


@pytest.mark.parametrize(
    ("op", "status"),
    [("locate_on", 202), ("locate_but", 202), ("power_off", 202), ("take_back", 409)],
)
def test_a_token_for_sites_acts_there_alone(demo: Chassis, op: str, status: int) -> None:
    lab, barn = Site.objects.create(name="Lab"), Site.objects.create(name="Barn")
    client = program(token(*ALL, sites=(lab,)))
    for elsewhere in (None, barn):
        Chassis.objects.update(site=elsewhere)
        assert locate(client, op)[0] == 403
        assert not Command.objects.exists()
        assert "not at one of your sites" in AuditEntry.objects.latest("pk").outcome
    Chassis.objects.update(site=lab)
    assert locate(client, op)[0] == status  # 409: nothing waits that could be taken back


def test_lamps_and_swaps_are_bound_to_the_sites_of_a_token_too(demo: Chassis) -> None:
    lab = Site.objects.create(name="Lab")
    client = program(token(*ALL, sites=(lab,)))
    lamps = {"op": "lamp_test", "seen": str(demo.revision)}
    swap = {"slot": "demo-03", "seen": str(demo.revision)}
    assert client.post("/c/demo/command/", lamps).status_code == 403
    assert client.post("/w/new/", swap).status_code == 403
    assert client.get("/c/demo/snapshot/").status_code == 200  # looking is bound for nobody
    Chassis.objects.update(site=lab)
    assert client.post("/c/demo/command/", lamps).status_code == 202
    started = client.post("/w/new/", swap | {"seen": str(Chassis.objects.get().revision)})
    assert started.status_code == 201
    Chassis.objects.update(site=None)
    number = started.json()["swap"]
    press = {"do": "at_rack", "seen": str(Swap.objects.get(pk=number).version)}
    assert client.post(f"/w/{number}/do/", press).status_code == 403


def test_an_admin_ticks_the_sites_of_a_token_and_sees_them(admin: Client) -> None:
    assert (
        b'name="sites"' not in admin.get("/settings/tokens/").content
    )  # with no site, no question
    lab = Site.objects.create(name="Lab")
    Site.objects.create(name="Barn")
    form = {"name": "netops", "scopes": ["locate"], "sites": [str(lab.pk)]}
    asked = admin.post("/settings/tokens/new/", form).content.decode()
    assert "It acts at Lab alone." in asked
    assert f'name="sites" value="{lab.pk}"' in asked
    assert admin.post("/settings/tokens/new/", form | {"sites": ["999"]}).status_code == 422
    admin.post("/settings/tokens/new/", form | proof("netops"))
    row = MachineToken.objects.get()
    assert list(row.sites.all()) == [lab]
    assert AuditEntry.objects.get(action="token.make").detail["sites"] == "Lab"
    assert "at Lab alone" in admin.get("/settings/tokens/").content.decode()
    assert "netops (token)" in admin.get("/settings/sites/").content.decode()
    tokens.revoke_token(BY, row.pk, timezone.now())
    assert "netops (token)" not in admin.get("/settings/sites/").content.decode()
