"""Whether a websocket may be opened from the page that asks for it.

Browsers let any page open a socket to any host and send the cookies along: the Origin header is the only
guard. Pure but for Django's matching of host names.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


def origin_is_ours(origin: str, host: str, allowed_hosts: Sequence[str], public_url: str) -> bool:
    """Tell whether a page of `origin` may talk to `host` (the Host header).

    Ours are the public URL, and the very host and port asked for where that is an allowed host; so neither a
    page of another port of this machine nor one whose name was made to point at it gets in.
    """
    if public_url and origin.casefold() == public_url.casefold():
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in _DEFAULT_PORTS or parts.path or parts.query:
        return False
    domain, port = split_domain_port(parts.netloc)
    asked_domain, asked_port = split_domain_port(host)
    default = _DEFAULT_PORTS[parts.scheme]
    same = domain == asked_domain and (port or default) == (asked_port or default)
    return bool(domain) and same and validate_host(domain, allowed_hosts)
