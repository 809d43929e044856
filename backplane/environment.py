"""Reads settings from environment variables and says loudly which one is wrong.

Knows nothing of Django beyond its ImproperlyConfigured error. Never guesses a value.
"""

import os
import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_SLOT = re.compile(r"^(?P<chassis>[-a-zA-Z0-9_]+)-(?P<number>\d{1,2})$")
_MOST_SLOTS = 24
_BIND = re.compile(r"^(?P<host>\[[0-9a-fA-F:]+\]|[^:\[\]]+):(?P<port>\d{1,5})$")


class Environment:
    """Typed access to a mapping of variables, the process's own by default."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str) -> str:
        """Return the variable without surrounding blanks, or `default` when unset or empty."""
        return self._variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes/no variable; anything else is an error that names it."""
        if name not in self._variables:
            return default
        value = self._variables[name].strip().lower()
        if value not in _TRUE | _FALSE:
            message = f"{name} must be 1 or 0, not {value!r}."
            raise ImproperlyConfigured(message)
        return value in _TRUE

    def items(self, name: str, default: str = "") -> list[str]:
        """Return a comma-separated variable as a list without empty items."""
        return [item.strip() for item in self.text(name, default).split(",") if item.strip()]

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """Return one of `options`, whatever its case; anything else is an error that lists them."""
        value = self.text(name, default)
        for option in options:
            if option.lower() == value.lower():
                return option
        message = f"{name} must be one of {', '.join(options)}, not {value!r}."
        raise ImproperlyConfigured(message)

    def seconds(self, name: str, default: float, most: float) -> float:
        """Return a number of seconds above 0 and up to `most`."""
        raw = self.text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            value = 0.0
        if not 0 < value <= most:
            message = f"{name} must be seconds above 0 and up to {most:g}, not {raw!r}."
            raise ImproperlyConfigured(message)
        return value

    def whole_number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 0 to `most`."""
        raw = self.text(name, str(default))
        if not raw.isdecimal() or len(raw) > len(str(most)) or int(raw) > most:
            message = f"{name} must be a whole number from 0 to {most}, not {raw!r}."
            raise ImproperlyConfigured(message)
        return int(raw)

    def time_zone(self, name: str, default: str) -> str:
        """Return a name of the time zone database, such as Europe/Berlin."""
        value = self.text(name, default)
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{name} must be a time zone such as Europe/Berlin, not {value!r}."
            raise ImproperlyConfigured(message) from error

    def networks(self, name: str) -> list[str]:
        """Return a comma-separated variable of IP addresses and networks; an address becomes a network of one."""
        return [_as_network(name, item) for item in self.items(name)]

    def secret(self, name: str) -> str:
        """Return NAME, or the contents of the file that NAME_FILE points to, or an empty string."""
        path = self.text(f"{name}_FILE", "")
        if not path:
            return self.text(name, "")
        if self.text(name, ""):
            message = f"Set {name} or {name}_FILE, not both."
            raise ImproperlyConfigured(message)
        return _read_secret(name, Path(path))

    def slot(self, name: str) -> tuple[str, int] | None:
        """Return CHASSIS-NUMBER, such as a12-07, as a pair; None when unset."""
        value = self.text(name, "")
        if not value:
            return None
        match = _SLOT.match(value)
        if match is None or not 1 <= int(match["number"]) <= _MOST_SLOTS:
            message = f"{name} must look like a12-07 (chassis, slot 1 to 24), not {value!r}."
            raise ImproperlyConfigured(message)
        return match["chassis"], int(match["number"])

    def bind(self, name: str, default: str) -> tuple[str, int]:
        """Return HOST:PORT as a pair; IPv6 hosts stand in brackets."""
        value = self.text(name, default)
        return parse_bind(value, name)


def parse_bind(value: str, name: str) -> tuple[str, int]:
    """Split HOST:PORT; `name` is the variable or option that an error names."""
    match = _BIND.match(value)
    if match is None or not 0 <= int(match["port"]) <= 65535:
        message = f"{name} must look like 127.0.0.1:8000 or [::1]:8000, not {value!r}."
        raise ImproperlyConfigured(message)
    return match["host"].strip("[]"), int(match["port"])


def _as_network(name: str, value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        message = f"{name} must list addresses or networks such as 10.0.0.0/8: {error}."
        raise ImproperlyConfigured(message) from error


def _read_secret(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{name}_FILE points to {path}, which cannot be read: {error.strerror}."
        raise ImproperlyConfigured(message) from error
    if not value:
        message = f"{name}_FILE points to {path}, which is empty."
        raise ImproperlyConfigured(message)
    return value
