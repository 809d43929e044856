"""One function over pynetbox's session: time-outs, If-Match, change-log messages, paging, answers checked.

Every request to NetBox goes through `call`. Nothing is tried again here, no token is logged, and no answer is
taken for what was asked before it was looked at: an unknown filter returns everything.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import pynetbox

# By module: the ESP32's type stubs put a smaller `requests` over the package's own.
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import ChunkedEncodingError, RequestException, SSLError, Timeout
from requests.exceptions import ConnectionError as NoConnection
from requests.models import PreparedRequest, Response
from requests.sessions import Session

from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.errors import NetBoxNonsense, NetBoxTooOld, NetBoxUnavailable
from backplane.inventory.netbox.verdict import Said, error_of

Json = dict[str, Any]
Query = Sequence[tuple[str, str | int]]

PAGE: Final = 1000  # what we ask for; the server may give less
_LONGEST_URL: Final = 3600  # of the values; gunicorn refuses a line of 4 kB with HTML
WRITES_FROM: Final = (4, 6)
_logger = logging.getLogger(__name__)


class _Patience(HTTPAdapter):
    """pynetbox's session has no time-out of its own."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        super().__init__(max_retries=0)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]  # noqa: ANN401  (as the base class has it)
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout_s
        return super().send(request, **kwargs)


class _Token(AuthBase):
    """As an auth object: a session without one would take a password from ~/.netrc."""

    def __init__(self, authorization: str) -> None:
        self._authorization = authorization

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self._authorization
        return request


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `guards` are ETags; `path` like dcim/devices."""

    method: str
    path: str
    query: Query = ()
    body: Any = None
    guards: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What was asked so far; `request_ids` are those under which the change log has our writes."""

    reads: int = 0
    writes: int = 0
    request_ids: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.reads + self.writes


def etag_of(last_updated: str) -> str:
    """Return the ETag NetBox makes of an object's last_updated; lists carry none."""
    return f'W/"{last_updated.replace("Z", "+00:00")}"'


class NetBox:
    """A NetBox. `version` is "" until something was asked. `before_each` is called before each request."""

    def __init__(self, access: Access, before_each: Callable[[], None] = lambda: None) -> None:
        self._access = access
        self._before_each = before_each
        session = pynetbox.api(access.url, token=access.token).http_session
        session.auth = _Token(access.authorization)
        session.verify = access.ca_file or True
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Patience(access.timeout_s))
        self._session: Session = session
        self.version = ""
        self.tally = Tally()

    @property
    def url(self) -> str:
        return self._access.url

    @property
    def takes_guards(self) -> bool:
        """Whether this NetBox knows If-Match."""
        return version_of(self.version) >= WRITES_FROM

    def close(self) -> None:
        self._session.close()

    def status(self) -> Json:
        """Return what NetBox says of itself."""
        found = self.call(Ask("GET", "status"))
        if not isinstance(found, dict) or "netbox-version" not in found:
            raise NetBoxNonsense("its status names no version")
        self.version = str(found["netbox-version"])
        return found

    def need_guards(self) -> None:
        """Raise NetBoxTooOld where a write could not be guarded; asks for the version if nobody has."""
        if not self.version:
            self.status()
        if not self.takes_guards:
            raise NetBoxTooOld(self.version)

    def read(self, path: str, query: Query = ()) -> list[Json]:
        """Return every object of a list, by the server's own page size. Raises NetBoxNonsense on strange pages."""
        found: list[Json] = []
        while True:
            at: Query = (*query, ("limit", PAGE), ("offset", len(found)))
            page = self.call(Ask("GET", path, at))
            rows, total = _page(page, path)
            found += rows
            if not page.get("next") or not rows:
                break
        if len({row["id"] for row in found}) != len(found) or len(found) < total:
            raise NetBoxNonsense(
                f"the pages of {path} do not fit together; somebody may be writing"
            )
        return found

    def read_some(
        self, path: str, name: str, values: Iterable[str | int], more: Query = ()
    ) -> list[Json]:
        """Return the objects whose `name` is one of `values`, in as many requests as the address allows."""
        found: list[Json] = []
        for some in _in_urls(name, values):
            found += self.read(path, (*((name, value) for value in some), *more))
        return found

    def create(self, path: str, bodies: Sequence[Json], message: str) -> list[Json]:
        """Make objects, all or none; returns them in the order asked."""
        sent = [{"changelog_message": message, **body} for body in bodies]
        return self._written(Ask("POST", path, body=sent), len(sent))

    def change(
        self, path: str, bodies: Sequence[Json], guards: Sequence[str], message: str
    ) -> list[Json]:
        """Change objects, all or none, if all are as guarded (last_updated); returns them in the order asked.

        Raises NetBoxStale when one is not; nothing is written then.
        """
        sent = [{"changelog_message": message, **body} for body in bodies]
        etags = tuple(etag_of(guard) for guard in guards)
        found = {
            row["id"]: row for row in self._written(Ask("PATCH", path, (), sent, etags), len(sent))
        }
        missing = [body["id"] for body in bodies if body["id"] not in found]
        if missing:
            raise NetBoxNonsense(f"a change of {path} answered with other objects")
        return [found[body["id"]] for body in bodies]

    def call(self, ask: Ask) -> Any:  # noqa: ANN401  (whatever JSON holds)
        """Send one request and return its JSON. Raises NetBoxError."""
        self._before_each()
        began = time.monotonic()
        self._count(ask)
        try:
            answer = self._send(ask)
        except RequestException as error:
            raise NetBoxUnavailable(_reason(error, self._access)) from None
        except ValueError:  # its text holds the token
            raise NetBoxUnavailable("NETBOX_URL or NETBOX_TOKEN cannot be sent as it is") from None
        self._note(ask, answer)
        _logger.debug(
            "%s %s: %s in %.2f s",
            ask.method,
            ask.path,
            answer.status_code,
            time.monotonic() - began,
        )
        if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            # Refused before its body was read, a request leaves a connection that the server may close.
            self._session.close()
            said = Said(ask.method, ask.path, answer.status_code, answer.text, answer.headers)
            raise error_of(said)
        return _json_of(ask, answer)

    def _send(self, ask: Ask) -> Response:
        headers = {"Accept": "application/json"}
        if ask.guards:
            headers["If-Match"] = ", ".join(ask.guards)
        return self._session.request(
            ask.method,
            f"{self._access.url}/api/{ask.path}/",
            params=[(name, str(value)) for name, value in ask.query],
            json=ask.body,
            headers=headers,
            allow_redirects=False,  # a POST that is sent elsewhere arrives as a GET
        )

    def _count(self, ask: Ask) -> None:
        if ask.method == "GET":
            self.tally.reads += 1
        else:
            self.tally.writes += 1

    def _note(self, ask: Ask, answer: Response) -> None:
        self.version = self.version or answer.headers.get("API-Version", "")
        request_id = answer.headers.get("X-Request-ID", "")
        if ask.method != "GET" and request_id:
            self.tally.request_ids.append(request_id)

    def _written(self, ask: Ask, count: int) -> list[Json]:
        found = self.call(ask)
        is_list = isinstance(found, list) and all(isinstance(row, dict) for row in found)
        if not is_list or len(found) != count or any("id" not in row for row in found):
            raise NetBoxNonsense(
                f"a write of {count} to {ask.path} was answered with something else"
            )
        return list(found)


