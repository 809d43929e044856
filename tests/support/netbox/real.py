"""A real NetBox behind the double's wire: its answers, and the double's log, faults and people.

For a NetBox that is there for tests alone: everything of the kinds a sync knows is deleted before each test.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest

from tests.support.netbox.api import Api, Asked, Reply
from tests.support.netbox.catalogue import CHANGES
from tests.support.netbox.double import NetBoxDouble
from tests.support.netbox.kinds import Json, Value
from tests.support.netbox.scene import SWEPT
from tests.support.netbox.store import Store
from tests.support.netbox.tokens import Tokens
from tests.support.netbox.wire import Wire

_PASSED_ON = ("if-match", "content-type", "accept")
_BROUGHT_BACK = ("etag", "x-request-id", "api-version")


class RealApi(Api):
    """Passes each request on. `largest_page` and `unknown` hold here as they do on the double."""

    def __init__(self, wire: Wire, base_url: str) -> None:
        super().__init__(Store(), base_url)
        self.wire = wire

    def answer(self, asked: Asked) -> Reply:
        body = json.loads(asked.body) if asked.body else None
        headers = {name: asked.headers[name] for name in _PASSED_ON if name in asked.headers}
        path = asked.path.removeprefix("/api/").strip("/")
        got = self.wire.call(asked.method, path, body, query=self._query(asked), headers=headers)
        kept = {name: got.headers[name] for name in _BROUGHT_BACK if name in got.headers}
        return Reply(got.status, got.body, kept)

    def _query(self, asked: Asked) -> dict[str, list[str]]:
        query = {name: values for name, values in asked.query.items() if name not in self.unknown}
        if "limit" in query:
            query["limit"] = [str(min(int(query["limit"][0]), self.largest_page))]
        return query


class RealNetBox(NetBoxDouble):
    """A real NetBox, held as the double is held. What cannot be asked of a real one skips the test."""

    patience = 30

    def __init__(self, url: str, token: str) -> None:
        super().__init__()
        self.token = token
        self._wire = Wire(url, token)
        self._desk.api = RealApi(self._wire, url)
        self._first_change = 0

    def __enter__(self) -> Self:
        self._empty()
        newest = self._wire.rows(CHANGES, limit=1)
        self._first_change = int(newest[0]["id"]) if newest else 0
        return super().__enter__()

    @property
    def tokens(self) -> Tokens:
        pytest.skip("a real NetBox keeps its own tokens")

    @property
    def changelog(self) -> list[Json]:
        rows = self._pages(CHANGES, id__gt=self._first_change)
        return [_stored(row) for row in rows]

    def rows(self, path: str, **equal: Value) -> list[Json]:
        rows = [_stored(row) for row in self._pages(path)]
        return [row for row in rows if all(row[name] == value for name, value in equal.items())]

    def add(self, path: str, **body: Value) -> int:
        answer = self._wire.post(path, body)
        assert answer.status == 201, answer.body
        return int(answer.body["id"])

    def edit(self, path: str, row_id: int, **body: Value) -> None:
        answer = self._wire.patch(f"{path}/{row_id}", body)
        assert answer.status == 200, answer.body

    def remove(self, path: str, row_id: int) -> None:
        assert self._wire.delete(f"{path}/{row_id}").status == 204

    def _empty(self) -> None:
        """Delete all. Pis before their chassis: a list that holds both is refused with 403."""
        pis = [row for row in self._pages("dcim/devices") if row["parent_device"]]
        self._delete("dcim/devices", pis)
        for path in (*SWEPT, "dcim/mac-addresses"):
            self._delete(path, self._pages(path))

    def _delete(self, path: str, rows: list[Json]) -> None:
        ids = [{"id": row["id"]} for row in rows]
        answer = self._wire.delete(path, ids) if ids else None
        assert answer is None or answer.status == 204, (path, answer.body)

    def _pages(self, path: str, **query: Value) -> list[Json]:
        rows: list[Json] = []
        while True:
            page = self._wire.get(path, limit=1000, offset=len(rows), ordering="id", **query).body
            rows += page["results"]
            if not page["next"]:
                return rows


def _stored(row: Json) -> Json:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Value) -> Value:
    """Return a value as the double stores it: references as ids, choices as values."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict) and "id" in value:
        return value["id"]
    if isinstance(value, dict) and value.keys() == {"value", "label"}:
        return value["value"]
    return value


@contextmanager
def either_netbox() -> Iterator[NetBoxDouble]:
    """Open an empty NetBox: the double, or the real one that NETBOX_TEST_URL names if it may be emptied."""
    url = os.environ.get("NETBOX_TEST_URL")
    is_ours = url and os.environ.get("NETBOX_TEST_MAY_EMPTY") == "1"
    opened = RealNetBox(str(url), os.environ["NETBOX_TEST_TOKEN"]) if is_ours else NetBoxDouble()
    with opened as netbox:
        yield netbox
