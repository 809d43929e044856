"""Django's registration of the guided swaps."""

from django.apps import AppConfig


class SwapsConfig(AppConfig):
    name = "backplane.swaps"
