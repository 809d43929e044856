"""The mapping and the mode: what is stored is right, and what is written reads back the same."""

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from backplane.inventory import setup
from backplane.inventory.mapping import MappingError, mapping_from_toml
from backplane.inventory.models import Mode

FULL = """
tag = "ours"
[place]
site = "Home \\"lab\\""
rack = "A"
[types.modules]
"Raspberry Pi 5 8GB" = "Raspberry Pi 5"
[chassis.a12]
position = 12
face = "rear"
"""


def test_a_mapping_reads_back_as_the_same() -> None:
    mapping = mapping_from_toml(FULL)
    assert mapping_from_toml(setup.mapping_to_toml(mapping)) == mapping
    assert setup.mapping_to_toml(mapping_from_toml("")) == ""


def test_boxes_become_a_file() -> None:
    text = setup.rows_to_toml(
        {"place.site": "Home", "chassis.a12.position": "7", "place.rack": "A"}
    )
    mapping = mapping_from_toml(text)
    assert (mapping.place.site, mapping.of("a12").position) == ("Home", 7)


@pytest.mark.django_db
def test_nothing_happens_by_itself_until_somebody_says_so() -> None:
    assert setup.current_mode() is Mode.PLAN
    assert setup.current_mapping() == mapping_from_toml("")


@pytest.mark.django_db
def test_what_is_stored_was_read_without_a_mistake() -> None:
    setup.store(FULL, Mode.SAFE, "ana", timezone.now())
    with pytest.raises(MappingError):
        setup.store("[place]\nsight = 'x'", Mode.ALL, "ben", timezone.now())
    assert (setup.current_mode(), setup.current().changed_by) == (Mode.SAFE, "ana")
    setup.store(None, Mode.OFF, "ben", timezone.now())
    assert setup.current_mapping().tag == "ours"


@pytest.mark.django_db
def test_a_file_comes_before_the_page(settings: Settings, tmp_path: Path) -> None:
    setup.store(FULL, Mode.PLAN, "ana", timezone.now())
    settings.NETBOX_MAPPING = str(tmp_path / "mapping.toml")
    with pytest.raises(MappingError, match="cannot be read"):
        setup.current_mapping()
    (tmp_path / "mapping.toml").write_text('tag = "theirs"')
    assert setup.current_mapping().tag == "theirs"
    assert setup.comes_from_file()
