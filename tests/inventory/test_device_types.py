"""Device types as NetBox's library wants them: a bay per slot, parents and children of height 0."""

from pathlib import Path

import pytest
import yaml

from backplane.inventory.device_types import PI_MODELS, TypeNames, slug_of, type_files
from backplane.inventory.mapping import Mapping
from backplane.inventory.type_export import all_type_files, write_type_files
from backplane.slots.boards import load_profile
from backplane.slots.models import Module

TEN = load_profile("reference-10", 10)
_KEYS = {  # what the library's schema allows at the top
    *("manufacturer", "model", "slug", "u_height", "is_full_depth", "subdevice_role", "comments"),
    *("power-ports", "device-bays", "interfaces", "console-ports"),
}


def said_by(text: str) -> dict[str, object]:
    said = yaml.safe_load(text)
    assert isinstance(said, dict)
    return said


def test_a_chassis_is_a_parent_with_a_bay_per_slot() -> None:
    (file,) = type_files([TEN], [], TypeNames())
    assert file.path == "Backplane/backplane-10.yaml"
    said = said_by(file.text)
    assert said["subdevice_role"] == "parent"
    assert said["u_height"] == 3
    bays = said["device-bays"]
    assert isinstance(bays, list)
    assert bays[0] == {"name": "slot01", "label": "1"}
    assert [bay["name"] for bay in bays] == sorted(bay["name"] for bay in bays)
    assert len(bays) == 10


@pytest.mark.parametrize("model", PI_MODELS)
def test_a_pi_is_a_child_of_height_0(model: str) -> None:
    (file,) = type_files([], [model], TypeNames())
    said = said_by(file.text)
    assert (said["subdevice_role"], said["u_height"], said["model"]) == ("child", 0, model)
    assert "device-bays" not in said
    assert said.keys() <= _KEYS
    assert file.text.startswith("---\n")


def test_slugs_hold_the_manufacturer_once() -> None:
    assert slug_of("Raspberry Pi", "Raspberry Pi 5") == "raspberry-pi-5"
    assert slug_of("Raspberry Pi", "Raspberry Pi 3 Model B+") == "raspberry-pi-3-model-b-plus"
    assert slug_of("Acme", "Backplane 10") == "acme-backplane-10"


def test_the_mapping_decides_the_names() -> None:
    names = TypeNames(chassis="Crate {slots}", bay="bay{number}", bay_label="B{number}")
    said = said_by(type_files([TEN], [], names)[0].text)
    assert said["model"] == "Crate 10"
    assert said["device-bays"] == [{"name": f"bay{n}", "label": f"B{n}"} for n in range(1, 11)]


@pytest.mark.django_db
def test_every_board_and_every_model_seen_is_written(tmp_path: Path) -> None:
    Module.objects.create(name="odd", model="Odd Board 3")
    files = all_type_files(Mapping())
    paths = write_type_files(files, tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in paths}
    assert {
        "Backplane/backplane-10.yaml",
        "Raspberry Pi/raspberry-pi-5.yaml",
        "Raspberry Pi/raspberry-pi-odd-board-3.yaml",
    } <= names
    assert all(said_by(path.read_text()).keys() <= _KEYS for path in paths)
    assert [file.path for file in files] == sorted(file.path for file in files)
