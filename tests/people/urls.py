"""The people's URLs, with two plain pages to be let into or kept out of."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from backplane.people.roles import Role, role_required


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


@role_required(Role.OPERATOR)
def switch(_request: HttpRequest, slot: int) -> HttpResponse:
    return HttpResponse(f"switched {slot}")


urlpatterns = [
    path("", include("backplane.health")),
    path("", include("backplane.people.urls")),
    path("", page),
    path("switch/<int:slot>/", switch),
    path("", include("backplane.live.pages.urls")),
    path("admin/", admin.site.urls),
]
