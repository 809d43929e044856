"""The Rehearsal panel: the hands and the bad days of a simulated rack, for operators.

A chassis whose board does not call itself simulated has no such page.
"""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_POST

from backplane.live.pages.subject import subject_of
from backplane.people.refusals import wants_json
from backplane.people.roles import Role, role_required
from backplane.slots import rehearsal as stage

_LONGEST_LINE: Final = 100


@dataclass(frozen=True, slots=True)
class Button:
    """`line` is what the simulator is told; "{slot}" stands for the chosen slot."""

    label: str
    line: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    buttons: tuple[Button, ...]


GROUPS: Final = (
    Group(
        "Hands at this slot",
        (
            Button("Open handle", "handle {slot} open"),
            Button("Close handle", "handle {slot} close"),
            Button("Pull", "pull {slot}"),
            Button("Insert", "insert {slot}"),
            Button("Insert a new Pi", "insert {slot} BPC-NEW-{slot}"),
        ),
    ),
    Group(
        "Bad luck at this slot",
        (
            Button("Over-current trip", "trip {slot}"),
            Button("Pi halts by itself", "halt {slot}"),
            Button("Pi never shuts down", "hang {slot}"),
            Button("Brown-out", "brownout {slot}"),
            Button("Short circuit", "short {slot} on"),
            Button("Short is gone", "short {slot} off"),
            Button("Contacts bounce", "bounce {slot}"),
        ),
    ),
    Group(
        "Dead parts of this slot",
        (
            Button("Sensors die", "device {slot} off"),
            Button("Sensors answer", "device {slot} on"),
            Button("Identity unreadable", "identity {slot} off"),
            Button("Identity readable", "identity {slot} on"),
            Button("Blue lamp dies", "led {slot} hotswap off"),
            Button("White lamp dies", "led {slot} locate off"),
            Button("Blue lamp mended", "led {slot} hotswap on"),
            Button("White lamp mended", "led {slot} locate on"),
        ),
    ),
    Group(
        "The whole chassis",
        (
            Button("Serial link silent", "silence on"),
            Button("Link speaks again", "silence off"),
            Button("Noise on the link", "noise 0.02"),
            Button("No noise", "noise 0"),
            Button("Reboot the ESP32", "reboot"),
            Button("Power loss", "power-loss"),
            Button("Lose supply 1", "supply 1 off"),
            Button("Supply 1 back", "supply 1 on"),
            Button("Lose supply 2", "supply 2 off"),
            Button("Supply 2 back", "supply 2 on"),
        ),
    ),
)


@require_POST
@role_required(Role.OPERATOR)
def rehearse(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Carry out one line, and say what became of it."""
    from backplane.live.pages.racks import chassis_page  # noqa: PLC0415  (the page shows this panel)

    row = subject_of(slug).row
    if not row.is_simulated:
        raise Http404(f"{slug} is not simulated.")
    chosen = request.POST.get("slot", "")
    line = request.POST.get("line", "")[:_LONGEST_LINE]
    line = line.replace("{slot}", chosen if chosen.isdecimal() else "")
    answer = stage.current().execute(row.slug, " ".join(line.split()))
    if wants_json(request):
        return JsonResponse(answer, status=200 if answer.get("ok") else 422)
    return chassis_page(request, slug, chosen, answer=_in_words(line, answer))


def _in_words(line: str, answer: dict[str, object]) -> str:
    return f"{line}: done" if answer.get("ok") else f"{line}: {answer.get('error', 'failed')}"
