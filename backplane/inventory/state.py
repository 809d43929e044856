"""The one row of the sync's state: whose turn it is, and how it stands with NetBox."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from backplane.inventory import setup
from backplane.inventory.models import Mode, SyncState
from backplane.inventory.netbox.access import is_set
from backplane.inventory.netbox.errors import NetBoxError

_BUSY: Final = timedelta(minutes=10)  # whoever is silent for longer has died
_RENEW_EACH_S: Final = 60.0
_HOST: Final = socket.gethostname().replace(":", "")[:32]
_LIFE: Final = secrets.token_hex(4)
_ME: Final = f"{_HOST}:{os.getpid()}:{_LIFE}"
_in_process = threading.Lock()


@dataclass
class TurnLost(NetBoxError):  # noqa: N818  (as the other errors of NetBox)
    """We were silent for so long that another sync began: it is not disturbed."""

    def __str__(self) -> str:
        return "This took so long that another sync began; the next one goes on."


class BusyError(Exception):
    """Another process, or thread, is at work on NetBox now."""

    def __str__(self) -> str:
        return "Another sync is under way; try again when it has ended."


def state() -> SyncState:
    return SyncState.objects.get_or_create(pk=1)[0]


def set_state(**values: Any) -> None:  # noqa: ANN401  (the row's own fields)
    """Change the row, and nothing else of it."""
    SyncState.objects.filter(pk=state().pk).update(**values)


def mode() -> Mode:
    """Return how much is written unasked; OFF where no NetBox is set."""
    return setup.current_mode() if is_set() else Mode.OFF


@contextmanager
def turn(now: datetime, clock_s: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Be the only one at work on NetBox from this database. Raises BusyError.

    It lasts as long as `renew` is called; whoever stays silent for ten minutes may find that another took it.
    """
    global _held  # noqa: PLW0603  (one turn a process, under the lock)
    if not _in_process.acquire(blocking=False):
        raise BusyError
    try:
        _take(now)
        _held = _Held(now, clock_s)
        try:
            yield
        finally:
            _held = None
            SyncState.objects.filter(pk=1, busy_by=_ME).update(busy_by="", busy_until=None)
    finally:
        _in_process.release()


def renew() -> None:
    """Say that whoever has the turn is still at work. Raises TurnLost when another has taken it."""
    held = _held
    if held is None or held.clock_s() - held.renewed_s < _RENEW_EACH_S:
        return
    held.renewed_s = held.clock_s()
    until = held.began + timedelta(seconds=held.renewed_s - held.began_s) + _BUSY
    if not SyncState.objects.filter(pk=1, busy_by=_ME).update(busy_until=until):
        raise TurnLost


@dataclass(slots=True)
class _Held:
    """The turn this process has."""

    began: datetime
    clock_s: Callable[[], float]
    began_s: float = field(init=False)
    renewed_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.began_s = self.renewed_s = self.clock_s()


_held: _Held | None = None


def _take(now: datetime) -> None:
    holder = state().busy_by
    free = Q(busy_by="") | Q(busy_until__isnull=True) | Q(busy_until__lt=now)
    if holder and _is_dead(holder):
        free |= Q(busy_by=holder)
    taken = SyncState.objects.filter(free, pk=1)
    if not taken.update(busy_by=_ME, busy_until=now + _BUSY):
        raise BusyError


def _is_dead(holder: str) -> bool:
    """Say whether a holder was a process of this computer that is gone; it was killed at its work."""
    host, pid, life = holder.split(":")
    if host != _HOST or life == _LIFE:
        return False
    if int(pid) == os.getpid():
        return True  # the same number in an earlier life, as in a container
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def count_differences(count: int) -> None:
    """Keep what the badge shows."""
    SyncState.objects.filter(pk=1).exclude(differences=count).update(differences=count)
    SyncState.objects.filter(pk=1, differences__isnull=True).update(differences=count)


def worked(version: str) -> None:
    """Note that NetBox answered."""
    SyncState.objects.filter(pk=1).update(
        failures=0, error="", error_at=None, retry_at=None, version=version
    )


def failed(now: datetime, text: str, retry_at: datetime) -> None:
    """Note that NetBox did not, and when to try again."""
    row = state()
    SyncState.objects.filter(pk=1).update(
        failures=row.failures + 1, error=text, error_at=now, retry_at=retry_at
    )
