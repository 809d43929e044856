"""Forms of one's own account, and of adding a person."""

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError

from backplane.people.first_account import forget_first_password
from backplane.people.models import Site, User
from backplane.people.roles import Role


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


class AddPersonForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A name that nobody has, in whatever case, and a role."""

    class Meta:
        model = User
        fields = ("username", "role")
        labels = {"username": "Name"}
        help_texts = {"username": ""}

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("Somebody has this name already.")
        return username


class RoleForm(forms.Form):
    """The role to give, and the one that was shown."""

    was = forms.TypedChoiceField(choices=Role.choices(), coerce=Role)
    role = forms.TypedChoiceField(choices=Role.choices(), coerce=Role)


class SitesForm(forms.Form):
    """The sites that were chosen, and those that were shown as chosen."""

    sites = forms.ModelMultipleChoiceField(Site.objects.all(), required=False)
    was = forms.ModelMultipleChoiceField(Site.objects.all(), required=False)
