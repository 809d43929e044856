"""The address NetBox's webhook calls: a signed nudge, and nothing more. Not there without a secret."""

import hashlib
import hmac
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotAllowed,
)
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from backplane.inventory import nudge
from backplane.inventory.store import are_ours

_LARGEST = 1024 * 1024


@login_not_required
@csrf_exempt  # NetBox signs the body instead
def netbox_hook(request: HttpRequest) -> HttpResponse:
    """Wake the sync when somebody else changed something; 404 without NETBOX_WEBHOOK_SECRET, 403 unsigned."""
    secret: str = settings.NETBOX_WEBHOOK_SECRET
    if not secret:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    body = request.read(_LARGEST + 1)  # whatever length it claims to have, or none
    if len(body) > _LARGEST:
        return HttpResponse(status=413)
    said = request.headers.get("X-Hook-Signature", "")
    right = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
    if not hmac.compare_digest(said.encode(), right.encode()):
        return HttpResponseForbidden("The signature is not right.", content_type="text/plain")
    request_id = _request_id(body)
    if not (request_id and are_ours([request_id])):
        nudge.nudge()
    return HttpResponse(status=204)


def _request_id(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    return str(said.get("request_id", "")) if isinstance(said, dict) else ""


urlpatterns = [path("inventory/netbox-hook/", netbox_hook, name="netbox-hook")]
