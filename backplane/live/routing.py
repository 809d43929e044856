"""The live app's websocket paths."""

from typing import Any

from django.urls import path, re_path

from backplane.live.consumer import live_socket, unknown_socket

# Channels routes ASGI applications with Django's own path(), whose types only know views.
_follow: Any = live_socket
_refuse: Any = unknown_socket

websocket_urlpatterns = [
    path("ws/site/", _follow),
    path("ws/chassis/<str:slug>/", _follow),
    re_path("", _refuse),
]
