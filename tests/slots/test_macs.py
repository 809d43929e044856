import pytest

from backplane.slots.macs import known_macs, mac_digits, mac_of, macs_of

KEPT = "dc:a6:32:01:0a:ff"


@pytest.mark.parametrize(
    "spelling",
    [
        "dc:a6:32:01:0a:ff",
        "DC-A6-32-01-0A-FF",
        "dca6.3201.0aff",
        "dca632010aff",
        "DCA632-010AFF",
        "dc a6 32 01 0a ff",
        " dc:a6:32:1:a:ff ",
    ],
)
def test_any_spelling_is_kept_as_one(spelling: str) -> None:
    assert mac_of(spelling) == KEPT
    assert macs_of(spelling) == [KEPT]


@pytest.mark.parametrize(
    "text", ["", "dc:a6:32:01:0a", "dc:a6-32:01:0a:ff", "web-03", "dc:a6:32:01:0a:fg", KEPT + ":00"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no MAC address"):
        mac_of(text)


@pytest.mark.parametrize("text", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"])
def test_addresses_of_nobody_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the address of one board"):
        mac_of(text)


def test_a_list_keeps_each_address_once_in_order() -> None:
    other = "dc:a6:32:01:0b:00"
    assert macs_of(f"{other}, {KEPT.upper()};{other}\n") == [other, KEPT]
    assert macs_of(f"{other} {KEPT}") == [other, KEPT]
    assert macs_of("") == []
    assert known_macs("not one") == []


def test_a_scrap_is_looked_for_by_its_digits() -> None:
    assert mac_digits("A6-32") == "a632"
    assert mac_digits("dca6.32") == "dca632"
    assert mac_digits("web-03") == ""
