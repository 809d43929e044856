"""A phone's way in: QR, code, confirmation, session, end; and everything that must not open it."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from backplane.live.visitor import identify
from backplane.people import access, phones
from backplane.people.audit import Actor
from backplane.people.models import AuditEntry, PhonePass, User
from backplane.people.models.keys import hash_of
from backplane.people.roles import Role
from tests.people.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9)"


@dataclass
class Pair:
    """A desk that is signed in, and a phone that is not."""

    desk: Client
    phone: Client
    owner: User
    secret: str = ""

    def show_qr(self, *, is_swap_only: bool = False) -> str:
        """Make a QR as the desk's button does; return the address in it."""
        actor = Actor(self.owner.pk, self.owner.username, self.owner.role, "desk")
        now = timezone.now()
        self.secret = phones.make_pass(actor, self.owner, now, is_swap_only=is_swap_only).secret
        return self.path

    @property
    def path(self) -> str:
        return f"/phone/{self.secret}/"

    @property
    def row(self) -> PhonePass:
        return PhonePass.objects.get(secret_hash=hash_of(self.secret))

    def scan(self) -> int:
        """Open the link on the phone and press its button; return the POST's status."""
        page = self.phone.get(self.path).content.decode()
        nonce = re.search(r'name="nonce" value="([^"]+)"', page)
        form = {"nonce": nonce[1] if nonce else ""}
        headers = {"user-agent": ANDROID, "origin": "null"}
        return self.phone.post(self.path, form, headers=headers).status_code

    def confirm(self, code: str = "") -> None:
        """Type a code at the desk: the one that the phone shows, or another."""
        self.desk.post("/settings/phones/confirm/", {"code": code or self.row.code})

    def enter(self) -> str:
        return self.phone.post("/phone/enter/")["Location"]

    def sign_in(self, *, is_swap_only: bool = False) -> str:
        """Go all the way; return where the phone is led."""
        self.show_qr(is_swap_only=is_swap_only)
        assert self.scan() == 302
        self.confirm()
        return self.enter()

    def is_in(self) -> bool:
        return self.phone.get("/events/").status_code in {200, 403}


@pytest.fixture
def pair(ben: User) -> Pair:
    desk = Client()
    desk.force_login(ben)
    return Pair(desk, Client(enforce_csrf_checks=False), ben)


def pass_time(row: PhonePass, by: timedelta) -> None:
    """Let time pass for one pass, by moving its moments into the past."""
    row.expires_at -= by
    if row.ends_at:
        row.ends_at -= by
    row.save()


def test_the_phone_shows_a_code_that_the_desk_confirms(pair: Pair) -> None:
    pair.show_qr()
    assert pair.scan() == 302
    code = pair.row.code
    shown = f"{code[:2]} {code[2:]}"
    assert shown in pair.phone.get("/phone/").content.decode()
    desk = pair.desk.get("/settings/phones/").content.decode()
    assert "Which code does your phone show?" in desk
    assert shown not in desk  # whoever has not seen the phone cannot let it in
    assert not re.search(rf"\b{code}\b", desk)
    assert pair.enter() == "/phone/"  # not before the desk says so
    assert not pair.is_in()
    pair.confirm(shown)  # with the gap that the phone shows
    assert b"data-go" in pair.phone.get("/phone/").content
    assert pair.enter() == "/"
    assert pair.is_in()
    assert b"Android phone" in pair.desk.get("/settings/phones/").content


def test_the_button_shows_a_qr_and_no_secret_in_words(pair: Pair) -> None:
    answer = pair.desk.post("/settings/phones/qr/", {"swap_only": "1"})
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert 'src="data:image/svg+xml' in page
    assert "/phone/" not in page.replace("/settings/phones/", "")
    row = PhonePass.objects.get()
    assert (row.owner, row.is_swap_only) == (pair.owner, True)
    assert row.expires_at - row.made_at == timedelta(seconds=90)
    assert "data:image" not in pair.desk.get("/settings/phones/").content.decode()


def test_the_secret_is_kept_as_a_hash_and_told_nobody(pair: Pair) -> None:
    pair.sign_in()
    everything = str(list(PhonePass.objects.values())) + str(list(AuditEntry.objects.values()))
    assert pair.secret not in everything
    assert len(pair.secret) >= 43  # 256 bits in base64
    for page in (pair.desk.get("/settings/phones/"), pair.phone.get("/phone/")):
        assert pair.secret not in page.content.decode()


def test_looking_uses_nothing_up(pair: Pair) -> None:
    pair.show_qr()
    for method in ("get", "head", "get"):
        answer = getattr(Client(), method)(pair.path, headers={"purpose": "prefetch"})
        assert answer.status_code == 200
    assert pair.row.used_at is None
    assert pair.scan() == 302


