import logging
import re
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from backplane.environment import Environment
from backplane.people.first_account import (
    FirstAccount,
    create_first_account,
    first_password_file,
    invent_password,
)
from backplane.people.models import User
from backplane.people.roles import Role
from tests.people.conftest import sign_in

NOTHING_SET = Environment({})


def test_invented_passwords_are_long_readable_and_never_twice_the_same() -> None:
    passwords = {invent_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(re.fullmatch(r"([a-z]{4}-){4}[a-z]{4}", password) for password in passwords)


@pytest.mark.django_db
def test_the_first_run_makes_an_admin_with_a_password_to_be_changed(tmp_path: Path) -> None:
    account = create_first_account(tmp_path, NOTHING_SET)
    assert account is not None
    admin = User.objects.get()
    assert (admin.username, admin.role, admin.is_superuser) == ("admin", Role.ADMIN, True)
    assert admin.must_change_password
    assert account.password is not None
    assert admin.check_password(account.password)


@pytest.mark.django_db
def test_the_password_lies_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    account = create_first_account(tmp_path, NOTHING_SET)
    assert account is not None
    assert account.password_file == tmp_path / "first-password.txt"
    assert account.password_file.read_text() == f"{account.password}\n"
    assert stat.S_IMODE(account.password_file.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_the_second_run_makes_nobody_and_keeps_the_password(tmp_path: Path) -> None:
    account = create_first_account(tmp_path, NOTHING_SET)
    assert account is not None
    assert create_first_account(tmp_path, NOTHING_SET) is None
    assert User.objects.count() == 1
    assert first_password_file(tmp_path).read_text().strip() == account.password


@pytest.mark.django_db
def test_a_file_left_by_a_crash_is_replaced_and_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    first_password_file(tmp_path).symlink_to(victim)
    account = create_first_account(tmp_path, NOTHING_SET)
    assert account is not None
    assert victim.read_text() == "precious"
    assert not first_password_file(tmp_path).is_symlink()


@pytest.mark.django_db
def test_a_given_password_needs_no_change_and_leaves_no_file(tmp_path: Path) -> None:
    env = Environment({"BACKPLANE_ADMIN_PASSWORD": "correct-horse-battery"})
    assert create_first_account(tmp_path, env) == FirstAccount("admin")
    admin = User.objects.get()
    assert admin.check_password("correct-horse-battery")
    assert not admin.must_change_password
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_given_password_counts_at_creation_only(tmp_path: Path) -> None:
    create_first_account(
        tmp_path, Environment({"BACKPLANE_ADMIN_PASSWORD": "correct-horse-battery"})
    )
    create_first_account(tmp_path, Environment({"BACKPLANE_ADMIN_PASSWORD": "another-password"}))
    assert User.objects.get().check_password("correct-horse-battery")


@pytest.mark.django_db
def test_a_given_password_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("correct-horse-battery\n")
    create_first_account(tmp_path, Environment({"BACKPLANE_ADMIN_PASSWORD_FILE": str(secret)}))
    assert User.objects.get().check_password("correct-horse-battery")


@pytest.mark.django_db
def test_a_password_file_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    env = Environment({"BACKPLANE_ADMIN_PASSWORD_FILE": str(tmp_path / "missing")})
    with pytest.raises(ImproperlyConfigured, match="BACKPLANE_ADMIN_PASSWORD_FILE"):
        create_first_account(tmp_path, env)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_weak_given_password_is_taken_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        create_first_account(tmp_path, Environment({"BACKPLANE_ADMIN_PASSWORD": "admin"}))
    assert "BACKPLANE_ADMIN_PASSWORD is weak" in caplog.text
    assert User.objects.get().check_password("admin")


@pytest.mark.django_db
def test_a_password_changed_past_the_page_loses_its_file_at_the_next_start(tmp_path: Path) -> None:
    create_first_account(tmp_path, NOTHING_SET)
    User.objects.update(must_change_password=False)
    create_first_account(tmp_path, NOTHING_SET)
    assert not first_password_file(tmp_path).exists()


@pytest.mark.django_db
def test_the_first_sign_in_ends_with_an_own_password_and_no_file(
    client: Client, tmp_path: Path
) -> None:
    account = create_first_account(tmp_path, NOTHING_SET)
    assert account is not None
    assert account.password is not None
    sign_in(client, "admin", account.password)
    assert client.get("/")["Location"] == "/password/"
    change = {
        "old_password": account.password,
        "new_password1": "my-own-four-words",
        "new_password2": "my-own-four-words",
    }
    assert client.post("/password/", change)["Location"] == "/"
    assert client.get("/").content == b"inside"
    assert not first_password_file(tmp_path).exists()
