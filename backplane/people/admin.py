"""People and the audit trail in Django's admin. Roles decide everything, so Django's own flags stay hidden.

Names are edited here; roles, activity and passwords on the people page, which asks for the admin's own
password. Nobody is deleted: what they did keeps their name. They are kept out instead.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from backplane.people.models import AuditEntry, User

# People have roles here, not groups. Imported above, so that it is registered by now.
if isinstance(admin.site.get_model_admin(Group), GroupAdmin):
    admin.site.unregister(Group)

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:  # Django's class takes no type arguments when it runs
    _Admin = admin.ModelAdmin


@admin.register(User)
class PersonAdmin(_Admin):
    list_display = ("username", "first_name", "last_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("username", "first_name", "last_name", "email")
    fields = ("username", "first_name", "last_name", "email", "role", "is_active", "last_login")
    readonly_fields = ("username", "role", "is_active", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's own signature)
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's own signature)
        return False


@admin.register(AuditEntry)
class AuditAdmin(_Admin):
    """Shows the trail; nobody writes or deletes here."""

    list_display = ("at", "who", "role", "channel", "action", "subject", "outcome")
    list_filter = ("channel", "role")
    search_fields = ("who", "action", "subject", "chassis")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  (Django's own signature)
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's own signature)
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002  (Django's own signature)
        return False