def test_pages_of_the_secret_send_no_referrer_and_are_kept_nowhere(pair: Pair) -> None:
    pair.show_qr()
    for path in (pair.path, "/phone/nothing-like-it/"):
        answer = pair.phone.get(path)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]


def test_a_qr_works_once(pair: Pair) -> None:
    pair.show_qr()
    assert pair.scan() == 302
    second = Pair(pair.desk, Client(), pair.owner, pair.secret)
    assert second.scan() == 410
    assert second.phone.get(pair.path).status_code == 410


def test_a_qr_lasts_90_seconds(pair: Pair) -> None:
    pair.show_qr()
    pass_time(pair.row, timedelta(seconds=88))
    assert pair.phone.get(pair.path).status_code == 200
    pass_time(pair.row, timedelta(seconds=2))
    assert pair.scan() == 410


def test_a_new_qr_ends_the_one_before(pair: Pair) -> None:
    old = pair.show_qr()
    pair.show_qr()
    assert pair.phone.get(old).status_code == 410
    assert pair.scan() == 302


def test_a_code_lasts_three_minutes(pair: Pair) -> None:
    pair.show_qr()
    pair.scan()
    pass_time(pair.row, timedelta(minutes=3))
    pair.confirm()
    assert pair.row.confirmed_at is None
    assert b"Its time is over" in pair.phone.get("/phone/").content


def test_a_wrong_code_lets_nobody_in_and_five_end_it(pair: Pair) -> None:
    pair.show_qr()
    pair.scan()
    wrong = "0000" if pair.row.code != "0000" else "1111"
    for _ in range(5):
        assert pair.row.ended_at is None
        pair.confirm(wrong)
    pair.confirm()
    assert pair.row.confirmed_at is None
    assert pair.row.ended_at is not None


def test_only_whose_qr_it_was_may_confirm(pair: Pair, eve: User) -> None:
    pair.show_qr()
    pair.scan()
    other = Client()
    other.force_login(eve)
    answer = other.post("/settings/phones/confirm/", {"code": pair.row.code}, follow=True)
    assert b"Nobody was let in" in answer.content
    assert (pair.row.confirmed_at, pair.row.wrong_codes) == (None, 0)


def test_of_two_phones_only_the_one_whose_code_is_typed_gets_in(pair: Pair) -> None:
    """A QR photographed over the shoulder and scanned first: its phone waits beside the right one."""
    pair.show_qr()
    thief = Pair(pair.desk, Client(), pair.owner, pair.secret)
    assert thief.scan() == 302
    pair.show_qr()  # the first one is over, says the phone in hand
    assert pair.scan() == 302
    assert pair.row.code != thief.row.code
    pair.confirm()
    assert thief.enter() == "/phone/"
    assert pair.enter() == "/"
    assert (thief.row.confirmed_at, thief.row.signed_in_at) == (None, None)
    assert b"Refuse" in pair.desk.get("/settings/phones/").content


def test_the_desk_can_refuse(pair: Pair) -> None:
    pair.show_qr()
    pair.scan()
    pair.desk.post(f"/settings/phones/{pair.row.pk}/end/")
    assert b"ended at the desk" in pair.phone.get("/phone/").content
    assert pair.enter() == "/phone/"


def test_a_form_of_another_site_uses_nothing_up(pair: Pair) -> None:
    pair.show_qr()
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(
        pair.path, {"nonce": "guessed"}, headers={"origin": "https://evil.example"}
    )
    assert b"Show the code" in answer.content
    assert pair.row.used_at is None


def test_another_phone_cannot_enter_on_this_one_s_code(pair: Pair) -> None:
    pair.show_qr()
    pair.scan()
    pair.confirm()
    assert Client().post("/phone/enter/")["Location"] == "/phone/"
    assert pair.enter() == "/"
    assert pair.enter() == "/phone/"  # once


def test_guessing_secrets_is_slowed_down(pair: Pair) -> None:
    statuses = [pair.phone.get(f"/phone/guess-{n}/").status_code for n in range(11)]
    assert statuses == [410] * 10 + [429]
    pair.show_qr()
    answer = pair.phone.get(pair.path)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("role", "effective"),
    [
        ("viewer", "viewer"),
        ("technician", "technician"),
        ("operator", "technician"),
        ("admin", "technician"),
    ],
)
def test_a_phone_is_a_technician_at_most(role: str, effective: str) -> None:
    owner = person("owner", Role(role))
    pair = Pair(Client(), Client(), owner)
    pair.desk.force_login(owner)
    pair.sign_in()
    visitor = identify(pair.row.session_key)
    assert visitor is not None
    assert visitor.role == effective
    assert pair.phone.post("/switch/7/").status_code == 403
    for path in ("/admin/", "/settings/people/", "/settings/phones/", "/password/"):
        assert pair.phone.get(path).status_code == 403
    owner.refresh_from_db()
    assert (owner.role, owner.is_superuser) == (role, role == "admin")


