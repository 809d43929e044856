"""Websocket URLs of the site."""

from channels.routing import URLRouter

from backplane.live.routing import websocket_urlpatterns

websocket_application = URLRouter(websocket_urlpatterns)
