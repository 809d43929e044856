"""All settings, from environment variables; docs/settings.md lists them.

Wrong values stop the start with a message that names the variable.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from backplane.database import database_settings
from backplane.environment import Environment
from backplane.secret_key import load_secret_key

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).expanduser().absolute()
BIND = env.bind("BIND", "127.0.0.1:8000")
PORTS = env.items("PORTS")
RECORD_LINKS = env.text("RECORD_LINKS", "")  # a folder for recordings of each link; "": none
OWN_SLOT = env.slot("OWN_SLOT")  # backplane.slots.own_slot finds it by itself where it can
PUBLIC_URL = env.text("PUBLIC_URL", "").rstrip("/")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = load_secret_key(env, DATA_DIR)

NETBOX_URL = env.text("NETBOX_URL", "").rstrip("/")
NETBOX_TOKEN = env.secret("NETBOX_TOKEN")
NETBOX_CA_FILE = env.text("NETBOX_CA_FILE", "")
NETBOX_TIMEOUT_S = env.seconds("NETBOX_TIMEOUT_S", 10.0, most=300.0)
NETBOX_WEBHOOK_SECRET = env.secret("NETBOX_WEBHOOK_SECRET")
NETBOX_ALLOW_SIMULATED = env.flag("NETBOX_ALLOW_SIMULATED", default=False)
NETBOX_MAPPING = env.text("NETBOX_MAPPING", "")  # a TOML file; "": the settings page alone
_netbox = urlsplit(NETBOX_URL)
if NETBOX_URL and (_netbox.scheme not in {"http", "https"} or not _netbox.hostname):
    message = f"NETBOX_URL must look like https://netbox.example.org, not {NETBOX_URL!r}."
    raise ImproperlyConfigured(message)
for _name, _path in (("NETBOX_CA_FILE", NETBOX_CA_FILE), ("NETBOX_MAPPING", NETBOX_MAPPING)):
    if _path and not Path(_path).is_file():
        message = f"{_name} points to {_path}, which is no file."
        raise ImproperlyConfigured(message)

# PUBLIC_URL alone decides hosts, origins and cookie security. Without it only this machine may ask.
_public = urlsplit(PUBLIC_URL)
if PUBLIC_URL and (_public.scheme not in {"http", "https"} or not _public.hostname or _public.path):
    message = f"PUBLIC_URL must look like https://rack.example.org, not {PUBLIC_URL!r}."
    raise ImproperlyConfigured(message)
_is_https = _public.scheme == "https"
_local_hosts = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*_local_hosts, *([_public.hostname] if _public.hostname else [])]
if not PUBLIC_URL and BIND[0] not in {"0.0.0.0", "::"}:  # noqa: S104  (compared, not bound)
    ALLOWED_HOSTS.append(f"[{BIND[0]}]" if ":" in BIND[0] else BIND[0])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
# The proxy in front decides; a redirect here would break /healthz/ probes.
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Checks that the deployment's own choice settles: TLS ends at a proxy, or the app is local only.
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # SECURE_SSL_REDIRECT: see above
    "security.W005",  # HSTS for sub-domains: a rack's host name does not speak for its whole domain
    "security.W021",  # HSTS preload: likewise
    *([] if _is_https else ["security.W004", "security.W012", "security.W016"]),
]

INSTALLED_APPS = [
    "backplane.console",
    "backplane.live",
    "backplane.inventory",
    "backplane.swaps",
    "backplane.slots",
    "backplane.people",
    "channels",
    "axes",
    "csp",
    "servestatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "backplane.people.proxy.TrustedProxyMiddleware",
    "backplane.live.static_headers.lean_static_files",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads each answer at random against BREACH
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backplane.people.channel_middleware.ChannelMiddleware",
    "backplane.people.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "backplane.urls"
ASGI_APPLICATION = "backplane.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
CSRF_FAILURE_VIEW = "backplane.people.views.form_expired"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# A try during the wait counts for nothing: the page's "again at 14:02" stays true.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "backplane.people.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "backplane.people.throttle.refuse_for_now"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False

DATABASES = {"default": database_settings(env, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

TELEMETRY_DAYS = env.whole_number("TELEMETRY_DAYS", 30, most=3650)

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
SERVESTATIC_ALLOW_ALL_ORIGINS = False  # these files are for our own pages
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "backplane.people.log_lines.LineFormatter",  # takes secrets out
            "format": "{asctime} {levelname:<7} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", LOG_LEVELS, "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},  # it would log each socket of each phone
        "django.request": {"level": "ERROR"},
    },
}
