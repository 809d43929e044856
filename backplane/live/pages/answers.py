"""How a page's form is answered: a 303 for people, JSON for scripts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect

from backplane.people.refusals import wants_json
from backplane.slots.models import Chassis

_FIRST_REFUSAL = 400


def see_other(name: str, *args: object) -> HttpResponseBase:
    """Lead to the page called `name` after a form was taken."""
    answer = redirect(name, *args)
    answer.status_code = 303
    return answer


def tell(
    request: HttpRequest, row: Chassis, text: str, status: int, page: str = "chassis"
) -> HttpResponseBase:
    """Say what became of a wish for a whole chassis: JSON with `status`, or `page` with the text as a message."""
    is_refusal = status >= _FIRST_REFUSAL
    if wants_json(request):
        return JsonResponse({"error" if is_refusal else "message": text}, status=status)
    level = messages.ERROR if is_refusal else messages.SUCCESS
    messages.add_message(request, level, text)
    return see_other(page, row.slug)
