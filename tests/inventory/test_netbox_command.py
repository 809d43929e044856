"""`manage.py netbox` as cron runs it: exit codes, JSON, and what each verb says."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from backplane.inventory import setup
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import SyncPlan
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings():
            yield rack


def _run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("netbox", *words, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_plan_apply_and_plan_again(rack: SyncedRack) -> None:
    code, text = _run("plan")
    assert code == 3
    assert "+ tag backplane-sync: name backplane-sync, slug backplane-sync (NetBox does not" in text
    assert "unique no" in text
    assert json.loads(_run("status", "--json")[1])["netbox_version"] == "4.6"
    number = str(SyncPlan.objects.get().pk)
    assert _run("apply", number)[0] == 0
    assert rack.netbox_says() == rack.we_say()
    assert _run("plan") == (0, "NetBox and the rack agree.\n")
    code, text = _run("apply", number)
    assert code == 1
    assert "applied before" in text


def test_json_holds_every_row(rack: SyncedRack) -> None:
    code, text = _run("plan", "--json")
    report = json.loads(text)
    assert code == 3
    assert report["differences"] == len(report["rows"]) > 40
    assert {"key", "label", "why", "changes"} <= set(report["rows"][0])


def test_check_names_exactly_what_is_missing(rack: SyncedRack) -> None:
    rack.double.is_held_to_schema = False  # it asks to make nothing, which is refused where it may
    assert _run("check")[0] == 0
    rack.double.tokens.denied |= {("change", "dcim.devicebay"), ("view", "core.objectchange")}
    code, text = _run("check")
    assert code == 1
    assert "dcim.change_devicebay" in text
    assert "dcim.add_device" not in text
    assert not rack.double.changelog


def test_check_tells_of_a_token_that_may_only_read(rack: SyncedRack) -> None:
    rack.double.is_held_to_schema = False  # it asks to make nothing
    rack.double.tokens.read_only.add(rack.double.token)
    code, text = _run("check")
    assert code == 1
    assert "write enabled" in text
    rack.double.tokens.read_only.clear()
    rack.double.tokens.denied.add(("add", "dcim.device"))
    assert "write enabled" not in _run("check")[1]


def test_check_says_what_is_wrong_with_the_token(rack: SyncedRack) -> None:
    rack.double.tokens.known.clear()
    code, text = _run("check")
    assert code == 1
    assert "NETBOX_TOKEN" in text


def test_bootstrap_shows_first_and_makes_only_that(rack: SyncedRack) -> None:
    code, text = _run("bootstrap")
    assert code == 3
    assert "tag backplane-sync" in text
    assert rack.double.changelog == []
    assert _run("bootstrap", "--apply")[0] == 0
    assert rack.double.rows("extras/tags", slug="backplane-sync")
    assert rack.double.rows("dcim/devices") == []
    assert _run("bootstrap")[0] == 0


def test_bootstrap_says_why_it_cannot_tell_what_is_needed(rack: SyncedRack) -> None:
    setup.store_mapping(mapping_from_rows(()))
    code, text = _run("bootstrap")
    assert code == 4
    assert "does not say in which site it stands" in text
    assert "all that is needed" not in text


def test_status_asks_nobody(rack: SyncedRack) -> None:
    code, text = _run("status", "--json")
    assert code == 0
    assert json.loads(text)["mode"] == "plan"
    assert rack.double.requests == []


def test_types_are_exported_as_files(rack: SyncedRack, tmp_path: Path) -> None:
    assert _run("export-types", str(tmp_path))[0] == 0
    assert list(tmp_path.rglob("*.yaml"))


@pytest.mark.parametrize("verb", ["check", "plan", "apply"])
def test_without_a_netbox_it_says_what_to_set(verb: str) -> None:
    code, text = _run(verb)
    assert code == 1
    assert "NETBOX_URL" in text


def test_a_netbox_that_is_away_is_told(rack: SyncedRack) -> None:
    rack.double.fail(at=1, how="502-html")
    code, text = _run("plan")
    assert code == 1
    assert "does not answer" in text
