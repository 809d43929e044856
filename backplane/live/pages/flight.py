"""A flight record as small multiples: one lane per slot with its volts and amps, and the whole in a sentence.

Pure. A hole in the readings is a hole in the line; the slots share one scale, so that they can be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 240
HEIGHT: Final = 44
FIRST_S: Final = -10.0
LAST_S: Final = 5.0
_LONGEST_STEP_S: Final = 2.5  # readings come each second; past this they are missing
_BEFORE_S: Final = -2.0  # what lies before it counts as the usual
_LEAST_MA: Final = 1_000.0  # an idle chassis is not drawn as if it raged
_LEAST_MV: Final = 5_000.0
_DIP: Final = 0.9  # below this share of its usual voltage a slot has dipped
_SURGE: Final = 1.25  # below this times the usual a current is no surge
_ROUGHLY_NONE_MA: Final = 20.0
_NAMED: Final = 3  # more than this many are counted, not named

Values = Sequence[float | None]  # seconds, mV, mA mean, mA max


@dataclass(frozen=True, slots=True)
class Lane:
    """One slot (0: the supply). Lines are points of polylines in a WIDTH x HEIGHT box."""

    slot: int
    is_focus: bool
    volts: tuple[str, ...]
    amps: tuple[str, ...]
    peaks: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One reading as people read it; "" is not known."""

    slot: str
    at: str
    volts: str
    amps: str
    peak: str


@dataclass(frozen=True, slots=True)
class Flight:
    """`top_v` and `top_a` are the upper ends of both scales; `mark_x` is where the event stands."""

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    sentence: str
    top_v: float
    top_a: float
    mark_x: float


def flight_of(readings: Mapping[str, Sequence[Values]], focus: int) -> Flight:
    """Return the drawing of a record around an event of slot `focus`, the focus first, the supply last."""
    by_slot = {int(slot): sorted(values, key=_second) for slot, values in readings.items()}
    slots = {slot: values for slot, values in by_slot.items() if slot}
    tops = _tops(slots)
    supply = _tops({0: by_slot.get(0, [])})  # it carries them all, and has scales of its own
    order = sorted(by_slot, key=lambda slot: (slot != focus, slot == 0, slot))
    lanes = tuple(
        _lane(slot, by_slot[slot], tops if slot else supply, is_focus=slot == focus)
        for slot in order
    )
    rows = tuple(_row(slot, values) for slot in order for values in by_slot[slot])
    sentence = _sentence(by_slot, focus)
    return Flight(lanes, rows, sentence, tops[0] / 1000, tops[1] / 1000, _x(0.0))


def _tops(by_slot: Mapping[int, Sequence[Values]]) -> tuple[float, float]:
    """Return the upper ends of the scales, in mV and mA."""
    top_ma = max([_LEAST_MA, *_column(by_slot, 2), *_column(by_slot, 3)])
    return max([_LEAST_MV, *_column(by_slot, 1)]), top_ma


def _lane(
    slot: int, values: Sequence[Values], tops: tuple[float, float], *, is_focus: bool
) -> Lane:
    top_mv, top_ma = tops
    return Lane(
        slot,
        is_focus,
        _lines(values, 1, top_mv),
        _lines(values, 2, top_ma),
        _lines(values, 3, top_ma),
        lane_words(values),
    )


def lane_words(values: Sequence[Values]) -> str:
    """Return what happened in one lane: volts from and to, and the highest current."""
    volts = [value for value in (entry[1] for entry in values) if value is not None]
    amps = [value for entry in values for value in entry[2:4] if value is not None]
    if not volts and not amps:
        return "not known"
    said = []
    if volts:
        first, last = volts[0] / 1000, volts[-1] / 1000
        said.append(f"{first:.1f} V" if abs(first - last) < 0.1 else f"{first:.1f} to {last:.1f} V")
    if amps:
        said.append(f"at most {max(amps) / 1000:.2f} A")
    return ", ".join(said)


def _second(values: Values) -> float:
    return values[0] or 0.0


