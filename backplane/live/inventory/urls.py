"""Addresses of the inventory."""

from django.urls import path, re_path, register_converter

from backplane.live.inventory import assets, csv_views, listing, pictures, planned


class KindConverter:
    """The kinds of assets that have forms."""

    regex = "modules|carriers|supplies|controllers"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "asset")

urlpatterns = [
    path("inventory/", listing.inventory, name="inventory"),
    path("inventory/import/", csv_views.load, name="inventory-import"),
    path("inventory/import/confirm/", csv_views.confirm, name="inventory-import-confirm"),
    path("inventory/modules.csv", csv_views.export, name="inventory-export"),
    path("inventory/<asset:kind>/new/", assets.new, name="inventory-new"),
    path("inventory/<asset:kind>/<int:pk>/", assets.edit, name="inventory-edit"),
    path("inventory/<asset:kind>/<int:pk>/undo/", assets.take_back, name="inventory-undo"),
    path("c/<slug:slug>/s/<int:number>/planned/", planned.plan, name="slot-planned"),
    re_path(r"^rack/(?P<secret>[\w-]{43})\.svg$", pictures.picture, name="rack-picture"),
    path("settings/pictures/", pictures.show, name="rack-pictures"),
    path("settings/pictures/new/", pictures.make, name="rack-picture-make"),
    path("settings/pictures/<int:pk>/revoke/", pictures.revoke, name="rack-picture-revoke"),
]
