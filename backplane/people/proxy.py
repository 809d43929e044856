"""Takes away what a stranger claims about himself; must stand first among the middleware.

A browser that reaches the app directly could send X-Forwarded-Proto: https or somebody else's address.
Only senders in TRUSTED_PROXIES keep these headers.
"""

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from backplane.people.client_address import is_trusted_proxy, parse_address

_FORWARDING_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


class TrustedProxyMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        if not is_trusted_proxy(parse_address(request.META.get("REMOTE_ADDR", ""))):
            for header in _FORWARDING_HEADERS:
                request.META.pop(header, None)
        return None
