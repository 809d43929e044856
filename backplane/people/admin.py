"""People in Django's admin. Roles decide everything, so Django's own flags and permissions stay hidden.

Nobody is deleted: what they did keeps their name. They are kept out instead.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from backplane.people.directory import LastAdminError, is_last_admin
from backplane.people.models import User
from backplane.people.roles import Role

admin.site.unregister(Group)  # people have roles here, not groups


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """Django's own, which also keeps the last admin."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        stays_admin = cleaned.get("role") == Role.ADMIN and cleaned.get("is_active")
        if not stays_admin and is_last_admin(self.instance):
            raise ValidationError(str(LastAdminError()))
        return cleaned


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    form = PersonForm
    list_display = ("username", "first_name", "last_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active", "must_change_password")}),
        ("Name", {"fields": ("first_name", "last_name", "email")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2", "role")}),
    )
    filter_horizontal = ()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002  (Django's own signature)
        return False
