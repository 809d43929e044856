import pytest

from backplane.inventory.search import Findable, find

WEB = Findable(
    ("module", 1),
    (("Name", "web-03"), ("Serial", "10000000d9f31c07"), ("Asset tag", "T-100"), ("Owner", "Ana")),
    ("dc:a6:32:d9:f3:1c", "dc:a6:32:d9:f3:1d"),
)
DB = Findable(("module", 2), (("Name", "db-01"), ("Serial", "77"), ("Owner", "Ana")))
SLOT = Findable(("slot", 3), (("Slot", "a12-07"), ("Slot", "a12 slot 7")))
ALL = (DB, SLOT, WEB)


@pytest.mark.parametrize(
    ("scrap", "key", "by"),
    [
        ("web-03", 1, "Name"),
        ("WEB", 1, "Name"),
        ("d9f31c07", 1, "Serial"),
        ("t-100", 1, "Asset tag"),
        ("DC-A6-32-D9-F3-1D", 1, "MAC"),
        ("dca6.32d9.f31c", 1, "MAC"),
        ("dc a6 32 d9", 1, "MAC"),
        ("F3:1D", 1, "MAC"),
        ("A12-07", 3, "Slot"),
        ("a12  slot 7", 3, "Slot"),
        ("ana db", 2, "Name"),
    ],
)
def test_any_scrap_finds_it(scrap: str, key: int, by: str) -> None:
    (hit,) = find(scrap, ALL)
    assert (hit.key[1], hit.by) == (key, by)


@pytest.mark.parametrize("scrap", ["", "  ", "nobody", "a6", "web zoe"])
def test_what_fits_nothing_finds_nothing(scrap: str) -> None:
    assert find(scrap, ALL) == []


def test_the_whole_text_comes_before_a_part_of_it() -> None:
    twin = Findable(("module", 9), (("Name", "web-030"),))
    inner = Findable(("module", 8), (("Name", "old-web-03"),))
    assert [hit.key[1] for hit in find("web-03", (inner, twin, WEB))] == [1, 9, 8]
