"""The guard of the gravest class (roles, tokens): type the name of what it is about, and one's password again."""

from dataclasses import dataclass, field

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Question:
    """What is about to happen, in words. `name` is to be typed; `sent` goes along with the answer."""

    heading: str
    consequence: str
    name: str
    verb: str
    back: str  # where one goes who does not want it
    sent: dict[str, str | list[str]] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The form's hidden fields."""
        found: list[tuple[str, str]] = []
        for name, value in self.sent.items():
            found += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return found


def ask_unless_proven(request: HttpRequest, question: Question) -> HttpResponse | None:
    """Return None when name and password came and are right; else the page that asks for them.

    Wrong passwords count as failed sign-ins do: after five the door is closed for a while.
    """
    # Named so that django-axes, which keeps what came with a wrong password, leaves it out.
    typed, password = request.POST.get("typed"), request.POST.get("password", "")
    if typed is None:
        return _ask(request, question, "", 200)
    if typed.strip() != question.name:
        return _ask(request, question, f"The name was not {question.name}.", 422)
    username = request.user.get_username()
    if authenticate(request, username=username, password=password) != request.user:
        return _ask(request, question, "That is not your password.", 422)
    return None


def _ask(request: HttpRequest, question: Question, error: str, status: int) -> HttpResponse:
    context = {"question": question, "error": error}
    return render(request, "people/prove.html", context, status=status)
