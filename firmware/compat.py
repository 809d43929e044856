"""What MicroPython has and CPython lacks."""

import gc

try:
    from micropython import const  # pyright: ignore[reportAssignmentType] - the stubs ask more of it
except ImportError:

    def const(value: int) -> int:  # pyright: ignore[reportRedeclaration] - CPython's twin
        """On CPython a constant is just its value."""
        return value


def collect_after(count: int) -> None:
    """Collect garbage each time so many bytes were allocated; CPython has its own way."""
    if hasattr(gc, "threshold"):
        gc.threshold(count)  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's


__all__ = ["collect_after", "const"]
