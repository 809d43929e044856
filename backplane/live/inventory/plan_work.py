"""Has plans made and applied in a thread of its own, so that no page waits for NetBox. The rows tell how it went."""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from backplane.inventory import state, sync
from backplane.inventory.mapping import MappingError
from backplane.inventory.models import SyncPlan
from backplane.inventory.netbox.errors import NetBoxError
from backplane.inventory.store import Asked

_log = logging.getLogger(__name__)


@dataclass
class Work:
    """One piece of work. `error` says in words why it failed; `plan_id` what was made."""

    plan_id: int | None = None
    error: str = ""
    _done: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Tell whether it ended within this time."""
        return self._done.wait(seconds)

    def run(self, job: Callable[[], int]) -> None:
        """Do the job, note how it went, let the database go."""
        try:
            self.plan_id = job()
        except (NetBoxError, MappingError, sync.PlanOverError, state.BusyError) as error:
            self.error = str(error)
        except Exception:  # noqa: BLE001  (whatever it was, the person who waits is told)
            _log.exception("The plan could not be worked on")
            self.error = "It failed; the server's log says why."
        finally:
            connection.close()
            self._done.set()


def start_making(by: str) -> Work:
    """Have a plan of everything made."""
    return _start(lambda: _make(by))


def start_applying(plan: SyncPlan, keys: Collection[str], by: str) -> Work:
    """Have rows of a plan applied, with all that they need; no keys: every row."""
    chosen = with_needs(plan, keys) if keys else None
    return _start(lambda: _apply(plan, chosen, by))


def with_needs(plan: SyncPlan, keys: Collection[str]) -> set[str]:
    """Return the keys and those of every row that they come after."""
    needs = {stored.key: stored.row.depends_on for stored in plan.rows.all()}
    found: set[str] = set()
    waiting = [key for key in keys if key in needs]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += [one for one in needs[key] if one in needs]
    return found


def _start(job: Callable[[], int]) -> Work:
    work = Work()
    threading.Thread(target=work.run, args=(job,), name="netbox-page", daemon=True).start()
    return work


def _make(by: str) -> int:
    now = timezone.now()
    with state.turn(now), sync.netbox_of_settings() as netbox:
        stored, _ = sync.make(netbox, Asked(trigger="person", by=by), now)
    return stored.pk


def _apply(plan: SyncPlan, keys: Collection[str] | None, by: str) -> int:
    now = timezone.now()
    with state.turn(now), sync.netbox_of_settings() as netbox:
        sync.apply(netbox, plan, by, now, keys)
    return plan.pk
