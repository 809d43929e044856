"""Registers the slots app with Django."""

from django.apps import AppConfig


class SlotsConfig(AppConfig):
    name = "backplane.slots"
    label = "slots"
