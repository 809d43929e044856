"""Settings of the tests: the real ones, with throw-away data and quick passwords."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _sweep(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # not a fork of it
        shutil.rmtree(folder, ignore_errors=True)


# Each process that runs tests has its own: several share the work.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="backplane-tests-")
atexit.register(_sweep, os.environ["DATA_DIR"], os.getpid())

from backplane.settings import *  # noqa: E402, F403  (after the folder is named; made to be starred)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVESTATIC_USE_FINDERS = True
MIDDLEWARE = [  # each test client makes its own
    name.replace("servestatic.middleware.ServeStatic", "tests.support.static_files.ReadOnce")
    for name in MIDDLEWARE  # noqa: F405  (of the real settings)
]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405  (of the real settings)
    # A file, as in life. In memory a page and a test that write at once lock whole tables, whatever time-out is set.
    file = Path(os.environ["DATA_DIR"]) / "tests.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(file)}  # noqa: F405  (of the real settings)
