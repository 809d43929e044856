"""Every URL of the site, by package."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("backplane.health")),
    path("", include("backplane.people.urls")),
    path("", include("backplane.live.pages.urls")),
    path("admin/", admin.site.urls),
]
