"""Registers the people app with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "backplane.people"
    label = "people"
    verbose_name = "People"
