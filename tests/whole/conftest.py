"""A whole rack in virtual time: firmware, link, bridge, services and database, all real."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.whole_rack import WholeRack, tell_virtual_time

NewRack = Callable[..., WholeRack]


@pytest.fixture
def new_rack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[NewRack]:
    """Build racks; the bridge reads the clock of the newest. All are struck at the end."""
    racks: list[WholeRack] = []
    tell_virtual_time(monkeypatch, lambda: racks[-1].now)

    def make(*, kind: type[WholeRack] = WholeRack, **options: Any) -> WholeRack:  # noqa: ANN401  (those of WholeRack)
        rack = kind.__new__(kind)
        racks.append(rack)  # its clock is read while it is being built
        rack.__init__(tmp_path, **options)  # type: ignore[misc]  # see above
        rack.wait_until_seen()
        return rack

    yield make
    for rack in racks:
        rack.strike()
