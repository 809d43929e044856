"""The NetBox double as a test holds it: start, stop, address, log, change log, people's edits, planned faults."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from tests.support.netbox.api import Api
from tests.support.netbox.catalogue import KINDS
from tests.support.netbox.contract import hold_against_schema
from tests.support.netbox.faults import Fault, Faults, How
from tests.support.netbox.kinds import Json, Value
from tests.support.netbox.server import Desk, Logged, Server
from tests.support.netbox.store import Store
from tests.support.netbox.tokens import V1_TOKEN, V2_TOKEN, Tokens
from tests.support.netbox.writes import Writer


class NetBoxDouble:
    """A NetBox 4.6 of its own, empty at the start, on a free port of 127.0.0.1. A context manager.

    Where the OpenAPI schema of a NetBox is at hand, every request it saw is held against it on the way out,
    unless a test that strays on purpose says `is_held_to_schema = False`.
    """

    v1_token = V1_TOKEN
    v2_token = V2_TOKEN
    token = V2_TOKEN
    patience = 1  # by which time-outs are longer: a real one is slower

    def __init__(self) -> None:
        self.is_held_to_schema = True
        self._forgotten: list[Logged] = []
        self._server = Server()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._desk = Desk(Api(Store(), self.url), Faults())
        self._desk.gate.set()
        self._server.desk = self._desk
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="netbox double"
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        self._desk.closing.set()
        self._desk.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if failure is None and self.is_held_to_schema:
            hold_against_schema([*self._forgotten, *self._desk.log])

    @property
    def api(self) -> Api:
        """The API behind the sockets; tests set `version`, `largest_page` and `tokens` on it."""
        return self._desk.api

    @property
    def tokens(self) -> Tokens:
        return self._desk.api.tokens

    @property
    def requests(self) -> list[Logged]:
        """Every request since the start or the last `forget`, in the order they were answered."""
        return self._desk.log

    @property
    def changelog(self) -> list[Json]:
        """The change log as stored, oldest first."""
        return self._desk.api.store.changes

    def forget(self) -> None:
        """Begin the log and the request numbers anew, and plan no fault."""
        self._forgotten += self._desk.log
        self._desk.log = []
        self._desk.arrived = 0
        self._desk.faults.clear()
        self._desk.meanwhile.clear()

    def meanwhile(self, at: int, happens: Callable[[], object]) -> None:
        """Let something happen right before the request of this number, counted from now, is worked on."""
        self._desk.meanwhile[self._desk.arrived + at] = happens

    @property
    def is_passed(self) -> bool:
        """Whether all that was to happen meanwhile has."""
        return not self._desk.meanwhile

    def fail(self, at: int | str, how: str, *, method: str = "", times: int = 1) -> None:
        """Break something: at the request of this number counted from now, or at the next whose path holds this text."""
        is_number = isinstance(at, int)
        self._desk.faults.plan(
            Fault(
                how=How(how),
                number=self._desk.arrived + int(at) if is_number else None,
                path="" if is_number else str(at),
                method=method,
                times=times,
            )
        )

    def slow_down(self, slow_s: float = 0.2, latency_s: float = 0.0) -> None:
        """Set how long a "slow" request takes, and what every request takes on the wire."""
        self._desk.slow_s, self._desk.latency_s = slow_s, latency_s

    def rows(self, path: str, **equal: Value) -> list[Json]:
        """Return what is stored: references as ids, choices as values."""
        return self._desk.api.store.rows(path, **equal)

    def add(self, path: str, **body: Value) -> int:
        """Create as a person does, beside the API's log of requests; return the id."""
        with self.api.lock, self.api.store.transaction():
            return self._person().create(KINDS[path], body)

    def edit(self, path: str, row_id: int, **body: Value) -> None:
        """Let a person change an object: all rules hold, nobody's If-Match is asked."""
        with self.api.lock, self.api.store.transaction():
            self._person().change(KINDS[path], row_id, body)

    def remove(self, path: str, row_id: int) -> None:
        """Delete as a person does."""
        with self.api.lock, self.api.store.transaction():
            self._person().delete(KINDS[path], row_id)

    @contextmanager
    def deaf_to(self, name: str) -> Iterator[None]:
        """Know a filter no more: what asks by it gets everything."""
        self.api.unknown.add(name)
        try:
            yield
        finally:
            self.api.unknown.discard(name)

    @contextmanager
    def holding(self, count: int, within_s: float = 20.0) -> Iterator[None]:
        """Keep requests that arrive from being answered; on the way out wait for `count`, then let them race."""
        self._desk.gate.clear()
        first = self._desk.arrived
        try:
            yield
            deadline_s = time.monotonic() + within_s
            while self._desk.arrived < first + count and time.monotonic() < deadline_s:
                time.sleep(0.005)
        finally:
            self._desk.gate.set()

    def _person(self) -> Writer:
        api = self.api
        return Writer(
            api.store, api.shapes, "00000000-0000-4000-8000-000000000000", "a person", api.store.age
        )
