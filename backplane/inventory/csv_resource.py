"""Reads and writes modules as CSV with django-import-export: one row, one module, one fate.

A blank cell changes nothing. A rehearsal saves nothing at all, so it holds no lock while it runs.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export import fields, resources, widgets
from tablib import Dataset

from backplane.inventory.csv_match import ContradictionError, Known, Matcher
from backplane.inventory.csv_text import COLUMNS
from backplane.slots.macs import macs_of
from backplane.slots.models import AssetStatus, Module


class Macs(widgets.Widget):
    """A list of addresses, in any spelling."""

    def clean(self, value: str, *_: object, **__: object) -> list[str]:
        return macs_of(value)

    def render(self, value: list[str], *_: object, **__: object) -> str:
        return " ".join(value or [])


class Words(widgets.Widget):
    """Text with single blanks."""

    def clean(self, value: str, *_: object, **__: object) -> str:
        return " ".join(value.split())

    def render(self, value: str | None, *_: object, **__: object) -> str:
        return value or ""


class Day(widgets.Widget):
    """A day as 2026-11-20."""

    def clean(self, value: str, *_: object, **__: object) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            message = f"{value!r} is no day. Write it as 2026-11-20."
            raise ValueError(message) from error

    def render(self, value: date | None, *_: object, **__: object) -> str:
        return value.isoformat() if value else ""


class Status(widgets.Widget):
    """One of the four statuses, in any case."""

    def clean(self, value: str, *_: object, **__: object) -> str:
        try:
            return AssetStatus(value.lower()).value
        except ValueError as error:
            message = f"{value!r} is no status. Use {', '.join(AssetStatus)}."
            raise ValueError(message) from error

    def render(self, value: str, *_: object, **__: object) -> str:
        return str(value)


class Given(fields.Field):
    """A column that changes the module only where its cell is filled."""

    def save(self, instance: Module, row: Mapping[str, str], *_: object, **__: object) -> None:
        if row.get(self.column_name):
            setattr(instance, self.attribute, self.clean(row))


_WIDGETS: Final[dict[str, type[widgets.Widget]]] = {
    "macs": Macs,
    "purchased_on": Day,
    "status": Status,
}


class ModuleResource(resources.ModelResource):
    """The columns of COLUMNS, in both directions."""

    matcher: Matcher
    modules: dict[int, Module]

    class Meta:
        model = Module
        fields = COLUMNS
        export_order = COLUMNS
        import_id_fields = ()
        skip_unchanged = True
        report_skipped = True
        store_instance = True
        skip_html_diff = True  # it is HTML from values; our page says each change as text

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:  # noqa: ANN401, ARG002  (the library's signature)
        """Read every module once."""
        self.modules = {module.pk: module for module in Module.objects.all()}
        self.matcher = Matcher.of(_known(module) for module in self.modules.values())

    def get_instance(self, instance_loader: object, row: Mapping[str, str]) -> Module | None:  # noqa: ARG002  (the library's signature)
        """Return the module that the row means; one that contradicts itself is refused."""
        try:
            found = self.matcher.find(row, int(row["line"]))
        except ContradictionError as error:
            raise ValidationError(str(error)) from error
        return None if found is None else self.modules[found]

    def validate_instance(
        self, instance: Module, errors: dict[str, Any] | None = None, **_: object
    ) -> None:
        """Hold each field to its limits; what must be unique was matched before."""
        super().validate_instance(instance, errors or {}, validate_unique=False)
        instance.clean_fields(exclude=["macs"])

    def save_instance(self, instance: Module, is_create: bool, row: object, **kwargs: Any) -> None:  # noqa: ANN401  (the library's signature)
        """Store the module, unless this is a rehearsal."""
        if not kwargs.get("dry_run"):
            super().save_instance(instance, is_create, row, **kwargs)

    def filter_export(self, queryset: QuerySet[Module], **_: Any) -> QuerySet[Module]:  # noqa: ANN401  (the library's signature)
        return queryset.order_by("name", "pk")


for _name in COLUMNS:
    ModuleResource.fields[_name] = Given(
        column_name=_name, attribute=_name, widget=_WIDGETS.get(_name, Words)()
    )


def _known(module: Module) -> Known:
    return Known(
        module.pk,
        str(module),
        module.name,
        module.uid,
        module.asset_tag or "",
        module.serial,
        tuple(module.macs),
    )
