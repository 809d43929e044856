import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from backplane import __version__
from backplane.database import database_settings
from backplane.environment import Environment
from backplane.secret_key import load_secret_key

ROOT = Path(__file__).resolve().parents[1]
LONG_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"


@pytest.mark.parametrize(
    ("given", "flag"),
    [("1", True), (" yes ", True), ("On", True), ("0", False), ("FALSE", False), ("", False)],
)
def test_a_flag_takes_the_usual_words(given: str, flag: bool) -> None:
    assert Environment({"DEBUG": given}).flag("DEBUG", default=not flag) is flag


def test_a_flag_that_is_unset_has_its_default() -> None:
    assert Environment({}).flag("DEBUG", default=True)


def test_another_word_for_a_flag_is_an_error_that_names_it() -> None:
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be 1 or 0, not 'maybe'"):
        Environment({"DEBUG": "maybe"}).flag("DEBUG", default=False)


def test_text_is_trimmed_and_empty_means_unset() -> None:
    env = Environment({"NAME": "  rack  ", "EMPTY": "  "})
    assert env.text("NAME", "x") == "rack"
    assert env.text("EMPTY", "x") == "x"


def test_a_list_has_no_empty_items() -> None:
    assert Environment({"PORTS": "sim://a, ,sim://b,"}).items("PORTS") == ["sim://a", "sim://b"]


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("[::1]:80", ("::1", 80)),
        ("rack.local:0", ("rack.local", 0)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),  # noqa: S104  (read, not bound)
    ],
)
def test_an_address_to_bind_is_host_and_port(given: str, pair: tuple[str, int]) -> None:
    assert Environment({"BIND": given}).bind("BIND", "x:1") == pair


@pytest.mark.parametrize(
    "given", ["8000", "host:", ":8000", "::1:8000", "host:70000", "host:8o", "http://host:80"]
)
def test_a_bad_address_to_bind_is_named(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="BIND must look like"):
        Environment({"BIND": given}).bind("BIND", "x:1")


def test_a_choice_is_one_of_the_words_in_any_case() -> None:
    env = Environment({"LOG_LEVEL": "debug", "BAD": "loud"})
    assert env.choice("LOG_LEVEL", ["INFO", "DEBUG"], "INFO") == "DEBUG"
    assert env.choice("UNSET", ["INFO", "DEBUG"], "INFO") == "INFO"
    with pytest.raises(ImproperlyConfigured, match="BAD must be one of INFO, DEBUG, not 'loud'"):
        env.choice("BAD", ["INFO", "DEBUG"], "INFO")


@pytest.mark.parametrize("given", ["Mars/Olympus_Mons", "/etc/passwd", "../x", "Europe"])
def test_a_time_zone_that_is_none_is_named(given: str) -> None:
    assert Environment({}).time_zone("TIME_ZONE", "UTC") == "UTC"
    with pytest.raises(ImproperlyConfigured, match="TIME_ZONE must be a time zone"):
        Environment({"TIME_ZONE": given}).time_zone("TIME_ZONE", "UTC")


@pytest.mark.parametrize("url", ["mongo://u:hush@host/x", "postgres://u:hush@host:hush/x", "hush"])
def test_a_bad_database_url_is_named_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like") as caught:
        database_settings(Environment({"DATABASE_URL": url}), tmp_path)
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_sqlite_waits_for_its_turn_and_postgres_keeps_its_own_options(tmp_path: Path) -> None:
    sqlite = database_settings(Environment({}), tmp_path)
    assert sqlite["NAME"] == str(tmp_path / "backplane.sqlite3")
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    given = Environment({"DATABASE_URL": "postgres://u:p@host/rack"})
    assert "init_command" not in database_settings(given, tmp_path).get("OPTIONS", {})


def test_networks_are_addresses_or_networks() -> None:
    env = Environment({"TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, ::1"})
    assert env.networks("TRUSTED_PROXIES") == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("given", "slot"), [("a12-07", ("a12", 7)), ("rack-a-12-24", ("rack-a-12", 24)), ("", None)]
)
def test_a_slot_is_chassis_and_number(given: str, slot: tuple[str, int] | None) -> None:
    assert Environment({"OWN_SLOT": given}).slot("OWN_SLOT") == slot


