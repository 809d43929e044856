"""What MicroPython has and CPython lacks."""

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        """On CPython a constant is just its value."""
        return value


__all__ = ["const"]