def _column(by_slot: Mapping[int, Sequence[Values]], index: int) -> list[float]:
    return [
        value
        for values in by_slot.values()
        for entry in values
        if (value := entry[index]) is not None
    ]


def _lines(values: Sequence[Values], index: int, top: float) -> tuple[str, ...]:
    runs: list[list[tuple[float, float]]] = []
    for entry in values:
        at, value = _second(entry), entry[index]
        if value is None:
            runs.append([])
        elif runs and runs[-1] and at - runs[-1][-1][0] <= _LONGEST_STEP_S:
            runs[-1].append((at, value))
        else:
            runs.append([(at, value)])
    return tuple(_points(run, top) for run in runs if run)


def _points(run: list[tuple[float, float]], top: float) -> str:
    if len(run) == 1:  # a single reading is drawn as a short dash, or it could not be seen
        run = [(run[0][0] - 0.4, run[0][1]), (run[0][0] + 0.4, run[0][1])]
    return " ".join(f"{_x(at):g},{_y(value, top):g}" for at, value in run)


def _x(at: float) -> float:
    share = (at - FIRST_S) / (LAST_S - FIRST_S)
    return round(WIDTH * min(max(share, 0.0), 1.0), 1)


def _y(value: float, top: float) -> float:
    return round(1 + (HEIGHT - 2) * (1 - min(max(value / top, 0.0), 1.0)), 1)


def _row(slot: int, values: Values) -> Row:
    volts, amps, peak = (values[index] for index in (1, 2, 3))
    return Row(
        slot=f"Slot {slot}" if slot else "Supply",
        at=f"{_second(values):+.1f} s",
        volts="" if volts is None else f"{volts / 1000:.2f} V",
        amps="" if amps is None else f"{amps / 1000:.2f} A",
        peak="" if peak is None else f"{peak / 1000:.2f} A",
    )


def _sentence(by_slot: Mapping[int, Sequence[Values]], focus: int) -> str:
    if not any(by_slot.values()):
        return "Nothing was measured around this event."
    parts = [_focus_words(by_slot.get(focus, ()), focus)] if focus else []
    dipped = [slot for slot in sorted(by_slot) if slot not in {0, focus} and _dips(by_slot[slot])]
    if dipped:
        parts.append(f"{_slots(dipped)} dipped with it.")
    elif focus:
        parts.append("No other slot dipped.")
    if _dips(by_slot.get(0, ())):
        parts.append("The supply dipped too.")
    return " ".join(parts)


def _focus_words(values: Sequence[Values], focus: int) -> str:
    usual_ma = _mean([entry[2] for entry in values if _second(entry) <= _BEFORE_S])
    late = [entry for entry in values if _BEFORE_S < _second(entry) <= 1.0]
    peak_ma = max((v for entry in late for v in entry[2:4] if v is not None), default=None)
    if usual_ma is None and peak_ma is None:
        return f"The current of slot {focus} was not measured."
    usual = "not known" if usual_ma is None else f"{usual_ma / 1000:.2f} A"
    if peak_ma is None or (usual_ma is not None and peak_ma < usual_ma * _SURGE + _ROUGHLY_NONE_MA):
        return f"Slot {focus} drew {usual} before, and no surge was measured."
    return f"Slot {focus} drew {usual} before and {peak_ma / 1000:.2f} A at the event."


def _dips(values: Sequence[Values]) -> bool:
    usual_mv = _mean([entry[1] for entry in values if _second(entry) <= _BEFORE_S])
    if not usual_mv or usual_mv < _LEAST_MV / 10:
        return False
    return any(
        entry[1] is not None and entry[1] < usual_mv * _DIP
        for entry in values
        if _second(entry) > _BEFORE_S
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _slots(numbers: Sequence[int]) -> str:
    if len(numbers) > _NAMED:
        return f"{len(numbers)} other slots"
    if len(numbers) == 1:
        return f"Slot {numbers[0]}"
    return f"Slots {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
