"""Registers the console app with Django."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "backplane.console"
    label = "console"
