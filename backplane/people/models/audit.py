"""The audit trail's table. Rows are added; `outcome` is filled in once; nothing is changed or deleted."""

from typing import Any, NoReturn

from django.db import models

_SETTLED_LATER = {"outcome", "settled_at"}


class TrailIsKeptError(Exception):
    """Somebody tried to delete or rewrite the audit trail."""

    def __str__(self) -> str:
        return "The audit trail is never deleted or rewritten."


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and settles; deletes nothing."""

    def delete(self) -> NoReturn:
        raise TrailIsKeptError

    def update(self, **values: Any) -> int:  # noqa: ANN401  (Django's own signature)
        """Settle entries; raises TrailIsKeptError for any other column."""
        if not values.keys() <= _SETTLED_LATER:
            raise TrailIsKeptError
        return super().update(**values)


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

    # A person's row may go (SET_NULL, by Django's own manager); who they were stays in `who`.
    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.who}: {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Django's own signature)
        """Append the entry; raises TrailIsKeptError for one that is kept already."""
        if not self._state.adding:
            raise TrailIsKeptError
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:  # noqa: ANN401  (Django's own signature)
        raise TrailIsKeptError
