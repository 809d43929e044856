"""/settings/netbox/: the mode, the mapping as a form and as a file, and the connection test. For admins.

The test is the one request to NetBox that a page makes; its patience is short.
"""

from dataclasses import replace
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.inventory import setup
from backplane.inventory.check import Finding, check_connection
from backplane.inventory.mapping import Mapping, MappingError, mapping_from_rows, mapping_from_toml
from backplane.inventory.models import Mode
from backplane.inventory.netbox.access import access, is_set
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.report import why_not_written
from backplane.live.inventory.mapping_boxes import BoxGroup, boxes_of
from backplane.people import audit
from backplane.people.roles import Role, role_required
from backplane.slots.durable import plain_transaction

_PATIENCE_S: Final = 5.0
_MOST_BYTES: Final = 64 * 1024
_MODES: Final = (
    (Mode.OFF, "Off", "NetBox is neither read nor written."),
    (Mode.PLAN, "Plan only", "Differences are listed; a person applies them."),
    (Mode.SAFE, "Automatic for swaps", "Who stands in which bay is written after each swap."),
    (Mode.ALL, "Automatic", "Everything that is no conflict is written."),
)


@require_safe
@never_cache
@role_required(Role.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """Show how NetBox is kept true."""
    return _page(request)


@require_POST
@never_cache
@role_required(Role.ADMIN)
def test(request: HttpRequest) -> HttpResponse:
    """Try the connection and say what is missing."""
    if not is_set():
        return _page(request, findings=(Finding("Connection", False, "No NetBox is set."),))
    netbox = NetBox(replace(access(), timeout_s=min(_PATIENCE_S, access().timeout_s)))
    try:
        return _page(request, findings=check_connection(netbox))
    finally:
        netbox.close()


@require_POST
@role_required(Role.ADMIN)
def save_mode(request: HttpRequest) -> HttpResponseBase:
    """Choose what happens by itself."""
    try:
        mode = Mode(request.POST.get("mode", ""))
    except ValueError:
        return _page(request, problems=("Choose one of the modes.",), status=422)
    before = setup.current_mode()
    if mode is not before:
        with plain_transaction():
            setup.store_mode(mode)
            _note(request, f"mode {before}", f"done: mode {mode}")
    messages.success(request, f"Mode: {_word_of(mode).lower()}.")
    return _back()


@require_POST
@role_required(Role.ADMIN)
def save_mapping(request: HttpRequest) -> HttpResponseBase:
    """Store the mapping from the boxes of the form, or from a file."""
    if setup.comes_from_file():
        return _page(request, problems=("NETBOX_MAPPING names a file; change that.",), status=409)
    try:
        mapping = _sent(request)
    except MappingError as error:
        return _page(request, problems=error.problems, status=422, sent=request.POST.dict())
    with plain_transaction():
        setup.store_mapping(mapping)
        _note(request, "mapping", "done: mapping changed", setup.rows_of(mapping))
    messages.success(request, "The mapping is saved. The next plan uses it.")
    return _back()


@require_safe
@never_cache
@role_required(Role.ADMIN)
def download(_request: HttpRequest) -> HttpResponse:
    """The mapping as a file."""
    try:
        text = setup.mapping_to_toml(setup.current_mapping())
    except MappingError as error:
        return HttpResponse(f"{error}\n", content_type="text/plain", status=409)
    headers = {"Content-Disposition": 'attachment; filename="netbox-mapping.toml"'}
    return HttpResponse(text, content_type="application/toml", headers=headers)


def _word_of(mode: Mode) -> str:
    return next(word for one, word, _ in _MODES if one is mode)


def _sent(request: HttpRequest) -> Mapping:
    upload = request.FILES.get("file")
    if "upload" not in request.POST:
        rows = setup.rows_of(setup.current_mapping()) | {
            name: request.POST.get(name, "")
            for name in request.POST
            if "." in name or name == "tag"
        }
        return mapping_from_rows((name, " ".join(value.split())) for name, value in rows.items())
    if upload is None or (upload.size or 0) > _MOST_BYTES:
        raise MappingError(("Choose a TOML file of at most 64 kB.",))
    try:
        return mapping_from_toml(upload.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MappingError(("The file is no UTF-8 text.",)) from error


def _note(
    request: HttpRequest, saw: str, outcome: str, detail: dict[str, str] | None = None
) -> None:
    act = audit.Act("inventory.netbox", "NetBox", saw=saw, outcome=outcome, detail=detail or {})
    audit.record(audit.actor_of(request), act)


def _back() -> HttpResponseBase:
    answer = redirect("netbox-settings")
    answer.status_code = 303
    return answer


def _page(
    request: HttpRequest,
    *,
    findings: tuple[Finding, ...] = (),
    problems: tuple[str, ...] = (),
    sent: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "is_set": is_set(),
        "url": settings.NETBOX_URL,
        "mode": setup.current_mode(),
        "modes": _MODES,
        "state": setup.state(),
        "too_old": why_not_written(setup.state().version),
        "findings": findings,
        "is_good": all(one.passed for one in findings),
        "from_file": settings.NETBOX_MAPPING if setup.comes_from_file() else "",
    }
    try:
        groups: list[BoxGroup] = boxes_of(setup.current_mapping(), sent or {})
    except MappingError as error:
        groups, problems = [], problems or error.problems
    context |= {"groups": groups, "problems": problems}
    return render(request, "inventory/netbox_settings.html", context, status=status)
