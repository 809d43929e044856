"""The signing key of this installation: given, or made once and kept beside the data."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from backplane.environment import Environment

_MIN_LENGTH = (
    40  # Django's own deploy check asks for 50 unless 5 distinct characters; ours are longer
)
_FILE_NAME = "secret-key.txt"


def load_secret_key(env: Environment, data_dir: Path) -> str:
    """Return SECRET_KEY, SECRET_KEY_FILE's contents, or the key kept in `data_dir` (made when missing)."""
    given = env.secret("SECRET_KEY")
    if given:
        if len(given) < _MIN_LENGTH:
            message = (
                f"SECRET_KEY must have at least {_MIN_LENGTH} characters; it has {len(given)}."
            )
            raise ImproperlyConfigured(message)
        return given
    return _kept_key(data_dir / _FILE_NAME)


def _kept_key(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_new_key(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = (
            f"DATA_DIR ({path.parent}) must be a folder this user may write to: {error.strerror}."
        )
        raise ImproperlyConfigured(message) from error


def _write_new_key(path: Path) -> None:
    # Written aside and linked: two processes that start at once agree on one whole key.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
