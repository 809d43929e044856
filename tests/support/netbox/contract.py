"""Holds requests against the OpenAPI schema of a NetBox 4.6, where one is at hand; says in words what does not fit.

The schema forgives fields and filters it does not name, as the server does. This does not: each is a finding.
"""

import functools
import gzip
import json
import os
import re
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.support.netbox.kinds import Json, Value
from tests.support.netbox.server import Logged

_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "netbox" / "openapi.json.gz"
_HOST = "http://netbox.invalid"
_ALSO_WRITTEN = {"changelog_message", "add_tags", "remove_tags", "id"}  # taken, though not in it
_LOOKED_UP = "NestedTagRequest"  # the schema wants name and slug; the server finds a tag by either
_NULL: Json = {"type": "string", "nullable": True, "enum": [None]}
_REFERENCE = "#/components/schemas/"


def schema_file() -> Path | None:
    """Return the schema's file: what NETBOX_OPENAPI names, or the one beside the project; None without."""
    named = os.environ.get("NETBOX_OPENAPI")
    path = Path(named) if named else _BESIDE
    return path if path.is_file() else None


_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"[0-9A-Fa-f]*\d[0-9A-Fa-f]*")  # ids, addresses, numbers at the end of names
_MESSAGES = {"changelog_message", "comments"}
_Key = tuple[str, str, frozenset[str], bool]


class _Request:
    """One logged request as openapi-core reads it."""

    def __init__(self, logged: Logged) -> None:
        self.host_url = _HOST
        self.path = logged.path
        self.method = logged.method.lower()
        self.content_type = "application/json"
        self.body = None if logged.body is None else json.dumps(logged.body).encode()
        pairs = [(name, value) for name, values in logged.query.items() for value in values]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(pairs),
            header=Headers(dict(logged.headers)),
            cookie=ImmutableMultiDict(),
            path={},
        )
        self.full_url_pattern = f"{_HOST}{logged.path}?{urlencode(pairs)}"


