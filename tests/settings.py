"""Settings of the tests: the real ones, with throw-away data and quick passwords."""

import os
import tempfile

# Each process that runs tests has its own: several share the work.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="backplane-tests-")

from backplane.settings import *  # noqa: F403  (a settings file is made to be starred)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVESTATIC_USE_FINDERS = True
