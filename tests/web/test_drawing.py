import tomllib
from pathlib import Path

import pytest

from backplane.live.pages.drawing import drawing_of, measures_css
from backplane.slots.boards import BOARDS_DIR, load_profile, plain_profile

REFERENCE = load_profile("reference-10", 10)


def measures(css: str) -> dict[str, float]:
    pairs = (line.strip(" ;").split(": ") for line in css.splitlines() if line.startswith("  --"))
    return {name[2:]: float(value) for name, value in pairs}


def test_slots_stand_symmetrically_on_the_reference_panel() -> None:
    found = measures(measures_css(REFERENCE))
    right = found["rack-w"] - found["first"] - found["span"]
    assert found["first"] == pytest.approx(right, abs=0.01)
    assert found["first"] == pytest.approx(39.12)


def test_columns_and_gaps_fill_the_span_with_the_board_s_own_slot_width() -> None:
    found = measures(measures_css(REFERENCE))
    width = (found["span"] - (found["bays"] - 1) * found["gap"]) / found["bays"]
    assert width == pytest.approx(REFERENCE.geometry.slot_width_mm, abs=0.001)


def test_mounting_holes_are_centred_on_the_board_s_holes() -> None:
    holes = drawing_of(REFERENCE).holes
    centres = [(hole.x + 3.5, hole.y + 2.3) for hole in holes]
    assert centres == [pytest.approx(hole) for hole in REFERENCE.geometry.holes_mm]


@pytest.mark.parametrize("slot_count", [1, 10, 24])
def test_the_cage_stays_on_the_panel_for_any_number_of_slots(slot_count: int) -> None:
    drawing = drawing_of(plain_profile("home-made", slot_count))
    assert drawing.cage.x > drawing.ear
    assert drawing.cage.x + drawing.cage.width < drawing.far_ear


def test_other_measures_get_another_address() -> None:
    assert drawing_of(REFERENCE).version != drawing_of(plain_profile("x", 8)).version


def test_only_low_bays_look_at_their_height() -> None:
    assert "container-type" not in measures_css(REFERENCE)
    assert ".bay { container-type: size; }" in measures_css(load_profile("hat-4", 4))
    assert ".bay { container-type: size; }" in measures_css(load_profile("twin-6", 6))


def test_a_lamp_that_the_board_does_not_have_is_not_drawn() -> None:
    assert "lamp" not in measures_css(REFERENCE)
    assert '[data-lamp="locate"] { display: none; }' in measures_css(load_profile("power-7", 7))
    assert '[data-lamp="status"]' not in measures_css(load_profile("power-7", 7))
    assert ".lamps { display: none; }" in measures_css(load_profile("hat-4", 4))


@pytest.mark.parametrize("path", sorted(BOARDS_DIR.glob("*.toml")), ids=lambda path: path.stem)
def test_every_board_is_drawn_inside_its_own_panel(path: Path) -> None:
    slots = tomllib.loads(path.read_text())["board"]["slots"]
    profile = load_profile(path.stem, slots)
    drawing = drawing_of(profile)
    assert profile.is_known
    assert drawing.cage.x >= drawing.ear
    assert drawing.cage.x + drawing.cage.width <= drawing.far_ear
    assert drawing.cage.y + drawing.cage.height <= drawing.height
    assert all(0 <= hole.x <= drawing.width - hole.width for hole in drawing.holes)
    left, right = profile.geometry.first_slot_mm, profile.geometry
    end = left + slots * right.pitch_mm
    assert left == pytest.approx(right.width_mm - end, abs=1.0)  # as much room on either side
