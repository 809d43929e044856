"""How carriers' identities are shown."""

import pytest

from backplane.slots.identities import carrier_text


@pytest.mark.parametrize(
    ("uid", "shown"),
    [
        (b"BPC-972A-07".hex(), "BPC-972A-07"),
        ("2d0a1b2c3d4e5f60", "2d0a1b2c3d4e5f60"),  # a DS2401: a number, not letters
        (b"abc".hex(), b"abc".hex()),  # three letters are chance
        (b"with blank".hex(), b"with blank".hex()),
        ("", ""),
        ("not hex", "not hex"),
    ],
)
def test_a_label_is_shown_as_one_and_a_number_as_hex(uid: str, shown: str) -> None:
    assert carrier_text(uid) == shown
