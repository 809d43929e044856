"""Asks for the pages of a swap and presses their buttons, as a browser without a script or as a program."""

from typing import Any, Final

from django.test import Client

from backplane.swaps.models import Swap

JSON: Final = {"Accept": "application/json"}
HTML: Final = {"Accept": "text/html"}


def do(client: Client, swap: Swap, deed: str, *, json: bool = True, **values: Any) -> Any:  # noqa: ANN401  (a test client's answer)
    version = Swap.objects.values_list("version", flat=True).get(pk=swap.pk)
    return client.post(
        f"/w/{swap.pk}/do/", {"do": deed, "seen": version} | values, headers=JSON if json else HTML
    )


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()
