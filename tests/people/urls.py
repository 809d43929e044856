"""The site's URLs, with two plain pages to be let into or kept out of."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from backplane import urls as site
from backplane.people.roles import Role, role_required


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


@role_required(Role.OPERATOR)
def switch(_request: HttpRequest, slot: int) -> HttpResponse:
    return HttpResponse(f"switched {slot}")


# The test's own first: "/" would lead to the racks.
urlpatterns = [path("", page), path("switch/<int:slot>/", switch), *site.urlpatterns]
