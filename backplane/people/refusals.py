"""How to say no: whether the sender reads pages or JSON."""

from django.http import HttpRequest, JsonResponse


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the sender asked for JSON rather than a page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def refuse_in_json(status: int, error: str, **more: str) -> JsonResponse:
    """Answer {"error": ...}, never to be kept in a cache."""
    return JsonResponse(
        {"error": error, **more}, status=status, headers={"Cache-Control": "no-store"}
    )
