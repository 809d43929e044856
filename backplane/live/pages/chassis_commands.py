"""Where people ask something of a whole chassis: lamp test, take over, adopt the board that answers.

Authorise, call one service, write the trail, answer.
"""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages.answers import tell
from backplane.live.pages.subject import subject_of, whole_number
from backplane.live.pages.trail import UNSEEN, Deed, note, note_refusal
from backplane.people.roles import Role, has_role, refuse_for_role
from backplane.people.sites import reach_of
from backplane.slots import services
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import CommandNotAccepted, NotAtThisSite, StorageFull
from backplane.slots.models import Chassis
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest

_OPS = {"lamp_test": Role.OPERATOR, "take_over": Role.ADMIN, "adopt_board": Role.ADMIN}


@require_POST
def chassis_command(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask for a command of the whole chassis."""
    row = subject_of(slug).row
    op = request.POST.get("op", "")
    if op not in _OPS:
        return tell(request, row, "This is no command for a chassis.", 422)
    seen = whole_number(request.POST.get("seen", ""))
    deed = Deed(f"command.{op}", row.slug, saw=_saw(seen, row.revision))
    if not has_role(request.user, _OPS[op]):
        note_refusal(request, deed, f"Needs the role {_OPS[op]}.")
        return refuse_for_role(request, _OPS[op])
    if seen is None:
        return tell(request, row, UNSEEN, 422)
    try:
        return _act(request, row, op, deed, seen)
    except StorageFull as full:
        return tell(request, row, f"Nothing was done. {full}", 503)


def _saw(seen: int | None, revision: int) -> str:
    if seen is None:
        return ""
    return f"rev {seen}" if seen == revision else f"rev {seen}; by then rev {revision}"


def _act(request: HttpRequest, row: Chassis, op: str, deed: Deed, seen: int) -> HttpResponseBase:
    match op:
        case "lamp_test":
            return _lamp_test(request, row, deed, seen)
        case "take_over":
            return _take_over(request, row, deed)
        case _:
            return _adopt_board(request, row, deed)


def _lamp_test(request: HttpRequest, row: Chassis, deed: Deed, seen: int) -> HttpResponseBase:
    asked = CommandRequest(
        chassis_id=row.pk,
        slot_number=0,
        op=CommandOp.LAMP_TEST,
        user_id=request.user.pk,
        requester_name=request.user.get_username(),
        seen_revision=seen,
        reach=reach_of(request.user),
    )
    try:
        with plain_transaction():
            command = services.request_command(asked, timezone.now())
            note(request, deed, command_id=command.pk)
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        status = 403 if isinstance(refusal, NotAtThisSite) else 409
        return tell(request, row, str(refusal), status)
    return tell(request, row, "Lamp test: every lamp lights for 5 seconds.", 202)


def _take_over(request: HttpRequest, row: Chassis, deed: Deed) -> HttpResponseBase:
    try:
        services.confirm_take_over(row.pk, timezone.now())
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        return tell(request, row, str(refusal), 409)
    note(request, deed, "done: confirmed")
    return tell(request, row, "The board will be taken over at the next contact.", 202)


def _adopt_board(request: HttpRequest, row: Chassis, deed: Deed) -> HttpResponseBase:
    # The form carries the board that the admin read about; another may answer by now.
    if not row.offered_board_id or request.POST.get("board", "") != row.offered_board_id:
        note_refusal(request, deed, "Another board answers now.")
        return tell(request, row, "Another board answers now. Look again.", 409)
    services.adopt_board(row.pk, timezone.now())
    note(request, deed, f"done: board {row.offered_board_id}")
    return tell(request, row, f"Board {row.offered_board_id} now belongs to {row}.", 202)