class Contract:
    """One schema, read once. Each operation is cut out of it with the schemas it needs, when first asked."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._templates = [
            (re.compile(re.sub(r"\{\w+\}", r"[^/]+", path)), path) for path in document["paths"]
        ]
        self._cut: dict[_Key, OpenAPI] = {}
        self._known: dict[Hashable, list[str]] = {}

    def findings(self, logged: Logged) -> list[str]:
        """Return what of this request does not fit; empty when all of it does.

        Requests that differ in numbers and messages alone are looked at once: a look takes milliseconds.
        """
        path = _DIGITS.sub("0", logged.path)
        key = (logged.method, path, _shape(logged.query), _shape(logged.body))
        if key not in self._known:
            self._known[key] = self._findings(logged)
        return self._known[key]

    def _findings(self, logged: Logged) -> list[str]:
        what = f"{logged.method} {logged.path}"
        template = self._template(logged.path)
        operation = template and self._document["paths"][template].get(logged.method.lower())
        if template is None or not operation:
            return [f"{what}: no such operation"]
        named = {one["name"] for one in operation.get("parameters", ())}
        asked = frozenset(logged.query)
        found = [f"{what}: no filter {name}" for name in sorted(asked - named) if not _is_own(name)]
        found += [
            f"{what}: no field {name}" for name in self._strange_fields(operation, logged.body)
        ]
        if logged.body == {} and logged.method == "POST":
            # Asks whether one may: there is nothing to make, and 400 is the good answer.
            return found
        try:
            key = (template, logged.method, asked, isinstance(logged.body, list))
            self._operation(key).validate_request(_Request(logged))
        except OpenAPIError as error:
            found.append(f"{what}: {_words(error)}")
        return found

    def _template(self, path: str) -> str | None:
        exact = path if path in self._document["paths"] else None
        fits = (name for pattern, name in self._templates if pattern.fullmatch(path))
        return exact or next(fits, None)

    def _strange_fields(self, operation: Json, body: Value) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or body is None:
            return []
        known = _ALSO_WRITTEN | set(self._properties(content["schema"]))
        sent = body if isinstance(body, list) else [body]
        return sorted({name for one in sent for name in one} - known)

    def _properties(self, schema: Json) -> Iterator[str]:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REFERENCE)
            yield from self._properties(self._document["components"]["schemas"][name])
        yield from schema.get("properties", ())
        for part in [*schema.get("oneOf", ()), *schema.get("allOf", ()), schema.get("items")]:
            if part:
                yield from self._properties(part)

    def _operation(self, key: _Key) -> OpenAPI:
        if key not in self._cut:
            self._cut[key] = OpenAPI.from_dict(self._cut_out(*key))
        return self._cut[key]

    def _cut_out(self, template: str, method: str, asked: frozenset[str], is_list: bool) -> Json:
        """Return a document with one operation: without its answers, with the parameters asked for.

        Where one object or a list may be sent, the one that was sent is kept, so that findings name fields.
        """
        path = self._document["paths"][template]
        whole = path[method.lower()]
        parameters = [
            one
            for one in whole.get("parameters", ())
            if one["in"] == "path" or one["name"] in asked
        ]
        operation = {"responses": {"200": {"description": ""}}, "parameters": parameters}
        if "requestBody" in whole:
            schema = whole["requestBody"]["content"]["application/json"]["schema"]
            one_or_list = schema.get("oneOf", [schema, schema])
            content = {"application/json": {"schema": one_or_list[is_list]}}
            operation["requestBody"] = {"content": content}
        schemas: Json = {}
        self._collect(operation, schemas)
        return {
            "openapi": self._document["openapi"],
            "info": {"title": "NetBox", "version": "4.6"},
            "servers": [{"url": _HOST}],
            "paths": {template: {method.lower(): operation}},
            "components": {"schemas": schemas},
        }

    def _collect(self, part: Value, schemas: Json) -> None:
        """Gather every schema `part` leads to."""
        if isinstance(part, list):
            for one in part:
                self._collect(one, schemas)
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix(_REFERENCE)
            if name and name not in schemas:
                schemas[name] = _with_null(self._document["components"]["schemas"][name])
                if name == _LOOKED_UP:
                    schemas[name] = schemas[name] | {"required": ["slug"]}
                self._collect(schemas[name], schemas)
            self._collect(list(part.values()), schemas)


def _shape(value: Value, name: str = "") -> Hashable:
    """Return what the schema can see of a value: names, types, words; a list is the set of what is in it."""
    if isinstance(value, dict):
        return frozenset((each, _shape(one, each)) for each, one in value.items())
    if isinstance(value, list):
        return frozenset(_shape(one, name) for one in value)
    if isinstance(value, str):
        return name if name in _MESSAGES else _HEX.sub("0", value)
    return value if value is None or isinstance(value, bool) else type(value).__name__


def _with_null(schema: Json) -> Json:
    """Return the schema with null as one more choice where a property says nullable beside oneOf.

    OpenAPI 3.0 heeds `nullable` beside `type` alone, so as written these would refuse null.
    """
    properties = {
        name: {"oneOf": [_bare(part) for part in one["oneOf"]] + [_NULL]}
        if one.get("nullable") and "oneOf" in one
        else one
        for name, one in schema.get("properties", {}).items()
    }
    return schema | ({"properties": properties} if properties else {})


def _bare(part: Json) -> Json:
    return {name: value for name, value in part.items() if name != "nullable"}


def _is_own(name: str) -> bool:
    """Filters of custom fields, and what trims an answer, are taken though the schema cannot name them."""
    return name.startswith("cf_") or name in {"brief", "fields", "omit", "exclude"}


def _words(error: Exception) -> str:
    causes = getattr(error.__cause__, "schema_errors", ()) or (error.__cause__, error)
    return "; ".join(str(cause).partition("\n")[0] for cause in causes if cause)


@functools.cache
def read_contract() -> Contract | None:
    """Return the contract of the schema at hand, parsed once; None without one."""
    path = schema_file()
    if path is None:
        return None
    raw = path.read_bytes()
    return Contract(json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw))


def hold_against_schema(requests: Iterable[Logged]) -> None:
    """Fail when a request does not fit the schema; do nothing without a schema."""
    contract = read_contract()
    if contract is not None:
        found = [words for logged in requests for words in contract.findings(logged)]
        assert not found, "\n".join(found)
