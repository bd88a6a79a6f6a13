"""Which addresses anybody on the Internet would reach, and which of our own a site has opened."""

import ipaddress
from urllib.parse import urlsplit

NEVER_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.88.99.0/24", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32",
        "2002::/16", "fec0::/10",
    )
)  # fmt: skip
"""What `is_global` takes for public, although it ends inside: IPv4 within IPv6, NAT64, Teredo, 6to4, site-local."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is one that anybody on the Internet would reach by it."""
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in NEVER_PUBLIC)


def is_loopback(host: str) -> bool:
    """Whether the host, as it is written, can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_allowed(entries: tuple[str, ...]) -> tuple[list[Network], set[tuple[str | None, int | None]]]:
    networks, places = [], set()
    for entry in entries:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            parts = urlsplit(f"//{entry}")
            places.add((parts.hostname, parts.port))
    return networks, places
