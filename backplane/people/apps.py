"""Registers the people app with Django, and its ears for signing in and out."""

from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "backplane.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        import_module("backplane.people.audit_signals")
