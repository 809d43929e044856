from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.slots.models import Chassis
from backplane.slots.telemetry import store
from tests.support.swap_bench import SwapBench


@pytest.fixture
def bench(tmp_path: Path, db: None) -> Iterator[SwapBench]:
    yield SwapBench(tmp_path)
    for chassis_id in Chassis.objects.values_list("pk", flat=True):
        store.forget(chassis_id)
