"""The small form that names what stands in a slot: the Pi and its carrier."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages.subject import page_context, subject_of
from backplane.people.roles import Role, role_required
from backplane.slots.errors import StorageFull
from backplane.slots.models import Chassis, Slot
from backplane.slots.naming import name_occupants

_LONGEST_NAME = 64


class NamesForm(forms.Form):
    """Both names may be empty; a slot without a carrier has only the first."""

    module_name = forms.CharField(
        label="Name of the Pi",
        max_length=_LONGEST_NAME,
        required=False,
        help_text="Its own name, such as web-03; it goes where the carrier goes.",
    )
    carrier_label = forms.CharField(
        label="Label on the carrier",
        max_length=_LONGEST_NAME,
        required=False,
        help_text="What is written on the tray.",
    )

    def clean_module_name(self) -> str:
        return " ".join(str(self.cleaned_data["module_name"]).split())

    def clean_carrier_label(self) -> str:
        return " ".join(str(self.cleaned_data["carrier_label"]).split())


class NothingToName(forms.Form):
    """Stands in where nothing has an identity."""


def names_form(row: Chassis, number: int) -> forms.Form:
    """Return the form filled with the names in use; without fields when there is nothing to name."""
    slot = get_object_or_404(
        Slot.objects.select_related("carrier__module", "module"), chassis=row, number=number
    )
    module = slot.module or (slot.carrier.module if slot.carrier else None)
    if slot.carrier is None and module is None:
        return NothingToName()
    initial = {
        "module_name": module.name if module else "",
        "carrier_label": slot.carrier.label if slot.carrier else "",
    }
    return _fitting(NamesForm(initial=initial, label_suffix=""), slot)


@require_POST
@role_required(Role.OPERATOR)
def save_names(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Store the names of what stands in the slot."""
    subject = subject_of(slug)
    slot = get_object_or_404(
        Slot.objects.select_related("carrier"), chassis=subject.row, number=number
    )
    form = _fitting(NamesForm(request.POST, label_suffix=""), slot)
    if not form.is_valid():
        return _again(request, slug, number, form)
    label = form.cleaned_data.get("carrier_label", "")
    try:
        name_occupants(slot.pk, form.cleaned_data["module_name"], label, timezone.now())
    except StorageFull as full:
        messages.error(request, f"Nothing was saved. {full}")
    else:
        messages.success(request, f"Names of slot {number} saved.")
    return redirect("slot", subject.row.slug, number)


def _fitting(form: NamesForm, slot: Slot) -> NamesForm:
    if slot.carrier is None:
        del form.fields["carrier_label"]
    return form


def _again(request: HttpRequest, slug: str, number: int, form: forms.Form) -> HttpResponse:
    subject = subject_of(slug)
    context = page_context(request, subject, subject.slot(number)) | {"names": form}
    return render(request, "live/slot.html", context, status=422)
