"""Every URL of the site, by package."""

from django.contrib import admin
from django.urls import include, path

from backplane.live.pages.help import light_card

urlpatterns = [
    path("", include("backplane.health")),
    path("", include("backplane.people.urls")),
    path("", include("backplane.live.pages.urls")),
    path("", include("backplane.live.swaps.urls")),
    path("", include("backplane.inventory.hook")),
    path("", include("backplane.live.inventory.urls")),
    path("help/leds/", light_card, name="light-card"),
    path("admin/", admin.site.urls),
]
