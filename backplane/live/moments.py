"""Moments as the live protocol writes them. Pure."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Return `moment` as UTC in ISO 8601 with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
