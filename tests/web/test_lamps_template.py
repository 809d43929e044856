"""The lamps' template in both sizes: the same three lamps, in the big one each with its words."""

import pytest
from django.template.loader import render_to_string

from backplane.live.lamps import unpack_lamps
from tests.web.racks import lights

RED_FAST = unpack_lamps(lights(3, 3, 1, 0))


@pytest.mark.parametrize("size", ["", "big"])
def test_both_sizes_have_the_three_lamps_as_reported(size: str) -> None:
    drawn = render_to_string("live/_lamps.html", {"lamps": RED_FAST, "size": size})
    for which, colour, pattern in (
        ("status", "red", "fast"),
        ("hotswap", "blue", "on"),
        ("locate", "white", "off"),
    ):
        assert f'data-lamp="{which}" data-colour="{colour}" data-pattern="{pattern}"' in drawn


def test_the_big_one_says_each_lamp_in_words() -> None:
    drawn = render_to_string("live/_lamps.html", {"lamps": RED_FAST, "size": "big"})
    for words in ("red, blinking fast", "blue, steady", "off"):
        assert f">{words}</span>" in drawn


def test_what_is_not_known_is_neither_on_nor_off() -> None:
    drawn = render_to_string("live/_lamps.html", {"lamps": None, "size": "big"})
    assert drawn.count('data-pattern="unknown"') == 3
    assert drawn.count("not known</span>") == 3
