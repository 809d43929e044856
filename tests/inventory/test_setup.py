"""The mapping and the mode: what is stored is right, and what is written reads back the same."""

from pathlib import Path

import pytest
from pytest_django import Settings

from backplane.inventory import setup
from backplane.inventory.mapping import MappingError, mapping_from_rows, mapping_from_toml
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
    assert mapping_from_rows(setup.rows_of(mapping).items()) == mapping
    assert setup.mapping_to_toml(mapping_from_toml("")) == ""
    assert setup.rows_of(mapping_from_toml("")) == {}


@pytest.mark.django_db
def test_nothing_is_written_by_itself_until_somebody_says_so() -> None:
    assert setup.current_mode() is Mode.PLAN
    assert setup.current_mapping() == mapping_from_toml("")


@pytest.mark.django_db
def test_mode_and_mapping_are_stored_each_alone() -> None:
    setup.store_mapping(mapping_from_toml(FULL))
    setup.store_mode(Mode.SAFE)
    assert setup.current_mode() is Mode.SAFE
    assert setup.current_mapping() == mapping_from_toml(FULL)


@pytest.mark.django_db
def test_a_file_comes_before_the_page(settings: Settings, tmp_path: Path) -> None:
    setup.store_mapping(mapping_from_toml(FULL))
    settings.NETBOX_MAPPING = str(tmp_path / "mapping.toml")
    with pytest.raises(MappingError, match="cannot be read"):
        setup.current_mapping()
    (tmp_path / "mapping.toml").write_text('tag = "theirs"')
    assert setup.current_mapping().tag == "theirs"
    assert setup.comes_from_file()
