import pytest

from backplane.inventory.compare import Match, Place, match_of


@pytest.mark.parametrize(
    ("place", "match", "differs"),
    [
        (Place(1, 1, True, True), Match.SAME, False),
        (Place(1, 1, None, True), Match.SAME, False),
        (Place(1, 2, True, True), Match.OTHER, True),
        (Place(1, None, False, True), Match.MISSING, True),
        (Place(1, 1, False, True), Match.MISSING, True),
        (Place(1, None, True, True), Match.NOT_IDENTIFIED, False),
        (Place(None, 2, True, True), Match.NO_PLAN, False),
        (Place(1, 2, True, False), Match.NOT_KNOWN, False),
        (Place(1, None, None, False), Match.NOT_KNOWN, False),
    ],
)
def test_only_what_is_seen_differs(place: Place, match: Match, differs: bool) -> None:
    assert match_of(place) is match
    assert match.is_difference is differs
    assert match.word
    assert match.sign
