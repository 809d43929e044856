"""Django's registration of the inventory."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "backplane.inventory"

    def ready(self) -> None:
        """Take finished swaps."""
        from backplane.inventory.recorder import NetBoxRecorder  # noqa: PLC0415  (models are loaded by now)
        from backplane.swaps import ports  # noqa: PLC0415  (likewise)

        ports.register_recorder(NetBoxRecorder())
