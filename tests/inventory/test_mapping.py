import pytest

from backplane.inventory.mapping import (
    ChassisMapping,
    Mapping,
    MappingError,
    mapping_from_rows,
    mapping_from_toml,
    slug_of,
)

TOML = """
tag = "bp"

[place]
site = "Home"
rack = "R1"

[types]
manufacturer = "Raspberry Pi"
[types.modules]
"CM4.1" = "Compute Module 4"

[names]
bay = "bay-{number}"

[chassis.a12]
position = 12
rack = "R2"
"""
ROWS = (
    ("tag", "bp"),
    ("place.site", "Home"),
    ("place.rack", " R1 "),
    ("types.manufacturer", "Raspberry Pi"),
    ("types.modules.CM4.1", "Compute Module 4"),
    ("names.bay", "bay-{number}"),
    ("chassis.a12.position", "12"),
    ("chassis.a12.rack", "R2"),
    ("chassis.a12.face", ""),
)


def test_a_file_and_the_settings_rows_say_the_same() -> None:
    assert mapping_from_toml(TOML) == mapping_from_rows(ROWS)


def test_nothing_said_is_the_default() -> None:
    assert mapping_from_toml("") == mapping_from_rows(()) == Mapping()


def test_what_a_chassis_does_not_say_holds_as_everywhere() -> None:
    mapping = mapping_from_toml(TOML)
    a12 = mapping.of("a12")
    assert (a12.site, a12.rack, a12.position, a12.role) == ("Home", "R2", 12, "Backplane")
    assert mapping.of("other") == ChassisMapping(
        site="Home", rack="R1", role="Backplane", type="Backplane {slots}"
    )


def test_models_are_renamed_without_regard_to_case() -> None:
    types = mapping_from_toml(TOML).types
    assert types.model_of("cm4.1 ") == "Compute Module 4"
    assert types.model_of("Raspberry Pi 5") == "Raspberry Pi 5"
    assert types.model_of("") == types.default


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tag = 'Our Tag'", "tag: must be a slug"),
        ("tag = 5", "tag: must be text, not 5."),
        ("[plcae]\nsite = 'x'", "plcae: is no setting. Did you mean place?"),
        ("[place]\nsiet = 'x'", "place.siet: is no setting. Did you mean place.site?"),
        ("place = 'Home'", "place: must be a table, not 'Home'."),
        (
            "[chassis.a]\nrack='R'\nposition = 0",
            "chassis.a.position: must be a whole number from 1",
        ),
        ("[chassis.a]\nposition = 3", "chassis.a.position: needs a rack."),
        ("[chassis.a]\nface = 'top'", "chassis.a.face: must be front or rear, not 'top'."),
        ("[statuses]\nrunning = 'on'", "statuses.running: NetBox has no status 'on'."),
        ("[statuses]\noff = 'inventory'", "statuses.pulled: 'inventory' may not stand for another"),
        ("[names]\nmodule = 'pi-{slot}'", "names.module: must not hold the slot"),
        ("[names]\nmodule = 'pi'", "names.module: must hold {name}, {serial}"),
        ("[names]\nbay = 'slot'", "names.bay: must hold {number}"),
        ("[names]\nbay = '{number:zz}'", "names.bay: '{number:zz}' does not work"),
        ("[names]\nbay = '{number'", "names.bay: must hold {number}"),
        ("[names]\ninterface = ''", "names.interface: must not be empty."),
        ("[place]\nspares = ''", "place.spares: must not be empty"),
        (
            "[chassis.a]\nnetbox_id=7\n[chassis.b]\nnetbox_id=7",
            "chassis: two of them name NetBox's",
        ),
        ("[place", "The file is not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_key(text: str, problem: str) -> None:
    with pytest.raises(MappingError) as told:
        mapping_from_toml(text)
    assert told.value.problems[0].startswith(problem)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(MappingError) as told:
        mapping_from_rows((("chassis.a.position", "high"), ("names.bya", "x")))
    assert len(told.value.problems) == 2


def test_slugs_are_netboxs() -> None:
    assert slug_of("  Raspberry Pi 5 (8 GB) ") == "raspberry-pi-5-8-gb"
