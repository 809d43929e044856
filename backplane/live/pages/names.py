"""The small form that names what stands in a slot: the Pi and its carrier."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages import undo
from backplane.live.pages.subject import page_context, subject_of
from backplane.live.pages.trail import Deed, note, note_refusal
from backplane.live.pages.undo import Names
from backplane.people.roles import Role, role_required
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import CommandNotAccepted, StorageFull
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
    slot = _slot(row, number)
    if slot.carrier is None and slot.module is None:
        return NothingToName()
    names = names_in_use(slot)
    initial = {"module_name": names.module, "carrier_label": names.carrier}
    return _fitting(NamesForm(initial=initial, label_suffix=""), slot)


@require_POST
@role_required(Role.OPERATOR)
def save_names(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Store the names of what stands in the slot; for a while this can be undone."""
    subject = subject_of(slug)
    slot = _slot(subject.row, number)
    form = _fitting(NamesForm(request.POST, label_suffix=""), slot)
    if not form.is_valid():
        return _again(request, slug, number, form)
    if request.POST.get("of", "") != occupant_of(slot):
        return _refuse_other(request, slot)
    chosen = Names(form.cleaned_data["module_name"], form.cleaned_data.get("carrier_label", ""))
    before = names_in_use(slot)
    # In doubt a name says who stands here: there is no former name of it to go back to.
    if _store(request, slot, chosen) and not slot.is_occupant_unsure:
        now = _slot(subject.row, number)  # a first name makes a module
        undo.offer(request, place_of(now), before)
    return redirect("slot", subject.row.slug, number)


def occupant_of(slot: Slot) -> str:
    """Return a mark of what stands in the slot: a name typed for one thing must not go to another."""
    doubt = "?" if slot.is_occupant_unsure else ""
    return f"{slot.carrier_id or 0}.{slot.module_id or 0}{doubt}"


def place_of(slot: Slot) -> str:
    """Return the slot with what stands in it and its names, as one mark: another's later change is not undone."""
    return f"{slot.pk}: {occupant_of(slot)}: {names_in_use(slot).words}"


def _refuse_other(request: HttpRequest, slot: Slot) -> HttpResponseBase:
    why = f"Changed since you looked: something else stands in slot {slot.number} now."
    detail = {"module": request.POST.get("module_name", "")[:_LONGEST_NAME]}
    deed = Deed("names.change", slot.chassis.slug, slot.number, detail=detail)
    note_refusal(request, deed, why)
    messages.error(request, f"Nothing was saved. {why}")
    return redirect("slot", slot.chassis.slug, slot.number)


@require_POST
@role_required(Role.OPERATOR)
def undo_names(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Give what stands in the slot the names back that it had before."""
    subject = subject_of(slug)
    slot = _slot(subject.row, number)
    before = undo.take(request, place_of(slot))
    if before is None:
        messages.error(request, "Too late to undo, or changed since. Change the names below.")
    elif _store(request, slot, before):
        messages.success(request, f"Undone. Slot {number} has its old names.")
    return redirect("slot", subject.row.slug, number)


def _store(request: HttpRequest, slot: Slot, names: Names) -> bool:
    before = names_in_use(slot)
    deed = Deed(
        "names.change",
        slot.chassis.slug,
        slot.number,
        saw=before.words,
        detail={"module": names.module, "carrier": names.carrier},
    )
    try:
        with plain_transaction():
            is_changed = name_occupants(slot.pk, names.module, names.carrier, timezone.now())
            if is_changed:
                note(request, deed, f"done: {names.words}")
    except StorageFull as full:
        messages.error(request, f"Nothing was saved. {full}")
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        messages.error(request, f"Nothing was saved. {refusal}")
    else:
        return is_changed
    return False


def names_in_use(slot: Slot) -> Names:
    """Return the names of what stands in the slot, "" where it has none."""
    module = slot.module or (slot.carrier.module if slot.carrier else None)
    return Names(module.name if module else "", slot.carrier.label if slot.carrier else "")


def _slot(row: Chassis, number: int) -> Slot:
    related = ("chassis", "carrier__module", "module")
    return get_object_or_404(Slot.objects.select_related(*related), chassis=row, number=number)


def _fitting(form: NamesForm, slot: Slot) -> NamesForm:
    if slot.carrier is None:
        del form.fields["carrier_label"]
    return form


def _again(request: HttpRequest, slug: str, number: int, form: forms.Form) -> HttpResponse:
    subject = subject_of(slug)
    context = page_context(request, subject, subject.slot(number)) | {
        "names": form,
        "occupant": request.POST.get("of", ""),
    }
    return render(request, "live/slot.html", context, status=422)
