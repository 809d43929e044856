"""Slot manager for hot-swap backplanes: the Django project."""

__version__ = "0.1.0"
