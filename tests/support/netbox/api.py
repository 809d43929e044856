"""Answers one parsed request on the store: routes, lists, single objects, bulk; all or none. Knows no sockets."""

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.netbox.catalogue import CHANGES, KINDS
from tests.support.netbox.changes import matching_changes, shown_change
from tests.support.netbox.filters import matching
from tests.support.netbox.kinds import Json, Kind, Value
from tests.support.netbox.ordering import in_order
from tests.support.netbox.paging import page
from tests.support.netbox.refusals import RefusalError, missing
from tests.support.netbox.shapes import Shapes
from tests.support.netbox.store import Store
from tests.support.netbox.tokens import Tokens
from tests.support.netbox.writes import Writer, etag_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in. `seen` is the store's age at that moment."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    seen: int = 0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Reply:
    """One answer; the body is JSON unless it is None."""

    status: int
    body: Value = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Api:
    """The REST API over one store. `version` and `largest_page` may be changed by a test.

    `unknown`: filters this NetBox does not know.
    """

    store: Store
    base_url: str
    tokens: Tokens = field(default_factory=Tokens)
    version: str = "4.6.8"
    largest_page: int = 1000
    unknown: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, asked: Asked) -> Reply:
        """Return the answer; a refusal leaves the store as it was."""
        with self.lock:
            try:
                with self.store.transaction():
                    reply = self._route(asked)
            except RefusalError as refusal:
                reply = Reply(refusal.status, refusal.body)
                if refusal.etag:
                    reply.headers["ETag"] = refusal.etag
        reply.headers |= {
            "X-Request-ID": asked.id,
            "API-Version": ".".join(self.version.split(".")[:2]),
        }
        return reply

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.store, self.base_url)

    def _route(self, asked: Asked) -> Reply:
        self.tokens.admit(asked.method, asked.headers.get("authorization"))
        parts = asked.path.strip("/").split("/")[1:]
        if not parts:
            return Reply(200, {name: f"{self.base_url}/api/{name}/" for name in ("dcim", "extras")})
        if parts == ["status"]:
            return Reply(200, self._status())
        if parts == ["authentication-check"]:
            return Reply(200, {"id": 1, "username": "sync", "display": "sync"})
        path = "/".join(parts[:2])
        row_id = int(parts[2]) if len(parts) == 3 and parts[2].isdigit() else None
        if path == CHANGES and asked.method == "GET":
            return self._changes(asked, row_id)
        if path == CHANGES:
            raise RefusalError(405, {"detail": f'Method "{asked.method}" not allowed.'})
        if path not in KINDS or (len(parts) == 3) is (row_id is None):
            raise RefusalError(404, _NO_PAGE)
        kind = KINDS[path]
        self.tokens.allow(asked.method, kind)
        return self._many(asked, kind) if row_id is None else self._one(asked, kind, row_id)

    def _status(self) -> Json:
        return {
            "django-version": "6.0.8",
            "hostname": "double",
            "installed_apps": {},
            "netbox-version": self.version,
            "netbox-full-version": self.version,
            "plugins": {},
            "python-version": "3.12.0",
            "rq-workers-running": 0,
        }

    def _changes(self, asked: Asked, row_id: int | None) -> Reply:
        rows = matching_changes(self.store.changes, asked.query)
        if row_id is not None:
            return Reply(
                200, next(shown_change(row, self.base_url) for row in rows if row["id"] == row_id)
            )
        cut = page(rows, asked.query, f"{self.base_url}{asked.path}", self.largest_page)
        cut["results"] = [shown_change(row, self.base_url) for row in cut["results"]]
        return Reply(200, cut)

    def _many(self, asked: Asked, kind: Kind) -> Reply:
        """Serve the list endpoint: GET a page; POST one or many; PATCH, DELETE many."""
        if asked.method == "GET":
            known = {name: one for name, one in asked.query.items() if name not in self.unknown}
            rows = matching(self.store, kind, known)
            rows = in_order(self.store, kind, rows, asked.query.get("ordering", [""])[0])
            cut = page(rows, asked.query, f"{self.base_url}{asked.path}", self.largest_page)
            cut["results"] = [self._shown(asked, kind, row) for row in cut["results"]]
            return Reply(200, cut)
        body = _parsed(asked)
        writer = self._writer(asked)
        if asked.method == "POST" and isinstance(body, dict):
            return self._single(asked, kind, writer.create(kind, body), 201)
        _must_list(body, needs_ids=asked.method != "POST")
        if asked.method == "POST":
            ids, status = writer.create_all(kind, body), 201
        elif asked.method == "PATCH":
            ids, status = writer.change_all(kind, body), 200
        else:
            writer.delete_all(kind, body)
            return Reply(204)
        return Reply(status, [self._shown(asked, kind, self.store.must(kind.path, i)) for i in ids])

    def _one(self, asked: Asked, kind: Kind, row_id: int) -> Reply:
        """Serve one object: GET, PATCH, DELETE, each with its ETag."""
        if self.store.row(kind.path, row_id) is None:
            raise missing(kind.content_type.partition(".")[2])
        writer = self._writer(asked)
        if asked.method == "DELETE":
            message = _parsed(asked).get("changelog_message", "") if asked.body else ""
            writer.delete(kind, row_id, message)
            return Reply(204)
        if asked.method == "PATCH":
            writer.change(kind, row_id, _parsed(asked))
        return self._single(asked, kind, row_id, 200)

    def _single(self, asked: Asked, kind: Kind, row_id: int, status: int) -> Reply:
        row = self.store.must(kind.path, row_id)
        return Reply(status, self._shown(asked, kind, row), {"ETag": etag_of(row)})

    def _shown(self, asked: Asked, kind: Kind, row: Json) -> Json:
        if asked.method == "GET" and asked.query.get("brief"):
            return self.shapes.brief(kind.path, row["id"])
        shown = self.shapes.full(kind, row)
        wanted = _listed(asked, "fields")
        left_out = _listed(asked, "omit") | _listed(asked, "exclude")
        kept = {name: value for name, value in shown.items() if not wanted or name in wanted}
        return {name: value for name, value in kept.items() if name not in left_out}

    def _writer(self, asked: Asked) -> Writer:
        tags = tuple(tag.strip() for tag in asked.headers.get("if-match", "").split(",") if tag)
        if_match = () if tags == ("*",) else tags
        return Writer(self.store, self.shapes, asked.id, "sync", asked.seen, if_match)


_NO_PAGE = "<!DOCTYPE html><html><head><title>Page Not Found</title></head></html>"


def _listed(asked: Asked, name: str) -> set[str]:
    return {part for value in asked.query.get(name, []) for part in value.split(",") if part}


def _parsed(asked: Asked) -> Value:
    """Return the body. With `?fields=` on a write every field not listed is dropped without a word."""
    try:
        body = json.loads(asked.body or b"{}")
    except json.JSONDecodeError as error:
        raise RefusalError(400, {"detail": f"JSON parse error - {error}"}) from None
    wanted = _listed(asked, "fields")
    if not wanted:
        return body
    always = wanted | {"id", "changelog_message"}
    kept = [
        {name: value for name, value in one.items() if name in always}
        for one in (body if isinstance(body, list) else [body])
    ]
    return kept if isinstance(body, list) else kept[0]


def _must_list(body: Value, *, needs_ids: bool) -> None:
    if not isinstance(body, list):
        raise RefusalError(
            400, {"non_field_errors": ['Expected a list of items but got type "dict".']}
        )
    if needs_ids and not all("id" in one for one in body):
        raise RefusalError(400, [{"id": ["This field is required."]} for _ in body])
