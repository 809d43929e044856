import csv
import io
import json
from collections.abc import Iterable

import pytest
from django.test import AsyncClient, Client
from django.utils import timezone

from backplane.environment import Environment
from backplane.people import audit
from backplane.people.audit_export import COLUMNS, safe_cell
from backplane.people.audit_query import PAGE_SIZE
from backplane.people.first_account import create_first_account, first_password_file
from backplane.people.models import AuditEntry, TrailIsKeptError, User
from backplane.people.roles import Role
from tests.people.conftest import PASSWORD, person, sign_in
from tests.people.grave import proof

pytestmark = pytest.mark.django_db
CLERK = audit.Actor(None, "clerk", "operator", "desk", "192.0.2.5")


def note(action: str = "command.power_off", **facts: object) -> AuditEntry:
    return audit.record(CLERK, audit.Act(action, **facts))  # type: ignore[arg-type]  # the test's own words


def told(*fields: str) -> list[tuple[object, ...]]:
    """Return the trail, oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list(*fields))


def body(answer: Iterable[bytes]) -> str:
    return b"".join(answer).decode()


@pytest.fixture
def operator(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def test_operators_and_admins_read_it_others_do_not(client: Client, ana: User, eve: User) -> None:
    client.force_login(person("tim", Role.TECHNICIAN))
    for path in ("/settings/audit/", "/settings/audit/export.csv", "/settings/audit/export.json"):
        assert client.get(path).status_code == 403
    client.force_login(eve)
    assert client.get("/settings/audit/").status_code == 200


def test_the_page_says_who_did_what_and_what_came_of_it(operator: Client) -> None:
    entry = note(
        subject="a12 slot 7", chassis="a12", slot=7, saw="rev 812: Running", command_id=5, swap_id=3
    )
    page = operator.get("/settings/audit/").content.decode()
    for text in ("clerk", "command.power_off", "a12 slot 7", "saw rev 812: Running", "192.0.2.5"):
        assert text in page
    assert 'href="/c/a12/s/7/"' in page
    assert 'href="/w/3/"' in page
    assert "not known yet" in page
    audit.settle(5, "done", timezone.now())
    audit.settle(5, "undone", timezone.now())  # told once
    assert AuditEntry.objects.get(pk=entry.pk).outcome == "done"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a", "b", "c"}),
        ("who=CLER", {"a", "b", "c"}),
        ("who=nobody", set()),
        ("action=command.", {"a", "b"}),
        ("chassis=A12", {"a"}),
        ("chassis=a12&slot=7", {"a"}),
        ("slot=8", {"b"}),
        ("since=2000-01-01", {"a", "b", "c"}),
        ("until=2000-01-01", set()),
        ("slot=x", set()),
    ],
)
def test_filters_narrow_page_and_export_alike(
    operator: Client, query: str, found: set[str]
) -> None:
    note(subject="is-a", chassis="a12", slot=7)
    note(subject="is-b", chassis="b1", slot=8)
    note("swap.start", subject="is-c")
    page = operator.get(f"/settings/audit/?{query}").content.decode()
    assert {letter for letter in "abc" if f"is-{letter}" in page} == found
    answer = operator.get(f"/settings/audit/export.json?{query}")
    if query == "slot=x":
        assert answer.status_code == 422
        return
    subjects = {row["subject"] for row in json.loads(body(answer))}
    assert {letter for letter in "abc" if f"is-{letter}" in subjects} == found


@pytest.mark.parametrize("query", ["until=9999-12-31", "since=0001-01-01"])
def test_days_beyond_all_reckoning_are_told_off(operator: Client, query: str) -> None:
    assert "Not a day of these times." in operator.get(f"/settings/audit/?{query}").content.decode()
    assert operator.get(f"/settings/audit/export.csv?{query}").status_code == 422


def test_old_entries_are_on_later_pages(operator: Client) -> None:
    for number in range(PAGE_SIZE + 5):
        note(subject=f"no-{number:03d}")
    first = operator.get("/settings/audit/?who=clerk").content.decode()
    assert "no-054" in first
    assert "no-004" not in first
    older = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = operator.get(f"/settings/audit/?{older}").content.decode()
    assert "no-004" in second
    assert "no-000" in second
    assert 'rel="next"' not in second


def test_the_csv_runs_nothing_in_a_spreadsheet(operator: Client) -> None:
    note(subject='=HYPERLINK("http://evil.example")', reason="+1", detail={"a": 1})
    answer = operator.get("/settings/audit/export.csv?who=clerk")
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(body(answer))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["subject"] == '\'=HYPERLINK("http://evil.example")'
    assert rows[0]["reason"] == "'+1"
    assert rows[0]["detail"] == '{"a": 1}'
    assert rows[0]["at"].endswith("Z")


@pytest.mark.parametrize("start", list("=+-@\t\r\n"))
def test_every_start_of_a_formula_is_made_harmless(start: str) -> None:
    assert safe_cell(f"{start}1") == f"'{start}1"


def test_exports_go_beyond_one_step_and_are_in_the_trail_themselves(operator: Client) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(at=timezone.now(), who="bulk", channel="desk", action="x") for _ in range(1203)
    )
    rows = json.loads(body(operator.get("/settings/audit/export.json?who=bulk")))
    numbers = [row["id"] for row in rows]
    assert len(numbers) == 1203
    assert numbers == sorted(numbers, reverse=True)
    assert AuditEntry.objects.filter(action="audit.export", who="ben").count() == 1
    assert json.loads(body(operator.get("/settings/audit/export.json?who=nobody"))) == []


@pytest.mark.django_db(transaction=True)
async def test_the_asynchronous_server_streams_alike(async_client: AsyncClient) -> None:
    ben = await User.objects.acreate(username="ben", role=Role.OPERATOR)
    await async_client.aforce_login(ben)
    answer = await async_client.get("/settings/audit/export.json?who=ben")
    parts = [part async for part in answer.streaming_content]  # type: ignore[attr-defined]  # it streams
    assert {row["who"] for row in json.loads(b"".join(parts))} == {"ben"}


def test_nothing_deletes_or_rewrites_an_entry(client: Client, eve: User) -> None:
    entry = note()
    for wrong in (
        entry.delete,
        entry.save,
        AuditEntry.objects.all().delete,
        AuditEntry.objects.filter(pk=entry.pk).delete,
        lambda: AuditEntry.objects.update(who="nobody"),
    ):
        with pytest.raises(TrailIsKeptError):
            wrong()
    client.force_login(eve)
    for what in ("delete", "change"):
        path = f"/admin/people/auditentry/{entry.pk}/{what}/"
        assert client.post(path, {"post": "yes", "who": "nobody"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"}
    client.post("/admin/people/auditentry/", form)
    assert AuditEntry.objects.get(pk=entry.pk).who == "clerk"


def test_who_is_deleted_stays_in_the_trail_by_name(ana: User) -> None:
    audit.record(audit.Actor(ana.pk, "ana", "viewer"), audit.Act("command.locate_on"))
    ana.delete()
    assert told("who", "user", "action") == [("ana", None, "command.locate_on")]


def test_signing_in_and_out_and_failing_is_told(client: Client, ana: User) -> None:
    sign_in(client, "ana", "wrong")
    sign_in(client, "my-password-by-mistake", "wrong")
    sign_in(client, "ana")
    client.post("/sign-out/")
    assert told("who", "action", "channel", "address", "role") == [
        ("ana", "session.refused", "desk", "127.0.0.1", ""),
        ("(nobody by that name)", "session.refused", "desk", "127.0.0.1", ""),
        ("ana", "session.sign_in", "desk", "127.0.0.1", "viewer"),
        ("ana", "session.sign_out", "desk", "127.0.0.1", "viewer"),
    ]


def test_strangers_cannot_fill_the_trail(client: Client, ana: User) -> None:
    for number in range(30):
        sign_in(client, f"name-{number}", "wrong")
    assert AuditEntry.objects.count() == 20


def test_a_closed_door_is_told(client: Client, ana: User) -> None:
    for _ in range(5):
        sign_in(client, "ana", "wrong")
    assert AuditEntry.objects.filter(action="session.locked_out", who="ana").exists()


def test_changes_of_people_are_told(client: Client, eve: User, ana: User) -> None:
    client.force_login(eve)
    client.post("/settings/people/add/", {"username": "nina", "role": "viewer"})
    client.post(
        f"/settings/people/{ana.pk}/role/", {"was": ana.role, "role": "operator", **proof("ana")}
    )
    client.post(f"/settings/people/{ana.pk}/active/", {"active": "0"})
    client.post(f"/settings/people/{ana.pk}/active/", {"active": "1"})
    client.post(f"/settings/people/{ana.pk}/password/", proof("ana"))
    new = {"new_password1": "another-four-words", "new_password2": "another-four-words"}
    client.post("/password/", {"old_password": PASSWORD, **new})
    assert told("who", "action", "subject", "outcome")[1:] == [
        ("eve", "person.add", "nina", "added as viewer"),
        ("eve", "role.change", "ana", "viewer to operator"),
        ("eve", "person.active", "ana", "kept out"),
        ("eve", "person.active", "ana", "let in"),
        ("eve", "password.give", "ana", "replaced"),
        ("eve", "password.change", "eve", "changed"),
    ]


def test_the_first_account_is_told() -> None:
    create_first_account(first_password_file().parent, Environment({}))
    assert told("who", "channel", "action", "subject") == [
        ("prepare", "local", "person.first_account", "admin")
    ]
