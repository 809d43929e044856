"""Who may use the site. The role alone decides: Django's own staff and superuser flags follow it."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from backplane.people.access import access_changed
from backplane.people.roles import Role


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
    """A person with one role."""

    role = models.CharField(max_length=16, choices=Role.choices(), default=Role.VIEWER.value)
    must_change_password = models.BooleanField(
        default=False,
        help_text="The next page after sign-in asks for a password of their own.",
    )

    objects = UserManager()  # type: ignore[misc]  # Django declares a class variable; the stubs call ours an instance's

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Django's own signature)
        """Store the person; a change of role, password or activity is told once it is committed."""
        self.is_staff = self.is_superuser = self.role == Role.ADMIN
        if "role" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_staff", "is_superuser"}
        # Read anew: this object may have been loaded before somebody else changed the row.
        before = _stored_access(self.pk)
        super().save(*args, **kwargs)
        if before is not None and before != _stored_access(self.pk):
            _tell_when_committed(self.pk)


def _stored_access(user_id: int | None) -> tuple[object, ...] | None:
    if user_id is None:
        return None
    rows = User.objects.filter(pk=user_id)
    return rows.values_list("role", "password", "is_active", "must_change_password").first()


def _tell_when_committed(user_id: int) -> None:
    transaction.on_commit(lambda: access_changed(user_id))


@receiver(post_delete, sender=User)
def _deleted(instance: User, **_: object) -> None:
    _tell_when_committed(instance.pk)


class AuditEntry(models.Model):
    """One thing somebody did or was refused. Only `outcome` is ever filled in later, once; nothing is deleted."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    who = models.CharField(max_length=150)  # the name as it was then
    role = models.CharField(max_length=16, blank=True)  # what they acted as
    channel = models.CharField(max_length=8)  # desk, phone, token, local
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=48)  # command.power_off, swap.confirm, role.change
    subject = models.CharField(max_length=150, blank=True)  # "a12 slot 7", "ana"
    chassis = models.CharField(max_length=64, blank=True)  # slug
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    saw = models.CharField(max_length=255, blank=True)  # the state version they acted on
    reason = models.CharField(max_length=255, blank=True)  # what they gave as reason
    outcome = models.CharField(max_length=255, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    command_id = models.PositiveBigIntegerField(null=True, blank=True, db_index=True)
    swap_id = models.PositiveBigIntegerField(null=True, blank=True, db_index=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.who}: {self.action} {self.subject}"
