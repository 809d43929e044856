"""The answer to somebody who guessed wrong too often; django-axes counts the guesses."""

from datetime import timedelta

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backplane.people.client_address import client_address
from backplane.people.refusals import refuse_in_json, wants_json


def refuse_for_now(request: HttpRequest, *_: object) -> HttpResponse:
    """Answer 429 and say when to try again.

    Called by django-axes with more arguments, which differ between its sync and async halves: not used.
    """
    username = request.POST.get("username", "").strip()
    wait_s = max(1, round(_remaining(username, client_address(request)).total_seconds()))
    if wants_json(request):
        response: HttpResponse = refuse_in_json(429, f"Too many tries. Wait {wait_s} seconds.")
    else:
        context = {
            "username": username,
            "wait_minutes": -(-wait_s // 60),
            "try_again_at": timezone.now() + timedelta(seconds=wait_s),
        }
        response = render(request, "people/locked_out.html", context, status=429)
    response["Retry-After"] = str(wait_s)
    return response


def _remaining(username: str, address: str | None) -> timedelta:
    cool_off: timedelta = get_cool_off()
    attempts = AccessAttempt.objects.filter(username=username, ip_address=address)
    newest = attempts.aggregate(newest=Max("attempt_time"))["newest"]
    return cool_off if newest is None else newest + cool_off - timezone.now()
