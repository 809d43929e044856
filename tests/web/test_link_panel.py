import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from backplane.live.pages.link_panel import LinkPanel, panel_of
from backplane.people.scopes import phone_may
from backplane.slots.firmware_notice import shipped_version
from backplane.slots.link_health import (
    KEPT_FOR,
    BoardStart,
    LinkHealth,
    LinkHealthStore,
    LinkSample,
    store,
)
from backplane.slots.models import Chassis

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def sample(ago_s: float, **known: Any) -> LinkSample:  # noqa: ANN401  (fields of LinkSample)
    known = {"is_up": True, "round_trip_ms": 1.0, "clock_offset_ms": 5.0, **known}
    return LinkSample(NOW - timedelta(seconds=ago_s), **known)


def panel(*samples: LinkSample, start: BoardStart | None = None) -> LinkPanel:
    return panel_of(LinkHealth(samples, start), NOW)


def row(shown: LinkPanel, label: str) -> tuple[str, str]:
    return next((value, why) for name, value, why in shown.rows if name == label)


def test_what_nobody_has_heard_is_not_known_and_never_zero() -> None:
    shown = panel()
    assert {value for _, value, _ in shown.rows} == {"not known"}
    assert (shown.trips, shown.bars, shown.is_known) == ((), (), False)
    assert shown.sentence == "This program has not heard this link in the last 10 minutes."


def test_counters_are_the_newest_and_bad_frames_are_bars_where_they_came() -> None:
    shown = panel(sample(10, good=100, bad=2), sample(5, good=1200, bad=9), sample(0, good=1300, bad=9, lost=4, resent=3, sessions=2))  # fmt: skip
    assert row(shown, "Good frames")[0] == "1,300"
    assert [row(shown, label)[0] for label in ("Bad frames", "Lost frames", "Sent again")] == ["9", "4", "3"]  # fmt: skip
    (bar,) = shown.bars
    assert (bar.height, bar.y) == (40, 0)  # seven are the most there were: the whole height
    assert shown.bar_top == "7 frames"
    assert shown.sentence == "Last 10 minutes: round trip at most 1.0 ms, 7 bad frames."


def test_a_hole_in_the_samples_is_a_hole_in_the_line_and_no_bar_stands_in_it() -> None:
    shown = panel(sample(100, bad=0), sample(95, bad=0), sample(50, bad=80), sample(45, bad=80))
    assert len(shown.trips) == 2
    assert shown.bars == ()


def test_a_link_that_is_down_has_no_round_trip_and_no_clock_now() -> None:
    down = sample(0, is_up=False, round_trip_ms=None, clock_offset_ms=None, good=50)
    shown = panel(sample(10), sample(5), down)
    assert row(shown, "Round trip") == ("not known", "1.0 to 1.0 ms")
    assert row(shown, "Board's clock")[0] == "not known"
    assert row(shown, "Good frames")[0] == "50"
    assert shown.sentence == (
        "The link is not up now. Last 10 minutes: round trip at most 1.0 ms, no bad frame, lost 1 time."
    )


def test_a_link_of_which_nothing_was_heard_lately_is_not_told_to_be_up() -> None:
    shown = panel(sample(130), sample(125, good=50), sample(120, good=60))
    assert row(shown, "Round trip") == ("not known", "1.0 to 1.0 ms")
    assert row(shown, "Board's clock")[0] == "not known"
    assert row(shown, "Good frames")[0] == "60"
    assert shown.sentence.startswith("The link is not up now. Last 10 minutes:")
    assert not panel(sample(10), sample(5), sample(0)).sentence.startswith("The link is not up")


def test_the_clock_is_compared_within_one_life_of_the_board() -> None:
    other = sample(120, boot=1, clock_offset_ms=9_000_000.0)
    shown = panel(other, sample(60, boot=2, clock_offset_ms=10.0), sample(0, boot=2, clock_offset_ms=9.4))  # fmt: skip
    assert row(shown, "Board's clock") == ("0.6 ms behind", "against ours, in 1 min")
    assert row(panel(other, sample(0, boot=2)), "Board's clock")[0] == "not known yet"


@pytest.mark.parametrize(
    ("cause", "words"), [(1, "power on"), (3, "watchdog"), (5, "soft reset"), (77, "cause 77")]
)
def test_the_last_reset_is_told_in_words(cause: int, words: str) -> None:
    shown = panel(sample(0), start=BoardStart(cause, 4, NOW - timedelta(hours=3, minutes=12)))
    value, why = row(shown, "Last reset")
    assert value.startswith(words)
    assert why == "3 h 12 min ago"


def test_the_store_keeps_ten_minutes_in_steps_of_five_seconds_and_the_slowest_trip_of_each() -> (
    None
):
    kept = LinkHealthStore()
    for ago in range(1200, -1, -1):
        kept.put(7, sample(ago, round_trip_ms=30.0 if ago == 8 else 1.0))
    health = kept.of(7, NOW)
    assert 115 <= len(health.samples) <= 122
    assert all(NOW - one.at <= KEPT_FOR for one in health.samples)
    assert health.samples[-1].at == NOW
    assert max(one.round_trip_ms or 0 for one in health.samples[-4:]) == 30.0
    assert kept.of(8, NOW) == LinkHealth()


@pytest.mark.django_db
def test_the_chassis_page_has_the_panel_and_its_part_is_the_same(
    viewer: Client, demo: Chassis
) -> None:
    now = datetime.now(UTC)
    store.note_start(demo.pk, BoardStart(3, 9, now))
    for ago in (5, 0):
        store.put(demo.pk, LinkSample(now - timedelta(seconds=ago), is_up=True, good=4321, bad=2, round_trip_ms=1.25, clock_offset_ms=3.0))  # fmt: skip
    page = viewer.get("/c/demo/").content.decode()
    part = viewer.get("/c/DEMO/link/").content.decode()
    for said in ("4,321", "1.2 ms", "watchdog: the firmware hung", "<polyline"):
        assert said in page.partition('id="link"')[2]
        assert said in part
    assert viewer.get("/c/nothing/link/").status_code == 404


@pytest.mark.django_db
def test_a_phone_for_swaps_reaches_the_parts_that_the_chassis_page_fetches_anew(
    viewer: Client, demo: Chassis
) -> None:
    page = viewer.get("/c/demo/").content.decode()
    parts = re.findall(r'data-(?:budget|link-health)="([^"]+)"', page)
    assert len(parts) == 2
    for path in parts:
        assert phone_may("GET", path, is_swap_only=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("running", "caps", "words"),
    [
        ("", 8, "the board tells no version"),
        ("0.0.1", 8, "Firmware update available"),
        ("0.0.1", 8, "python manage.py update_firmware --chassis demo"),
        ("0.0.1", 0, "python manage.py install_firmware --port PORT --board twin-6"),
        (shipped_version(), 8, "the one of this program"),
        ("99.0", 8, "newer than this program"),
    ],
)
def test_the_panel_says_which_firmware_runs_and_whether_there_is_a_newer_one(
    running: str, caps: int, words: str, viewer: Client
) -> None:
    Chassis.objects.create(
        slug="demo", board_id="b1", board_name="twin-6", caps=caps, firmware_version=running
    )
    page = viewer.get("/c/demo/link/").content.decode()
    assert words in re.sub("</?span>", "", page)
    assert ("update available" in page) == (running == "0.0.1")
