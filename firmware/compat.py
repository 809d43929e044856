"""What MicroPython has and CPython lacks."""

try:
    from micropython import const  # pyright: ignore[reportAssignmentType] - the stubs ask more of it
except ImportError:

    def const(value: int) -> int:  # pyright: ignore[reportRedeclaration] - CPython's twin
        """On CPython a constant is just its value."""
        return value


__all__ = ["const"]
