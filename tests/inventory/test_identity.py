import pytest

from backplane.inventory.fields import BP_UID, changed_fields, home_fields
from backplane.inventory.identity import Identities, same_mac, serial_of, shared_keys
from backplane.inventory.records import Kind, NbDevice, Owner, Ref
from tests.support.rack_and_record import pi

UID = NbDevice(1, bp_uid="u001")
TAGGED = NbDevice(2, asset_tag="T-1")
SERIAL = NbDevice(3, serial=" 10000000BEEF0001 ")


@pytest.mark.parametrize(
    ("devices", "found", "by"),
    [
        ((UID,), UID, "bp_uid"),
        ((TAGGED,), TAGGED, "asset_tag"),
        ((SERIAL,), SERIAL, "serial"),
        ((NbDevice(4, name="pi-001", bp_slot="a12/slot01"),), None, ""),
        ((NbDevice(5, asset_tag="t-1"),), None, ""),
    ],
)
def test_a_module_is_found_by_its_keys_and_never_by_name_or_slot(
    devices: tuple[NbDevice, ...], found: NbDevice | None, by: str
) -> None:
    match = Identities(devices).find(pi(1, asset_tag="T-1"))
    assert (match.device, match.by, match.rivals) == (found, by, ())


@pytest.mark.parametrize(
    "devices",
    [
        (SERIAL, NbDevice(4, serial="10000000beef0001")),
        (UID, TAGGED),
        (NbDevice(6, serial="10000000beef0001", bp_uid="another"),),
    ],
)
def test_what_could_be_two_or_is_anothers_is_nobodys(devices: tuple[NbDevice, ...]) -> None:
    match = Identities(devices).find(pi(1, asset_tag="T-1"))
    assert match.device is None
    assert match.rivals == tuple(sorted(devices, key=lambda one: one.id))


@pytest.mark.parametrize(
    "dummy",
    [
        "",
        " ",
        "0",
        "0000000000000000",
        "FFFF-FFFF",
        "0123456789",
        "To Be Filled By O.E.M.",
        "Default string",
        "N/A",
        "None",
        "System Serial Number",
    ],
)
def test_a_dummy_serial_matches_nothing(dummy: str) -> None:
    assert serial_of(dummy) == ""
    twins = (NbDevice(1, serial=dummy), NbDevice(2, serial=dummy))
    assert Identities(twins).find(pi(1, serial=dummy)).rivals == ()


def test_a_serial_is_compared_without_case_and_blanks() -> None:
    assert serial_of(" 10000000BEEF0001\n") == "10000000beef0001"


@pytest.mark.parametrize(
    "spelling", ["DC:A6:32:01:02:0F", "dc-a6-32-1-2-f", "dca6.3201.020f", "DCA63201020F"]
)
def test_an_address_is_the_same_in_any_spelling(spelling: str) -> None:
    assert same_mac(spelling) == "dc:a6:32:01:02:0f"


def test_modules_of_ours_that_share_a_key_are_named() -> None:
    shared = shared_keys((pi(1), pi(2, serial="10000000BEEF0001"), pi(3)))
    assert shared == dict.fromkeys(("u001", "u002"), "serial 10000000beef0001")


def test_a_field_that_netbox_has_is_kept_where_ours_only_counts_first() -> None:
    assert changed_fields((("asset_tag", "THEIRS", "OURS"), (BP_UID, "", "u1"))) == changed_fields(
        ((BP_UID, "", "u1"),)
    )


def test_a_field_that_is_a_persons_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        changed_fields((("role", "a", "b"),))
    assert home_fields((("role", "a", "b"),))[0].owner is Owner.NETBOX


def test_nothing_and_empty_are_the_same_and_references_compare_by_id() -> None:
    site = Ref(Kind.SITE, "site:home", 3)
    assert (
        changed_fields((("serial", "", None), ("site", site, Ref(Kind.SITE, "site:#3", 3)))) == ()
    )
    assert changed_fields((("site", site, Ref(Kind.SITE, "site:new")),))
