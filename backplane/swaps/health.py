"""The lines of step 8: what is measured of the slot, and what others report. Pure."""

from backplane.swaps.facts import SwapFacts
from backplane.swaps.ports import Check


def all_checks(f: SwapFacts) -> tuple[Check, ...]:
    """Return every line, measured ones first; `passed` None: not measured, or nobody has said."""
    return (*measured_checks(f), *f.checks)


def measured_checks(f: SwapFacts) -> tuple[Check, ...]:
    """Return what the board itself says of the slot's power and temperature."""
    limits, reading = f.slot.limits, f.slot.reading
    good = f.slot.facts.power_good
    return (
        Check("Power", good, {True: "good", False: "not good", None: "not known"}[good]),
        _within("Voltage", reading.mv, limits.rail_min_mv, None, "V"),
        _within("Current", reading.ma, limits.halted_ma, limits.limit_ma, "A"),
        _within("Temperature", _milli(reading.cdeg), None, limits.warn_temp_cdeg * 10, "°C"),
    )


def _milli(cdeg: int | None) -> int | None:
    return None if cdeg is None else cdeg * 10


def _within(name: str, value: int | None, least: int | None, most: int | None, unit: str) -> Check:
    if value is None:
        return Check(name, None, "not measured")
    digits = 1 if unit == "°C" else 2
    is_in = (least is None or value > least) and (most is None or value <= most)
    return Check(name, is_in, f"{value / 1000:.{digits}f} {unit}")
