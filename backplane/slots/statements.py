"""Statements of an event's own transaction, with SQL that is made once and kept.

Making a statement takes the ORM longer than the database takes to run it, and these never differ but in their
values; screens and the board's next events wait for them (docs/performance.md). Decides nothing.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, QuerySet
from django.db.models.options import Options

_M = TypeVar("_M", bound=Model)
_Fields = tuple["Field[Any, Any]", ...]

# Rows of an insert: of our widest table, less than the 999 variables of an old SQLite.
_AT_ONCE: Final = 50


class Select(Generic[_M]):
    """A query whose SQL the ORM compiles at its first use; called with its parameters in their order.

    Rows become models. What the query adds to their own columns lies in `vars()`, as the database told it.
    """

    def __init__(self, make: Callable[[], QuerySet[_M]]) -> None:
        self._make = make
        # The converters of a plan belong to one thread's connection.
        self._plans = threading.local()

    def __call__(self, *parameters: str | int) -> list[_M]:
        here = connections[DEFAULT_DB_ALIAS]
        plan: _Plan[_M] | None = getattr(self._plans, here.vendor, None)
        if plan is None:
            plan = _Plan(self._make(), here)
            setattr(self._plans, here.vendor, plan)
        with here.cursor() as cursor:
            cursor.execute(plan.sql, parameters)
            rows = cursor.fetchall()
        return [plan.model_of(row, here) for row in rows]


class _Plan(Generic[_M]):
    """The SQL of one query, and how a row of it becomes a model."""

    def __init__(self, rows: QuerySet[_M], here: BaseDatabaseWrapper) -> None:
        compiler = rows.query.get_compiler(connection=here)
        sql, _ = compiler.as_sql()
        self.sql = str(sql)
        self._model = rows.model
        meta = _meta_of(self._model)
        self._names = [field.attname for field in meta.concrete_fields]
        self._added = list(rows.query.annotation_select)
        columns = [field.get_col(meta.db_table) for field in meta.concrete_fields]
        self._converters = [
            (at, convert, column)
            for at, (converts, column) in compiler.get_converters(columns).items()
            for convert in converts
        ]

    def model_of(self, row: Sequence[Any], here: BaseDatabaseWrapper) -> _M:
        values = list(row)
        for at, convert, column in self._converters:
            values[at] = convert(values[at], column, here)
        count = len(self._names)
        model = self._model.from_db(here.alias, self._names, values[:count])
        vars(model).update(zip(self._added, values[count:], strict=True))
        return model


def update(model: type[Model], values: Mapping[str, object], **where: object) -> int:
    """Write columns of the rows that have these values (None: NULL); return how many there were.

    Columns are called by their attributes: `carrier_id`, not `carrier`; `pk` is the key.
    """
    here = connections[DEFAULT_DB_ALIAS]
    wanted = {name: value for name, value in where.items() if value is not None}
    nulls = tuple(name for name in where if name not in wanted)
    sql, fields = _update_of(model, tuple(values), tuple(wanted), nulls, here.vendor)
    given = (*values.values(), *wanted.values())
    prepared = [
        field.get_db_prep_save(value, here) for field, value in zip(fields, given, strict=True)
    ]
    with here.cursor() as cursor:
        cursor.execute(sql, prepared)
        return int(cursor.rowcount)


def insert(rows: Sequence[Model]) -> None:
    """Add rows of one model and give each its key."""
    here = connections[DEFAULT_DB_ALIAS]
    if rows and not here.features.can_return_rows_from_bulk_insert:  # SQLite before 3.35
        many: QuerySet[Model] = QuerySet(type(rows[0]))
        many.bulk_create(rows)
        return
    for start in range(0, len(rows), _AT_ONCE):
        _insert(rows[start : start + _AT_ONCE], here)


def _insert(rows: Sequence[Model], here: BaseDatabaseWrapper) -> None:
    sql, fields = _insert_of(type(rows[0]), len(rows), here.vendor)
    prepared = [
        field.get_db_prep_save(getattr(row, field.attname), here)
        for row in rows
        for field in fields
    ]
    with here.cursor() as cursor:
        cursor.execute(sql, prepared)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False  # noqa: SLF001  (documented, for models that load themselves)


@lru_cache(maxsize=256)
def _update_of(
    model: type[Model],
    values: tuple[str, ...],
    wanted: tuple[str, ...],
    nulls: tuple[str, ...],
    _vendor: str,
) -> tuple[str, _Fields]:
    """Return the SQL of an update, and the fields of its parameters."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = tuple(_field(model, name) for name in (*values, *wanted))
    columns = [quote(str(field.column)) for field in fields]
    sets = ", ".join(f"{column} = %s" for column in columns[: len(values)])
    conditions = [f"{column} = %s" for column in columns[len(values) :]]
    conditions += [f"{quote(str(_field(model, name).column))} IS NULL" for name in nulls]
    table, where = quote(_meta_of(model).db_table), " AND ".join(conditions)
    return f"UPDATE {table} SET {sets} WHERE {where}", fields  # noqa: S608  (names of our models)


@lru_cache(maxsize=128)
def _insert_of(model: type[Model], count: int, _vendor: str) -> tuple[str, _Fields]:
    """Return the SQL of an insert of so many rows, and the fields of each."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    meta = _meta_of(model)
    fields = tuple(field for field in meta.concrete_fields if not field.primary_key)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    rows = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * count)
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    sql = f"INSERT INTO {table} ({columns}) VALUES {rows} RETURNING {key}"  # noqa: S608  (as above)
    return sql, fields


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    meta = _meta_of(model)
    return cast("Field[Any, Any]", meta.pk if name == "pk" else meta.get_field(name))


def _meta_of(model: type[Model]) -> "Options[Any]":
    return model._meta  # noqa: SLF001  (public by Django's documentation)
