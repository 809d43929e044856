"""Registers the live app with Django."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "backplane.live"
    label = "live"
