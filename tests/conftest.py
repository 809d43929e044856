"""Which tests are pure, and which must stay in one process when several share the work."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

HERE: Final = Path(__file__).parent
_MARKS_OF_OTHERS: Final = ("live", "e2e", "django_db", "long")
_DATABASES: Final = {"db", "transactional_db", "django_db_setup"}
_LAB: Final = HERE / "e2e"  # one app and one rack serve them all
_SPREAD: Final = HERE / "whole"  # each test builds its own rack, and some take long

# An example that took long on a busy machine says nothing of the code: no deadline anywhere.
settings.register_profile("untimed", deadline=None)
settings.register_profile(
    "fast", deadline=None, max_examples=20
)  # pytest --hypothesis-profile=fast
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `pure` what is quick and needs no database, process, clock or browser; keep a file's tests together."""
    for item in items:
        if _is_pure(item):
            item.add_marker(pytest.mark.pure)
        if _SPREAD not in item.path.parents:
            is_of_lab = _LAB in item.path.parents
            item.add_marker(pytest.mark.xdist_group(str(_LAB if is_of_lab else item.path)))


def _is_pure(item: pytest.Item) -> bool:
    needs_database = _DATABASES & set(getattr(item, "fixturenames", ()))
    return not needs_database and not any(
        item.get_closest_marker(name) for name in _MARKS_OF_OTHERS
    )
