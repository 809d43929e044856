"""The service worker's address. It stands at the root, because a worker rules only what lies below it.

Optional: browsers run it in secure contexts alone, and nothing depends on it.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from backplane.live.templatetags.rack import modules_of

_STYLES: Final = ("colors", "page", "parts", "rack", "faces", "slot", "swap")


@login_not_required  # the browser asks for it by itself, also after the session is over
@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The worker's script, with the list of files of this version before it."""
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return HttpResponse(_script(), content_type="text/javascript", headers=headers)


@lru_cache(maxsize=1)
def _script() -> str:
    source = (Path(settings.STATICFILES_DIRS[0]) / "js" / "sw.js").read_text(encoding="utf-8")
    shell = [
        *(staticfiles_storage.url(f"css/{name}.css") for name in _STYLES),
        staticfiles_storage.url("img/icons.svg"),
        staticfiles_storage.url("img/mark.svg"),
        *modules_of("js/swap/page.js", "js/times.js"),
    ]
    version = hashlib.sha256("\n".join([source, *shell]).encode()).hexdigest()[:12]
    build = {"version": version, "shell": shell, "card": reverse("light-card")}
    return f"self.BUILD = {json.dumps(build)};\n{source}"
