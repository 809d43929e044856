"""Contrasts of the colours by meaning, in both schemes: what axe cannot compute over hatches and frames."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "colors.css"
TEXT, GRAPHIC = 4.5, 3.0
SCHEMES = ("light", "dark")
FACES = ("running", "off", "safe", "warning", "fault", "halted", "nodata", "planned")
TOKENS = dict(re.findall(r"--([\w-]+):\s*([^;]+);", CSS.read_text(encoding="utf-8")))


def resolve(value: str, scheme: str) -> str:
    """Follow var() and light-dark() down to #rrggbb."""
    value = value.strip()
    if match := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return resolve(TOKENS[match[1]], scheme)
    if match := re.fullmatch(r"light-dark\((.+?),\s*((?:#|var).+)\)", value):
        return resolve(match[1 + SCHEMES.index(scheme)], scheme)
    assert re.fullmatch(r"#[0-9a-f]{6}", value), value
    return value


def luminance(token: str, scheme: str) -> float:
    colour = resolve(f"var(--{token})", scheme)
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, scheme: str) -> float:
    high, low = sorted((luminance(one, scheme), luminance(other, scheme)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXTS = [
    *[(f"{face}-ink", f"{face}-fill") for face in FACES],
    *[(ink, ground) for ink in ("ink", "ink-soft") for ground in ("page", "surface", "raised")],
    ("cage-ink", "cage"),
    ("accent-ink", "accent"),
    ("nodata-ink", "hatch"),
]
# The frame of a slot against its own fill, or the fill against the cage around it: one edge must show.
GRAPHICS = [
    ("edge", "surface"),
    ("edge", "page"),
    ("edge", "raised"),
    ("focus", "page"),
    ("focus", "surface"),
    ("safe-frame", "safe-fill"),
    ("halted-frame", "halted-fill"),
    ("warning-frame", "warning-fill"),
    ("cage-edge", "cage"),
    ("accent", "surface"),
    ("slate-0", "slate-1000"),
    *[(f"lamp-{colour}", "lamp-well") for colour in ("green", "amber", "red", "blue", "white")],
    *[(f"lamp-{colour}", "lamp-off") for colour in ("green", "amber", "red", "blue", "white")],
    ("lamp-rim", "lamp-well"),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_can_be_read(ink: str, ground: str, scheme: str) -> None:
    assert contrast(ink, ground, scheme) >= TEXT


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("shape", "ground"), GRAPHICS)
def test_edges_and_lamps_can_be_seen(shape: str, ground: str, scheme: str) -> None:
    assert contrast(shape, ground, scheme) >= GRAPHIC


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("face", FACES)
def test_every_slot_has_an_edge_against_the_cage(face: str, scheme: str) -> None:
    """Its fill or its frame stands out from the cage around it."""
    best = max(contrast(f"{face}-{part}", "cage", scheme) for part in ("fill", "frame"))
    assert best >= GRAPHIC


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("other", ["safe-fill", "running-fill"])
def test_a_fault_differs_without_colour_vision(other: str, scheme: str) -> None:
    assert contrast("fault-fill", other, scheme) >= TEXT
