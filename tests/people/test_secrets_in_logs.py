"""Whatever goes wrong around a phone's address, its secret does not come into the log."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

import backplane.settings
from backplane.people.log_lines import LineFormatter
from backplane.people.models.keys import new_secret
from backplane.supervisor.web import make_web_server

SECRET = new_secret()
LOGGING: dict[str, Any] = backplane.settings.LOGGING


@login_not_required
def broken(_request: HttpRequest, secret: str) -> HttpResponse:
    raise RuntimeError(f"cannot show /phone/{secret}/")


urlpatterns = [path("phone/<str:secret>/", broken), path("", include("tests.people.urls"))]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at any level, in the form that the program writes."""
    form = LOGGING["formatters"]["line"]
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(LineFormatter(form["format"], style=form["style"]))
    loggers = [logging.getLogger(name) for name in ("", "django.request", "django.security.csrf")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def test_the_program_writes_its_log_by_this_form() -> None:
    assert LOGGING["formatters"]["line"]["()"] == (
        f"{LineFormatter.__module__}.{LineFormatter.__qualname__}"
    )
    assert {handler["formatter"] for handler in LOGGING["handlers"].values()} == {"line"}


def test_uvicorn_logs_no_addresses() -> None:
    assert make_web_server(None).config.access_log is False


@pytest.mark.django_db
def test_an_over_qr_is_logged_without_it(log: io.StringIO) -> None:
    assert Client().get(f"/phone/{SECRET}/").status_code == 410
    assert Client().put(f"/phone/{SECRET}/").status_code == 405
    assert Client().get(f"/phone/{SECRET}/more/").status_code == 404
    assert "/phone/..." in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.django_db
def test_a_fault_is_logged_without_it(log: io.StringIO, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    assert client.get(f"/phone/{SECRET}/").status_code == 500
    assert client.post(f"/phone/{SECRET}/").status_code == 403
    assert "Traceback" in log.getvalue()
    assert "CSRF" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_a_machine_s_token_is_taken_out_too(log: io.StringIO) -> None:
    logging.getLogger("x").warning("header %s", {"Authorization": f"Bearer bp_{SECRET}"})
    assert "bp_..." in log.getvalue()
    assert SECRET not in log.getvalue()
