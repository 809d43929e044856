"""Open sockets whose person may no more, and browsers that talk nonsense."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from backplane.live import hub
from backplane.people.models import User
from backplane.people.roles import Role
from tests.support.app_bench import Stage, utc_now
from tests.support.ledger import assert_nothing_is_lost
from tests.support.rack_bench import Rack

pytestmark = pytest.mark.live

NOT_SIGNED_IN, ROLE, UNKNOWN, ACCESS_CHANGED, BAD_MESSAGE = 4401, 4403, 4404, 4409, 4400


def sweep(stage: Stage) -> None:
    """Let the hub look at every session now; it does so once a minute."""
    running = hub.current()
    assert running is not None
    stage.loop.run(running.watch.sweep())


def assert_untouched(stage: Stage, rack: Rack, rails: int) -> None:
    assert_nothing_is_lost(rack)
    assert (rack.rails, rack.switched, rack.orders) == (rails, [], [])
    assert stage.chassis(rack).link_is_up


def test_a_session_that_expires_closes_its_open_socket(stage: Stage) -> None:
    rack = stage.running()
    ana, ben, rails = stage.person("ana", Role.VIEWER), stage.person("ben"), rack.rails
    slug = stage.chassis(rack).slug
    with stage.app.socket(ana, slug) as old, stage.app.socket(ben, slug) as other:
        old.hear("snap")
        other.hear("snap")
        mine = Session.objects.filter(session_key=ana.cookies["sessionid"].value)
        assert mine.update(expire_date=utc_now() - timedelta(seconds=1)) == 1
        sweep(stage)
        assert old.close_code() == NOT_SIGNED_IN
        other.say('{"type": "snap?"}')
        assert other.hear("snap")["chassis"]["slug"] == slug
    assert ana.get(f"/c/{slug}/").status_code == 302  # to the sign-in page
    assert_untouched(stage, rack, rails)


def test_a_role_taken_away_closes_the_open_socket_at_once(stage: Stage) -> None:
    rack = stage.running()
    ana, rails = stage.person("ana"), rack.rails
    with stage.app.socket(ana, stage.chassis(rack).slug) as screen:
        screen.hear("snap")
        person = User.objects.get(username="ana")
        person.role = Role.VIEWER
        person.save()
        assert screen.close_code() == ACCESS_CHANGED
    assert_untouched(stage, rack, rails)


def test_nobody_watches_without_signing_in_or_what_is_not_there(stage: Stage) -> None:
    rack = stage.running()
    stranger, rails = Client(), rack.rails
    stranger.cookies["sessionid"] = "stolen"
    with stage.app.socket(stranger, stage.chassis(rack).slug) as screen:
        assert screen.close_code() == NOT_SIGNED_IN
    with stage.app.socket(stage.person(), "nowhere") as screen:
        assert screen.close_code() == UNKNOWN
    assert_untouched(stage, rack, rails)


def test_nonsense_on_a_socket_is_answered_and_then_ends_it(stage: Stage) -> None:
    rack = stage.running()
    ana, rails = stage.person("ana"), rack.rails
    with stage.app.socket(ana, stage.chassis(rack).slug) as screen:
        screen.hear("snap")
        for nonsense, words in (
            ("{", "not JSON"),
            ("[1]", "not a JSON object"),
            ('{"type": "power_off", "slot": 2}', "Unknown message type"),
        ):
            screen.say(nonsense)
            assert words in screen.hear("error")["message"]
        screen.say('{"type": "snap?"}')
        assert len(screen.hear("snap")["chassis"]["slots"]) == 10
        screen.say("\x00")
        assert screen.close_code() == BAD_MESSAGE
    assert_untouched(stage, rack, rails)


def test_pages_of_unknown_things_are_not_found(stage: Stage) -> None:
    rack = stage.running()
    ana, slug = stage.person("ana"), stage.chassis(rack).slug
    for path in ("/c/nowhere/", f"/c/{slug}/s/0/", f"/c/{slug}/s/11/", f"/c/{slug}/s/99/recent/"):
        assert ana.get(path).status_code == 404, path
