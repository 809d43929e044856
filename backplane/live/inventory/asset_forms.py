"""The forms of modules, carriers, supplies and controllers: any spelling of a MAC, one owner per serial and address."""

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError

from backplane.slots.macs import macs_of
from backplane.slots.models import Asset, Carrier, Controller, Module, Supply

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:  # Django's class takes no type arguments when it runs
    _ModelForm = forms.ModelForm

_COMMON: Final = ("asset_tag", "owner", "purchased_on", "status", "note")
_LONGEST_LIST: Final = 400


class Macs(forms.CharField):
    """A list of addresses."""

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401  (Django's signature)
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:  # noqa: ANN401  (Django's signature)
        try:
            return macs_of(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class AssetForm(_ModelForm):
    """What all things have."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Django's signature)
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["purchased_on"].widget = forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date"}
        )
        self.fields["note"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["asset_tag"].help_text = "What your own label says. No two things share it."

    def clean(self) -> dict[str, Any]:
        """Take needless blanks out of every line of text."""
        super().clean()
        for name, value in self.cleaned_data.items():
            if isinstance(value, str) and name != "note":
                self.cleaned_data[name] = " ".join(value.split())
        return self.cleaned_data


class ModuleForm(AssetForm):
    macs = Macs(
        label="MAC addresses",
        required=False,
        max_length=_LONGEST_LIST,
        help_text="Any spelling, several with commas. The first is its wired one.",
    )

    class Meta:
        model = Module
        fields = ("name", "serial", "macs", "model", "address", *_COMMON, "uid")
        labels: ClassVar = {
            "uid": "Number",
            "purchased_on": "Purchased on",
            "address": "IP address or host name",
        }
        help_texts: ClassVar = {
            "uid": "Stays the same through every rename. Change it only to match a record."
        }

    def clean_serial(self) -> str:
        serial = str(self.cleaned_data["serial"]).strip()
        other = Module.objects.filter(serial__iexact=serial).exclude(pk=self.instance.pk).first()
        if serial and other:
            message = f"{other} has this serial."
            raise ValidationError(message)
        return serial

    def clean_macs(self) -> list[str]:
        macs: list[str] = self.cleaned_data["macs"]
        for other in Module.objects.exclude(pk=self.instance.pk) if macs else ():
            shared = set(macs) & set(other.macs)
            if shared:
                message = f"{other} has {min(shared)}."
                raise ValidationError(message)
        return macs

    def clean(self) -> dict[str, Any]:
        """A module needs something to be told by."""
        cleaned = super().clean()
        if not any(cleaned.get(name) for name in ("name", "serial", "macs", "asset_tag")):
            raise ValidationError("Give it a name, a serial, a MAC or an asset tag.")
        return cleaned


class CarrierForm(AssetForm):
    class Meta:
        model = Carrier
        fields = ("label", *_COMMON)
        help_texts: ClassVar = {"label": "What is written on the tray."}


class SupplyForm(AssetForm):
    class Meta:
        model = Supply
        fields = ("name", "serial", "model", "chassis", "number", "rating_mw", *_COMMON)
        labels: ClassVar = {"number": "Place in the chassis", "rating_mw": "Rating in mW"}


class ControllerForm(AssetForm):
    macs = Macs(label="MAC addresses", required=False, max_length=_LONGEST_LIST)

    class Meta:
        model = Controller
        fields = ("board_id", "model", "macs", *_COMMON)
        labels: ClassVar = {"board_id": "Board number"}


def said_by(form: AssetForm) -> dict[str, str]:
    """Return what the form's boxes hold for its asset as stored, as text."""
    bound = ((name, form.initial.get(name)) for name in form.fields)
    return {name: _text(form.fields[name].prepare_value(value)) for name, value in bound}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def form_of(asset: Asset, data: Any = None) -> AssetForm:  # noqa: ANN401  (a QueryDict or a dict)
    """Return the form of this kind of asset."""
    return _FORMS[type(asset)](data, instance=asset)


_FORMS: Final[dict[type[Asset], type[AssetForm]]] = {
    Module: ModuleForm,
    Carrier: CarrierForm,
    Supply: SupplyForm,
    Controller: ControllerForm,
}
