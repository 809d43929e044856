"""The first account of an installation: `admin`, whose first password is shown once and then changed.

The password lies in DATA_DIR/first-password.txt, readable by the owner alone, until it is changed.
"""

import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from backplane.environment import Environment
from backplane.people import audit
from backplane.people.models import User

logger = logging.getLogger(__name__)

USERNAME = "admin"
_FILE_NAME = "first-password.txt"
# 80 syllables, none easily misread or misheard: ten of them carry 63 bits.
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aeiou"
_SYLLABLES_PER_GROUP = 2
_GROUPS = 5


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The account that was made; `password` and its file only when we invented the password."""

    username: str
    password: str | None = None
    password_file: Path | None = None


def create_first_account(data_dir: Path, env: Environment) -> FirstAccount | None:
    """Make `admin` when there is nobody at all; None when there is somebody.

    BACKPLANE_ADMIN_PASSWORD (or _FILE) sets the password, here and never again; without it a random one
    is kept in a file and must be changed at the first sign-in. The caller holds the lock of `prepare`.
    """
    if User.objects.exists():
        _forget_stale_password(data_dir)
        return None
    given = env.secret("BACKPLANE_ADMIN_PASSWORD")
    if given:
        _warn_when_weak(given)
        _audit(User.objects.create_superuser(USERNAME, password=given))
        return FirstAccount(USERNAME)
    password = invent_password()
    # The file first: a crash in between leaves a file without an account, which the next run replaces,
    # not an account that nobody can enter.
    path = _keep_password(data_dir, password)
    _audit(User.objects.create_superuser(USERNAME, password=password, must_change_password=True))
    return FirstAccount(USERNAME, password, path)


def invent_password() -> str:
    """Return a random password that can be read aloud and typed on a phone, such as tavo-meki-rusi-pano-lide."""
    return "-".join(
        "".join(_random_syllable() for _ in range(_SYLLABLES_PER_GROUP)) for _ in range(_GROUPS)
    )


def first_password_file(data_dir: Path | None = None) -> Path:
    """Return where the first password is kept, whether or not it still is; DATA_DIR by default."""
    return (data_dir or Path(settings.DATA_DIR)) / _FILE_NAME


def forget_first_password(user: User) -> None:
    """Delete the file once `user`, when it is theirs, has a password of their own."""
    if user.username == USERNAME:
        first_password_file().unlink(missing_ok=True)


def _audit(admin: User) -> None:
    actor = audit.Actor(None, "prepare", "")
    audit.record(actor, audit.Act("person.first_account", str(admin), outcome="made"))


def _random_syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)


def _keep_password(data_dir: Path, password: str) -> Path:
    path = first_password_file(data_dir)
    path.unlink(missing_ok=True)
    # O_EXCL: never through a link that somebody else laid there.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _forget_stale_password(data_dir: Path) -> None:
    # The password may have been changed on the command line, past the page that deletes the file.
    if not User.objects.filter(username=USERNAME, must_change_password=True).exists():
        first_password_file(data_dir).unlink(missing_ok=True)


def _warn_when_weak(password: str) -> None:
    try:
        validate_password(password, User(username=USERNAME))
    except ValidationError as error:
        logger.warning("BACKPLANE_ADMIN_PASSWORD is weak: %s", " ".join(error.messages))
