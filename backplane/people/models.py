"""Who may use the site. The role alone decides: Django's own staff and superuser flags follow it."""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction

from backplane.people.access import access_changed
from backplane.people.roles import Role


class UserManager(DjangoUserManager["User"]):
    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> "User":
        """Create an admin; the name is the one that Django's own command calls."""
        return super().create_superuser(
            username, email, password, **{**extra_fields, "role": Role.ADMIN}
        )


class User(AbstractUser):
    """A person with one role."""

    role = models.CharField(max_length=16, choices=Role.choices(), default=Role.VIEWER.value)
    must_change_password = models.BooleanField(
        default=False,
        help_text="The next page after sign-in asks for a password of their own.",
    )

    objects = UserManager()

    # What access rests on, as last read from or written to the database; None while unsaved.
    _access_seen: tuple[object, ...] | None = None

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> Self:
        user = super().from_db(db, list(field_names), list(values))
        if not user.get_deferred_fields():
            user._access_seen = user._access()
        return user

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the person; a change of role, password or activity is told once it is committed."""
        self.is_staff = self.is_superuser = self.role == Role.ADMIN
        if kwargs.get("update_fields") is not None and "role" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_staff", "is_superuser"}
        super().save(*args, **kwargs)
        before, self._access_seen = self._access_seen, self._access()
        if before is not None and before != self._access_seen:
            user_id = self.pk
            transaction.on_commit(lambda: access_changed(user_id))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        user_id = self.pk
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: access_changed(user_id))
        return deleted

    def _access(self) -> tuple[object, ...]:
        return (str(self.role), self.password, self.is_active, self.must_change_password)
