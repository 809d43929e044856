"""Django's registration of the guided swaps."""

from django.apps import AppConfig

from backplane.slots import handle_policy


class SwapsConfig(AppConfig):
    name = "backplane.swaps"

    def ready(self) -> None:
        """Keep the handle of a slot that is being swapped from asking for anything by itself."""
        from backplane.swaps.selectors import is_at_work  # noqa: PLC0415  (models are loaded by now)

        handle_policy.register(is_at_work)
