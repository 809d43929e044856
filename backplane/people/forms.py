"""Forms of one's own account."""

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError

from backplane.people.first_account import forget_first_password
from backplane.people.models import User


class OwnPasswordForm(PasswordChangeForm):
    """Asks for the old password and twice for a new one, which must differ."""

    def clean_new_password1(self) -> Any:  # noqa: ANN401  (whatever Django's field makes of it)
        new = self.cleaned_data.get("new_password1")
        if new and self.user.check_password(new):
            raise ValidationError("The new password is the old one. Choose another.")
        return new

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = False
        user = super().save(commit)
        forget_first_password(user)
        return user
