#!/usr/bin/env python
"""Django's command line for Backplane."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backplane.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  (a missing Django gets a sentence, not a trace)
    except ImportError as error:
        message = "Django is missing. Run `make run` once (it sets up .venv), or activate .venv."
        raise SystemExit(message) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