def test_twelve_hours_are_the_end_however_busy_the_phone(pair: Pair) -> None:
    pair.sign_in()
    age = pair.phone.session.get_expiry_age()
    assert 12 * 3600 - 60 < age <= 12 * 3600
    assert pair.is_in()
    pass_time(pair.row, timedelta(hours=12))
    assert not pair.is_in()
    assert identify(pair.row.session_key) is None


def test_signing_it_out_at_the_desk_closes_it_at_once(
    pair: Pair, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    pair.sign_in()
    heard: list[tuple[int, str | None]] = []
    subscriber = lambda user_id, key: heard.append((user_id, key))  # noqa: E731
    access.subscribe(subscriber)
    key = pair.row.session_key
    with django_capture_on_commit_callbacks(execute=True):
        pair.desk.post(f"/settings/phones/{pair.row.pk}/end/")
    access.unsubscribe(subscriber)
    assert heard == [(pair.owner.pk, key)]
    assert not pair.is_in()
    assert identify(key) is None
    assert pair.desk.get("/settings/phones/").status_code == 200  # the desk stays in


def test_an_admin_signs_out_everybody_s_phones_others_their_own(
    pair: Pair, ana: User, eve: User
) -> None:
    pair.sign_in()
    path = f"/settings/phones/{pair.row.pk}/end/"
    other = Client()
    other.force_login(ana)
    assert other.post(path).status_code == 404
    other.force_login(eve)
    assert b"of ben" in other.get("/settings/phones/").content
    assert other.post(path).status_code == 302
    assert not pair.is_in()


def test_signing_out_on_the_phone_ends_its_pass(pair: Pair) -> None:
    pair.sign_in()
    pair.phone.post("/sign-out/")
    assert pair.row.ended_at is not None
    assert b'<p class="soft">None.</p>' in pair.desk.get("/settings/phones/").content


@pytest.mark.parametrize(
    "change",
    [{"role": "viewer"}, {"is_active": False}, {"password": "x"}, {"must_change_password": True}],
)
def test_what_the_desk_person_loses_the_phone_loses(pair: Pair, change: dict[str, object]) -> None:
    pair.sign_in()
    before = {name: getattr(pair.owner, name) for name in change}
    for facts in (change, before):  # nor does it come back with what was lost
        owner = User.objects.get(pk=pair.owner.pk)
        for name, value in facts.items():
            setattr(owner, name, value)
        owner.save()
        assert not pair.is_in()
        assert pair.row.ended_at is not None


def test_changing_one_s_own_password_ends_one_s_phones(pair: Pair) -> None:
    pair.sign_in()
    new = {"new_password1": "another-four-words", "new_password2": "another-four-words"}
    assert pair.desk.post("/password/", {"old_password": PASSWORD, **new}).status_code == 302
    assert not pair.is_in()


def test_a_promotion_ends_nothing(pair: Pair) -> None:
    pair.sign_in()
    pair.owner.role = Role.ADMIN
    pair.owner.save()
    assert pair.is_in()


def test_each_step_is_in_the_trail(pair: Pair) -> None:
    pair.sign_in()
    pair.desk.post(f"/settings/phones/{pair.row.pk}/end/")
    trail = AuditEntry.objects.order_by("pk").values_list("action", "who", "channel", "role")
    assert list(trail)[1:] == [
        ("phone.qr", "ben", "desk", "operator"),
        ("phone.scan", "a phone", "phone", ""),
        ("phone.confirm", "ben", "desk", "operator"),
        ("session.sign_in", "ben", "phone", "technician"),
        ("phone.revoke", "ben", "desk", "operator"),
    ]


def test_a_swap_only_phone_stays_with_the_swaps(pair: Pair) -> None:
    assert pair.sign_in(is_swap_only=True) == "/w/"
    assert pair.phone.get("/")["Location"] == "/w/"
    refused = pair.phone.get("/events/")
    assert refused.status_code == 403
    assert b"signed in for swaps only" in refused.content
    assert b'href="/w/"' in refused.content
    answer = pair.phone.post("/c/demo/s/7/command/", headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["go_to"] == "/w/"
    assert pair.phone.post("/sign-out/").status_code == 302


def test_nobody_is_led_to_a_phone_s_page_without_a_qr(client: Client) -> None:
    assert b"This sign-in is over" in client.get("/phone/").content
    assert client.get("/phone/state/").json() == {"state": "over"}
    assert client.get("/settings/phones/").status_code == 302


def test_old_passes_that_nobody_used_are_swept(pair: Pair) -> None:
    pair.show_qr()
    PhonePass.objects.update(made_at=timezone.now() - timedelta(days=2))
    pair.show_qr()
    assert PhonePass.objects.count() == 1
