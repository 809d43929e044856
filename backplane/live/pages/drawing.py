"""The front view as numbers: what the SVG draws, and the measures that lay the buttons over it.

Pure. Millimetres throughout, from the board's own geometry; the page scales them.
"""

import hashlib
from dataclasses import dataclass

from backplane.live.lamps import ALL_LAMPS
from backplane.slots.boards import BoardProfile, Geometry

_TALL = 2.5  # height to width of a bay
_CAGE_RIM_MM = 1.6  # how far the dark card cage reaches past the slots
_HOLE_MM = (7.0, 4.6)  # rounded mounting hole, width and height
_VENT_MARGIN_MM = 4.0


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What _front_view.html draws; `version` changes when the measures do."""

    width: float
    height: float
    inner_width: float
    inner_height: float
    ear: float
    far_ear: float
    seam_end: float
    cage: Box
    holes: tuple[Box, ...]
    vents: tuple[Box, ...]
    version: str


def drawing_of(profile: BoardProfile) -> Drawing:
    """Return the drawing of this kind of board."""
    g = profile.geometry
    cage = _cage(g, profile.slot_count)
    return Drawing(
        width=g.width_mm,
        height=g.height_mm,
        inner_width=_mm(g.width_mm - 0.8),
        inner_height=_mm(g.height_mm - 0.8),
        ear=g.ear_mm,
        far_ear=_mm(g.width_mm - g.ear_mm),
        seam_end=_mm(g.height_mm - 0.8),
        cage=cage,
        holes=tuple(Box(_mm(x - _HOLE_MM[0] / 2), _mm(y - _HOLE_MM[1] / 2)) for x, y in g.holes_mm),
        vents=_vents(g, cage),
        version=hashlib.sha256(measures_css(profile).encode()).hexdigest()[:12],
    )


def measures_css(profile: BoardProfile) -> str:
    """Return the stylesheet that gives the rack its proportions: the pages allow no inline styles."""
    g = profile.geometry
    gap = g.pitch_mm - g.slot_width_mm
    values = {
        "rack-w": g.width_mm,
        "rack-h": g.height_mm,
        "first": g.first_slot_mm + gap / 2,  # a slot stands in the middle of its pitch
        "span": g.pitch_mm * profile.slot_count - gap,
        "gap": gap,
        "top": g.slot_top_mm,
        "bay-h": g.slot_height_mm,
        "bays": profile.slot_count,
    }
    lines = "".join(f"  --{name}: {_mm(value):g};\n" for name, value in values.items())
    mirrored = ".bays { direction: rtl; }\n.bay { direction: ltr; }\n" if g.order == "rtl" else ""
    return f".rack {{\n{lines}}}\n{mirrored}{_measured_bays(g)}{_missing_lamps(g)}"


def _measured_bays(g: Geometry) -> str:
    """Low bays look at their height too (rack.css). Tall ones need not, and each change costs a browser half as much."""
    return ".bay { container-type: size; }\n" if g.slot_height_mm < _TALL * g.slot_width_mm else ""


def _missing_lamps(g: Geometry) -> str:
    """Lamps that the board does not have are not drawn, whether their state is known or not."""
    if not g.lamps:
        return ".lamps { display: none; }\n"
    missing = [name for name in ALL_LAMPS if name not in g.lamps]
    return "".join(f'.lamp[data-lamp="{name}"] {{ display: none; }}\n' for name in missing)


def _cage(g: Geometry, slot_count: int) -> Box:
    top = max(g.slot_top_mm - _CAGE_RIM_MM, 1.0)
    return Box(
        x=_mm(g.first_slot_mm - _CAGE_RIM_MM),
        y=_mm(top),
        width=_mm(g.pitch_mm * slot_count + 2 * _CAGE_RIM_MM),
        height=_mm(min(g.slot_height_mm + 2 * _CAGE_RIM_MM, g.height_mm - top - 1.0)),
    )


def _vents(g: Geometry, cage: Box) -> tuple[Box, ...]:
    """Return the ventilated fillers left and right of the cage, where there is room for them."""
    sides = ((g.ear_mm, cage.x), (cage.x + cage.width, g.width_mm - g.ear_mm))
    return tuple(
        Box(
            _mm(start + _VENT_MARGIN_MM),
            _mm(cage.y + 9),
            _mm(end - start - 2 * _VENT_MARGIN_MM),
            _mm(cage.height - 18),
        )
        for start, end in sides
        if end - start > 3 * _VENT_MARGIN_MM
    )


def _mm(value: float) -> float:
    return round(value, 3)
