"""Who may use the site. The role alone decides: Django's own staff and superuser flags follow it."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from backplane.people.access import access_changed
from backplane.people.models.keys import PhonePass
from backplane.people.models.sites import Site
from backplane.people.roles import Role, effective_role_of


class UserManager(DjangoUserManager["User"]):
    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,  # noqa: ANN401  (Django's own signature)
    ) -> "User":
        """Create an admin; the name is the one that Django's own command calls."""
        return super().create_superuser(
            username, email, password, **{**extra_fields, "role": Role.ADMIN}
        )


class User(AbstractUser):
    """A person with one role.

    `role_cap` and `is_swap_only` are no columns: a session signed in by phone sets them for its request.
    """

    role = models.CharField(max_length=16, choices=Role.choices(), default=Role.VIEWER.value)
    must_change_password = models.BooleanField(
        default=False,
        help_text="The next page after sign-in asks for a password of their own.",
    )

    sites = models.ManyToManyField(
        Site,
        blank=True,
        related_name="people",
        help_text="Where a technician may act; none: everywhere.",
    )

    role_cap: Role | None = None
    is_swap_only: bool = False

    objects = UserManager()  # type: ignore[misc]  # Django declares a class variable; the stubs call ours an instance's

    @property
    def effective_role(self) -> Role:
        """The role under the session's cap: what this person may do here and now."""
        return effective_role_of(self) or Role.VIEWER

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Django's own signature)
        """Store the person; a change of role, password or activity is told once it is committed."""
        self.is_staff = self.is_superuser = self.role == Role.ADMIN
        if "role" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_staff", "is_superuser"}
        # Read anew: this object may have been loaded before somebody else changed the row.
        before = _stored_access(self.pk)
        super().save(*args, **kwargs)
        after = _stored_access(self.pk)
        if before is not None and after is not None and before != after:
            if not _is_only_promoted(before, after):
                PhonePass.objects.end_all_of(self.pk, timezone.now())
            _tell_when_committed(self.pk)


def _stored_access(user_id: int | None) -> tuple[Any, ...] | None:
    if user_id is None:
        return None
    rows = User.objects.filter(pk=user_id)
    return rows.values_list("role", "password", "is_active", "must_change_password").first()


def _is_only_promoted(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    return before[1:] == after[1:] and Role(after[0]).includes(Role(before[0]))


def _tell_when_committed(user_id: int) -> None:
    transaction.on_commit(lambda: access_changed(user_id))


@receiver(post_delete, sender=User)
def _deleted(instance: User, **_: object) -> None:
    _tell_when_committed(instance.pk)