def version_of(text: str) -> tuple[int, int]:
    """Return (major, minor) of 4.6.8-Docker-3.4; (0, 0) of what is no version."""
    parts = [part for part in text.split("-", maxsplit=1)[0].split(".") if part.isdigit()]
    return (int(parts[0]), int(parts[1])) if len(parts) >= 2 else (0, 0)


def _page(page: Any, path: str) -> tuple[list[Json], int]:  # noqa: ANN401  (whatever JSON holds)
    rows = page.get("results") if isinstance(page, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "id" in row for row in rows):
        raise NetBoxNonsense(f"the list {path} is none")
    return rows, int(page.get("count") or 0)


def _in_urls(name: str, values: Iterable[str | int]) -> Iterable[list[str | int]]:
    """Cut values into lists whose address is short enough, 200 at the most."""
    some: list[str | int] = []
    length = 0
    for value in values:
        size = len(name) + 3 * len(str(value)) + 2 if isinstance(value, str) else len(name) + 12
        if some and (length + size > _LONGEST_URL or len(some) >= 200):
            yield some
            some, length = [], 0
        some.append(value)
        length += size
    if some:
        yield some


def _json_of(ask: Ask, answer: Response) -> Any:  # noqa: ANN401  (whatever JSON holds)
    if answer.status_code == HTTPStatus.NO_CONTENT:
        return None
    try:
        return answer.json()
    except ValueError:
        raise NetBoxNonsense(f"{ask.method} {ask.path} gave no JSON") from None


def _reason(error: RequestException, access: Access) -> str:
    """Say what is wrong with the network in a few words, without address or header."""
    if isinstance(error, SSLError):
        return "its certificate is not trusted; set NETBOX_CA_FILE"
    if isinstance(error, Timeout):
        return f"no answer in {access.timeout_s:g} s"
    if isinstance(error, NoConnection):
        return "no connection"
    if isinstance(error, ChunkedEncodingError):
        return "its answer broke off"
    return f"the request failed ({type(error).__name__})"
