"""The light card in Chromium: no rule of accessibility is broken, and each paper takes it on one page."""

import re

import pytest

from backplane.people.models import User
from backplane.people.roles import Role
from tests.support.axe import load_axe, violations
from tests.web.conftest import OpenAs
from tests.web.racks import make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ben(transactional_db: None) -> User:
    return make_user("ben", Role.VIEWER)


def test_the_card_on_a_screen(ben: User, open_as: OpenAs) -> None:
    page = open_as("ben", "/help/leds/")
    assert violations(load_axe(), page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_card_takes_one_page_of_each_paper(ben: User, open_as: OpenAs) -> None:
    page = open_as("ben", "/help/leds/")
    pages = {
        paper: len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=paper)))
        for paper in ("A4", "A5", "A6")
    }
    assert pages == {"A4": 1, "A5": 1, "A6": 1}


def test_nothing_blinks_for_who_wants_less_motion(ben: User, open_as: OpenAs) -> None:
    script = (
        "[...document.querySelectorAll('.lamp')].filter((l) => l.getAnimations().length).length"
    )
    for motion, blinks in (("reduce", False), ("no-preference", True)):
        page = open_as("ben", "/help/leds/", reduced_motion=motion)
        assert bool(page.evaluate(script)) is blinks
