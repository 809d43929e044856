"""Django's registration of the inventory."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "backplane.inventory"