@pytest.mark.parametrize("given", ["a12", "a12-0", "a12-25", "7", "-7", "a 12-7", "a12-x"])
def test_a_slot_that_is_none_is_named(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OWN_SLOT must look like a12-07"):
        Environment({"OWN_SLOT": given}).slot("OWN_SLOT")


@pytest.mark.parametrize("given", ["*", "proxy.local", "10.0.0.1/8", "10.0.0.0/33", "localhost"])
def test_a_network_that_is_none_is_named(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES must list addresses"):
        Environment({"TRUSTED_PROXIES": given}).networks("TRUSTED_PROXIES")


def test_a_secret_comes_from_the_variable_or_from_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    kept.write_text("from the file\n")
    assert Environment({"TOKEN": "given"}).secret("TOKEN") == "given"
    assert Environment({"TOKEN_FILE": str(kept)}).secret("TOKEN") == "from the file"
    assert Environment({}).secret("TOKEN") == ""


def test_a_secret_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="TOKEN or TOKEN_FILE, not both"):
        Environment({"TOKEN": "a", "TOKEN_FILE": str(tmp_path)}).secret("TOKEN")


def test_a_secret_s_file_must_be_there_and_hold_something(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"TOKEN_FILE .* cannot be read"):
        Environment({"TOKEN_FILE": str(tmp_path / "none")}).secret("TOKEN")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ImproperlyConfigured, match=r"TOKEN_FILE .* is empty"):
        Environment({"TOKEN_FILE": str(tmp_path / "empty")}).secret("TOKEN")


def test_an_error_never_shows_the_secret(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load_secret_key(Environment({"SECRET_KEY": "too-short-but-secret"}), tmp_path)
    assert "too-short-but-secret" not in str(caught.value)


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "var"
    key = load_secret_key(Environment({}), data_dir)
    assert len(key) >= 50
    assert load_secret_key(Environment({}), data_dir) == key
    (kept,) = data_dir.iterdir()  # and no draft beside it
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_given_key_is_used_and_not_kept(tmp_path: Path) -> None:
    assert load_secret_key(Environment({"SECRET_KEY": LONG_KEY}), tmp_path) == LONG_KEY
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="DATA_DIR"):
        load_secret_key(Environment({}), tmp_path / "file")


def test_the_version_is_the_project_s() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


_SHOW = """
import json
from backplane import settings
names = ["ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
         "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER", "TRUSTED_PROXIES"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def load_settings(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the real settings in a process of their own, with nothing set but `variables`."""
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "-c", _SHOW],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.live
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BIND", "everywhere"),
        ("DEBUG", "perhaps"),
        ("OWN_SLOT", "seven"),
        ("PUBLIC_URL", "rack.example.org"),
        ("PUBLIC_URL", "https://rack.example.org/rack"),
        ("TRUSTED_PROXIES", "*"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FILE", "/nonexistent/key"),
        ("DATABASE_URL", "no-such-engine://host/name"),
        ("DATABASE_URL_FILE", "/nonexistent/url"),
        ("DATA_DIR", "/dev/null/var"),
        ("TIME_ZONE", "Mars/Olympus_Mons"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(
    tmp_path: Path, variable: str, value: str
) -> None:
    loaded = load_settings(tmp_path, **{variable: value})
    assert loaded.returncode != 0
    last_line = loaded.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last_line
    assert variable in last_line


@pytest.mark.live
def test_a_public_https_address_decides_hosts_origins_and_cookies(tmp_path: Path) -> None:
    loaded = load_settings(
        tmp_path, PUBLIC_URL="https://rack.example.org/", TRUSTED_PROXIES="127.0.0.1"
    )
    shown = json.loads(loaded.stdout)
    assert "rack.example.org" in shown["ALLOWED_HOSTS"]
    assert "*" not in shown["ALLOWED_HOSTS"]
    assert shown["CSRF_TRUSTED_ORIGINS"] == ["https://rack.example.org"]
    assert shown["SESSION_COOKIE_SECURE"]
    assert shown["CSRF_COOKIE_SECURE"]
    assert shown["SECURE_HSTS_SECONDS"] > 0
    assert shown["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


@pytest.mark.live
def test_without_a_public_address_this_machine_alone_may_ask(tmp_path: Path) -> None:
    shown = json.loads(load_settings(tmp_path).stdout)
    assert set(shown["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}
    assert not shown["SESSION_COOKIE_SECURE"]
    assert shown["SECURE_HSTS_SECONDS"] == 0
    assert shown["SECURE_PROXY_SSL_HEADER"] is None


def test_a_whole_number_is_read_and_bounded() -> None:
    assert Environment({"DAYS": "7"}).whole_number("DAYS", 30, most=90) == 7
    assert Environment({}).whole_number("DAYS", 30, most=90) == 30


@pytest.mark.parametrize("raw", ["-1", "91", "1.5", "x", "9" * 5000])
def test_what_is_no_such_number_stops_the_start(raw: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DAYS must be a whole number from 0 to 90"):
        Environment({"DAYS": raw}).whole_number("DAYS", 30, most=90)
