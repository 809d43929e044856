"""Cuts a list into the pages NetBox answers: 50 unless asked, never more than the largest page, offset or start."""

from collections.abc import Mapping
from urllib.parse import urlencode

from tests.support.netbox.kinds import Json
from tests.support.netbox.refusals import RefusalError

DEFAULT_PAGE = 50


def limit_of(query: Mapping[str, list[str]], largest: int) -> int:
    """Return how many rows a page holds; 0 asks for the largest page, nonsense for the default."""
    default = min(DEFAULT_PAGE, largest)
    try:
        asked = int(query["limit"][0])
    except (KeyError, ValueError):
        return default
    if asked < 0:
        return default
    return largest if asked == 0 else min(asked, largest)


def page(rows: list[Json], query: Mapping[str, list[str]], url: str, largest: int) -> Json:
    """Return one page with its neighbours' addresses; `results` are rows still to be shown."""
    limit = limit_of(query, largest)
    if "start" in query:
        return _from_start(rows, query, url, limit)
    offset = max(0, _number(query, "offset"))
    after = offset + limit
    return {
        "count": len(rows),
        "next": _address(url, query, limit, offset=after) if after < len(rows) else None,
        "previous": _before(url, query, limit, offset),
        "results": rows[offset:after],
    }


def _from_start(rows: list[Json], query: Mapping[str, list[str]], url: str, limit: int) -> Json:
    if "offset" in query:
        raise RefusalError(400, ["'start' and 'offset' are mutually exclusive."])
    if "ordering" in query:
        said = "Ordering cannot be specified in conjunction with cursor-based pagination."
        raise RefusalError(400, [said])
    if not query["start"][0].isdigit():
        raise RefusalError(400, ["Invalid 'start' parameter: must be a non-negative integer."])
    ordered = sorted(rows, key=lambda row: int(row["id"]))
    left = [row for row in ordered if row["id"] >= _number(query, "start")]
    shown = left[:limit]
    more = len(left) > limit or len(shown) == limit
    following = _address(url, query, limit, start=shown[-1]["id"] + 1) if shown and more else None
    return {"count": None, "next": following, "previous": None, "results": shown}


def _number(query: Mapping[str, list[str]], name: str) -> int:
    try:
        return int(query[name][0])
    except (KeyError, ValueError):
        return 0


def _before(url: str, query: Mapping[str, list[str]], limit: int, offset: int) -> str | None:
    if offset <= 0:
        return None
    return _address(url, query, limit, offset=max(0, offset - limit))


def _address(url: str, query: Mapping[str, list[str]], limit: int, **place: int) -> str:
    kept = [
        (name, value)
        for name, values in query.items()
        if name not in {"limit", "offset", "start"}
        for value in values
    ]
    return f"{url}?{urlencode([*kept, ('limit', limit), *place.items()])}"
