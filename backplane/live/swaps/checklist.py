"""The list of what moves over from the old Pi to the new one, as its owner edits it: one line each."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backplane.people.audit import Act, actor_of, record
from backplane.people.roles import Role, role_required
from backplane.slots.errors import StorageFull
from backplane.swaps.checklist import LONGEST_ITEM, MOST_ITEMS, checklist, replace_checklist


class ChecklistForm(forms.Form):
    """One text with a line per item; no lines: no checklist."""

    items = forms.CharField(
        label="What moves over",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One line each, such as: SD card moved over. A tick is noted and never holds anybody up.",
    )

    def clean_items(self) -> list[str]:
        lines = [" ".join(line.split()) for line in str(self.cleaned_data["items"]).splitlines()]
        kept = [line for line in lines if line]
        if len(kept) > MOST_ITEMS:
            raise forms.ValidationError(f"At most {MOST_ITEMS} lines fit on the card.")
        if any(len(line) > LONGEST_ITEM for line in kept):
            raise forms.ValidationError(f"A line holds at most {LONGEST_ITEM} characters.")
        return kept


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OPERATOR)
def edit_checklist(request: HttpRequest) -> HttpResponseBase:
    """Show the list as text; a POST replaces it."""
    before = checklist()
    if request.method != "POST":
        return _page(request, ChecklistForm(initial={"items": "\n".join(before)}, label_suffix=""))
    form = ChecklistForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        replace_checklist(form.cleaned_data["items"])
        changed = {"before": before, "after": form.cleaned_data["items"]}
        record(
            actor_of(request), Act("checklist.change", "checklist", outcome="Saved", detail=changed)
        )
    except StorageFull as full:
        messages.error(request, f"Nothing was saved. {full}")
    else:
        messages.success(request, "Checklist saved.")
    return redirect("checklist")


def _page(request: HttpRequest, form: forms.Form, status: int = 200) -> HttpResponseBase:
    return render(request, "swaps/checklist.html", {"form": form}, status=status)
