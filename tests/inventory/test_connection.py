"""The connection test names what is missing, and writes nothing."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from backplane.inventory.connection import try_connection
from backplane.inventory.netbox.client import Ask
from backplane.inventory.netbox.errors import NetBoxForbidden, NetBoxUnavailable
from backplane.inventory.netbox.verdict import permission_of


@dataclass
class FakeNetBox:
    """Answers by permissions: a path in `hidden` may not be read, one in `frozen` not be written."""

    version: str = "4.6.8"
    takes_guards: bool = True
    hidden: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    down_at: str = ""
    asked: list[Ask] = field(default_factory=list)

    def status(self) -> dict[str, Any]:
        return {"netbox-version": self.version}

    def call(self, ask: Ask) -> Any:  # noqa: ANN401  (whatever JSON holds)
        self.asked.append(ask)
        if ask.path == self.down_at:
            raise NetBoxUnavailable("no answer in 5 s")
        if ask.path in self.hidden:
            raise NetBoxForbidden("no", permission_of(ask.method, ask.path))
        if ask.method == "OPTIONS":
            return {"actions": {} if ask.path in self.frozen else {"POST": {}, "PUT": {}}}
        return {"count": 0, "results": [], "next": None}


def test_a_good_token_is_told_so_and_nothing_is_written() -> None:
    netbox = FakeNetBox()
    report = try_connection(netbox)
    assert report.is_good
    assert report.lines[-1] == "It may read and write all that a sync needs."
    assert {ask.method for ask in netbox.asked} == {"GET", "OPTIONS"}


def test_exactly_the_missing_permissions_are_named() -> None:
    netbox = FakeNetBox(hidden={"dcim/interfaces"}, frozen={"dcim/device-bays", "extras/tags"})
    report = try_connection(netbox)
    assert set(report.missing) == {
        "dcim.view_interface",
        "dcim.add_devicebay",
        "dcim.change_devicebay",
    }
    assert report.missing_for_bootstrap == ("extras.add_tag",)
    assert not report.is_good
    assert "The token lacks the permission dcim.change_devicebay." in report.lines


def test_an_old_netbox_gets_plans_only() -> None:
    report = try_connection(FakeNetBox(version="4.3.1", takes_guards=False))
    assert not report.is_good
    assert any("needs NetBox 4.6" in line for line in report.lines)


@pytest.mark.parametrize("path", ["core/object-changes", "extras/tags"])
def test_one_that_stops_answering_ends_the_test(path: str) -> None:
    report = try_connection(FakeNetBox(down_at=path))
    assert len(report.lines) == 1
    assert "does not answer" in report.lines[0]
