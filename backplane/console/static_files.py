"""Gathers static files into STATIC_ROOT, hashed and compressed, only when a source file changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

_STAMP = ".gathered"


def collect_when_changed(*, force: bool) -> bool:
    """Run collectstatic if the sources differ from the last run; return whether it ran."""
    stamp = Path(settings.STATIC_ROOT) / _STAMP
    fingerprint = _fingerprint()
    if not force and stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint, encoding="utf-8")
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            source = Path(storage.path(path))
            status = source.stat()
            digest.update(f"{source}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
