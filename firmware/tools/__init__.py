"""Tools for the firmware that run on CPython; nothing here goes onto a board."""
