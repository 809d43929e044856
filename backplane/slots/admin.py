"""Django's admin of the slot tables: names can be edited, history and state can only be read."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from backplane.slots.models import (
    Carrier,
    Chassis,
    Command,
    FirmwareUpdate,
    FlightRecord,
    Gap,
    HardwareEvent,
    Module,
    PowerRun,
    Slot,
    Stay,
    Transition,
)
from backplane.slots.services import name_occupant
from backplane.slots.stays import where_is

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:  # Django's class takes no type arguments when it runs
    _Admin = admin.ModelAdmin


class ReadOnlyAdmin(_Admin):
    """Shows rows; the services alone write them, and nobody rewrites history."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's signature)
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's signature)
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's signature)
        return False


class NamesOnlyAdmin(_Admin):
    """Lets people change the fields of `named`; everything else is what the hardware said."""

    named: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's signature)
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's signature)
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:  # noqa: ARG002  (Django's signature)
        """Return every field that people do not name."""
        fields = self.model._meta.fields  # noqa: SLF001  (Django's documented way to a model's fields)
        return [field.name for field in fields if field.name not in self.named]


@admin.register(Chassis)
class ChassisAdmin(NamesOnlyAdmin):
    # The budget is set on the power page, which asks and leaves a trail.
    named = ("name", "location")
    list_display = ("slug", "name", "board_name", "link_state", "seen_at")


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin):
    list_display = ("chassis", "number", "state", "since", "module")
    list_filter = ("chassis", "state")


@admin.register(Module)
class ModuleAdmin(_Admin):
    list_display = ("name", "serial", "model", "mac", "asset_tag", "status")
    search_fields = ("name", "serial", "asset_tag", "uid")
    readonly_fields = ("macs",)  # the inventory's form reads any spelling; this one would want JSON


@admin.register(Carrier)
class CarrierAdmin(_Admin):
    list_display = ("uid", "label", "module")
    search_fields = ("uid", "label")

    def save_model(self, request: HttpRequest, obj: Carrier, form: Any, change: bool) -> None:  # noqa: ANN401  (Django's signature)
        """Keep the word of the person; where the carrier is seated, slot and stay take it over."""
        super().save_model(request, obj, form, change)
        slot = where_is(obj)
        if slot is not None and "module" in form.changed_data:
            name_occupant(slot.pk, module_id=obj.module_id, now=timezone.now())


@admin.register(HardwareEvent)
class HardwareEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "chassis", "number", "kind_name", "slot_number", "is_understood")
    list_filter = ("chassis", "is_understood")


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "slot", "old", "new", "cause")
    list_filter = ("cause", "slot__chassis")


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "chassis", "slot", "op", "state", "requester_name", "outcome")
    list_filter = ("op", "state")


@admin.register(Gap)
class GapAdmin(ReadOnlyAdmin):
    list_display = ("noticed_at", "chassis", "first_missing", "last_missing", "reason")


@admin.register(Stay)
class StayAdmin(ReadOnlyAdmin):
    list_display = ("since", "until", "slot", "carrier", "module", "ended_by_surprise")
    list_filter = ("slot__chassis", "ended_by_surprise")


@admin.register(PowerRun)
class PowerRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "chassis", "kind", "state", "requester_name", "outcome")
    list_filter = ("kind", "state")


@admin.register(FlightRecord)
class FlightRecordAdmin(ReadOnlyAdmin):
    list_display = ("at", "chassis", "hardware_event", "is_complete")
    list_filter = ("chassis", "is_complete")


@admin.register(FirmwareUpdate)
class FirmwareUpdateAdmin(ReadOnlyAdmin):
    list_display = ("chassis", "state", "old_version", "version", "created_at", "outcome")
    list_filter = ("chassis", "state")
