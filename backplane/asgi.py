"""The ASGI entry: HTTP to Django, websockets to the live app.

Authentication and the Origin check of sockets live in backplane.live, which answers refusals with codes.
"""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backplane.settings")
_http_application = get_asgi_application()

from backplane.routing import websocket_application  # noqa: E402  (models load only after the line above)

application = ProtocolTypeRouter({"http": _http_application, "websocket": websocket_application})
