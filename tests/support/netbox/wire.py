"""Plain HTTP to a NetBox, double or real, for tests that look at bare answers. A connection per call, no retries."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.support.netbox.kinds import Json, Value


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. `body` is parsed JSON, text where it is none, None where it is empty."""

    status: int
    body: Value
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class Wire:
    """Speaks to one NetBox with one token. `paths` are as in "dcim/devices" or "dcim/devices/7"."""

    def __init__(self, url: str, token: str, timeout_s: float = 60.0) -> None:
        self._url = url
        self._token = token
        self._timeout_s = timeout_s

    def get(self, path: str, **query: Value) -> Answered:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Value) -> Answered:
        return self.call("POST", path, body)

    def patch(self, path: str, body: Value, if_match: str = "") -> Answered:
        return self.call("PATCH", path, body, headers={"If-Match": if_match} if if_match else {})

    def delete(self, path: str, body: Value = None) -> Answered:
        return self.call("DELETE", path, body)

    def call(
        self,
        method: str,
        path: str,
        body: Value = None,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Send one request and read its answer. Raises OSError or HTTPException when there is none."""
        parts = urlsplit(self._url)
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=self._timeout_s
        )
        asked = f"?{urlencode(query, doseq=True)}" if query else ""
        content = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", **self._authorization(), **(headers or {})}
        try:
            connection.request(method, f"/api/{path}/{asked}", content, sent)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, _parsed(answer.read()), named)
        finally:
            connection.close()

    def rows(self, path: str, **query: Value) -> list[Json]:
        """Return the first page's results."""
        answer = self.get(path, **query)
        assert answer.status == 200, answer.body
        return list(answer.body["results"])

    def _authorization(self) -> dict[str, str]:
        keyword = "Bearer" if self._token.startswith("nbt_") else "Token"
        return {"Authorization": f"{keyword} {self._token}"} if self._token else {}


def _parsed(content: bytes) -> Value:
    if not content:
        return None
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        return content.decode(errors="replace")
