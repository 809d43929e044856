"""Addresses of the inventory."""

from django.urls import path, re_path, register_converter

from backplane.live.inventory import (
    assets,
    csv_views,
    listing,
    netbox_settings,
    pictures,
    planned,
    plans,
)


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
    path("inventory/plan/", plans.plans, name="inventory-plans"),
    path("inventory/plan/new/", plans.make, name="inventory-plan-new"),
    path("inventory/plan/<int:pk>/", plans.plan, name="inventory-plan"),
    path("inventory/plan/<int:pk>/apply/", plans.apply, name="inventory-plan-apply"),
    path("inventory/plan/<int:pk>/undo/", plans.plan_undo, name="inventory-plan-undo"),
    path("settings/netbox/", netbox_settings.show, name="netbox-settings"),
    path("settings/netbox/test/", netbox_settings.test, name="netbox-test"),
    path("settings/netbox/mode/", netbox_settings.save_mode, name="netbox-mode"),
    path("settings/netbox/mapping/", netbox_settings.save_mapping, name="netbox-mapping"),
    path("settings/netbox/mapping.toml", netbox_settings.download, name="netbox-mapping-file"),
    path("settings/pictures/", pictures.show, name="rack-pictures"),
    path("settings/pictures/new/", pictures.make, name="rack-picture-make"),
    path("settings/pictures/<int:pk>/revoke/", pictures.revoke, name="rack-picture-revoke"),
]
