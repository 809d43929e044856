"""CSV in and out: every row has one fate, nothing is written before the second step, nothing runs in a spreadsheet."""

import csv
import io

import pytest
from django.utils import timezone

from backplane.inventory import csv_import
from backplane.inventory.csv_import import ChangedSincePreviewError, Fate
from backplane.inventory.csv_text import (
    MOST_BYTES,
    UnreadableFileError,
    escaped,
    plain,
    read_table,
)
from backplane.slots.models import Module

KNOWN = "dc:a6:32:00:00:01"


@pytest.fixture
def web(db: None) -> Module:
    return Module.objects.create(name="web-01", serial="9f31", asset_tag="T-1", macs=[KNOWN])


def fates(text: str) -> list[tuple[Fate, str]]:
    return [(row.fate, row.why) for row in csv_import.preview(text.encode()).fates]


def test_each_row_has_its_fate_and_nothing_is_written(web: Module) -> None:
    text = (
        "serial,name,mac,status\n9f31,web-01,DC-A6-32-00-00-01,active\n9f31x,web-02,dca632000002,spare\n"
        "7c11,db,not a mac,active\n"
    )
    shown = csv_import.preview(text.encode())
    assert [row.fate for row in shown.fates] == [Fate.SAME, Fate.NEW, Fate.REFUSED]
    assert [row.line for row in shown.fates] == [2, 3, 4]
    assert shown.fates[2].why == "macs: 'not' is no MAC address."
    assert shown.counts == {"new": 1, "change": 0, "same": 1, "refused": 1}
    assert Module.objects.count() == 1


def test_a_change_is_told_field_by_field(web: Module) -> None:
    text = f"uid,name,owner,purchased_on,note\n{web.uid},web-09,Ana,2026-01-31,\n"
    (row,) = csv_import.preview(text.encode()).fates
    assert row.fate is Fate.CHANGE
    assert row.label == "web-01"
    assert row.changes == (
        ("name", "web-01", "web-09"),
        ("owner", "", "Ana"),
        ("purchased_on", "", "2026-01-31"),
    )


def test_confirming_writes_what_was_shown_and_a_second_time_nothing(web: Module) -> None:
    data = b"asset_tag,owner\nT-1,Ana\nT-2,Ben\n"
    shown = csv_import.preview(data)
    assert csv_import.apply(data, shown.mark, timezone.now()).writes == 2
    web.refresh_from_db()
    assert (web.owner, web.name) == ("Ana", "web-01")
    assert Module.objects.get(asset_tag="T-2").owner == "Ben"
    assert csv_import.preview(data).counts["same"] == 2


def test_what_changed_since_the_preview_is_not_written(web: Module) -> None:
    data = b"asset_tag,owner\nT-1,Ana\n"
    mark = csv_import.preview(data).mark
    Module.objects.update(owner="Zoe")
    with pytest.raises(ChangedSincePreviewError):
        csv_import.apply(data, mark, timezone.now())
    assert Module.objects.get().owner == "Zoe"


def test_the_plain_list_of_a_small_cluster(web: Module) -> None:
    text = "web-01,10.0.0.11,dc:a6:32:00:00:01\n# spare\nweb-02,10.0.0.12,DC:A6:32:00:00:02\n"
    shown = csv_import.preview(text.encode())
    assert [(row.fate, row.label) for row in shown.fates] == [
        (Fate.CHANGE, "web-01"),
        (Fate.NEW, "web-02"),
    ]
    assert shown.fates[0].changes == (("address", "", "10.0.0.11"),)


def test_a_name_alone_finds_a_module_of_which_no_more_is_known(web: Module) -> None:
    Module.objects.create(name="web-02")
    assert fates("web-02,10.0.0.12,dc:a6:32:00:00:02\n") == [(Fate.CHANGE, "")]
    assert fates("web-01,10.0.0.11,dc:a6:32:00:00:09\n") == [
        (Fate.REFUSED, "web-01 has this name, and another MAC.")
    ]


def test_rows_that_contradict_are_refused(web: Module) -> None:
    Module.objects.create(name="db", serial="77")
    assert fates("serial,asset_tag\n77,T-1\n") == [
        (Fate.REFUSED, "The asset tag is web-01's and the serial is db's.")
    ]
    assert fates("serial,owner\n77,Ana\n77,Ben\n")[1] == (
        Fate.REFUSED,
        "Line 2 has the same serial.",
    )
    Module.objects.create(name="twin", serial="77")
    assert fates("serial\n77\n") == [
        (Fate.REFUSED, "2 modules have this serial. Say which by its number.")
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("9f31,borrowed,", "'borrowed' is no status"),
        ("9f31,,31.1.2026", "is no day. Write it as 2026-11-20."),
        ("x" * 65 + ",,", "at most 64 characters"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_reason(web: Module, row: str, why: str) -> None:
    ((fate, reason),) = fates(f"serial,status,purchased_on\n{row}\n")
    assert fate is Fate.REFUSED
    assert why in reason


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no rows"),
        (b"colour,size\nred,1\n", "No column tells the modules apart"),
        (b"name,hostname\na,b\n", "there twice"),
        (b"name\n\xff\xfe\n", "no UTF-8"),
        (b"name\n\0\n", "no text"),
        (b"n" * (MOST_BYTES + 1), "larger than"),
        (b"name\n" + b"a\n" * 5001, "more than 5000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        read_table(data)


def test_columns_that_mean_nothing_are_named() -> None:
    table = read_table("\ufeffHostname;Colour;MAC address\nweb;red;x\n".encode())
    assert (table.columns, table.rows) == (("name", "macs"), (("web", "x"),))
    assert table.unread == ("Colour",)


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "plain", "'quoted"])
def test_no_cell_runs_and_each_comes_back(cell: str) -> None:
    assert not escaped(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(escaped(cell)) in (cell, cell.strip())


def test_what_is_exported_comes_back_the_same(web: Module) -> None:
    Module.objects.create(
        name="=cmd|' /C calc'!A0", note='two, and "three"', macs=[KNOWN[:-1] + "2"]
    )
    text = csv_import.export_modules()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["uid", "asset_tag", "name"]
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert csv_import.preview(text.encode()).counts["same"] == 2
