"""Where a request comes from, when proxies that we trust stand in between.

Headers are believed only as far as trusted proxies wrote them: read from the nearest hop outwards.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the nearest sender that is not a trusted proxy; None when there is none (a Unix socket)."""
    nearest = parse_address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while nearest is not None and is_trusted_proxy(nearest) and forwarded:
        further = parse_address(forwarded.pop())
        if further is None:  # a hop that says nothing readable: the proxy itself is all we know
            break
        nearest = further
    return None if nearest is None else str(nearest)


def is_trusted_proxy(address: Address | None) -> bool:
    """Tell whether `address` lies in TRUSTED_PROXIES."""
    return address is not None and any(
        address in network for network in _networks(tuple(settings.TRUSTED_PROXIES))
    )


def is_from_this_machine(request: HttpRequest) -> bool:
    """Tell whether the browser runs on this machine: loopback, and by a local name rather than a proxy's."""
    address = parse_address(client_address(request) or "")
    host, _ = split_domain_port(request.get_host())
    return (
        address is not None and address.is_loopback and host in {"localhost", "127.0.0.1", "[::1]"}
    )


def parse_address(text: str) -> Address | None:
    """Read an address as it stands in a header, with or without a port; None when it is not one."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket that listens on both families shows IPv4 peers as ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)
