"""Where webhooks may go: to public addresses, and to those that the settings allow.

Whoever may add a webhook could otherwise make this server knock at doors behind its own firewall.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from events_api.errors import UnprocessableError
from events_api.webhooks.settings import Network

PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address


def check_url(text: str) -> httpx.URL:
    """Return an address that has the form of one that may be told.

    Raises:
        UnprocessableError: It is no http or https address, or it carries a name and a password.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise UnprocessableError(f"{text!r} is no address: {error}.") from error
    if url.scheme not in PORTS or not url.host:
        raise UnprocessableError(f"{text!r} is no address that begins with https:// or http://.")
    if url.userinfo:
        raise UnprocessableError(
            "The address carries a name or a password; receivers check the signature instead."
        )
    return url


def addresses_of(url: httpx.URL) -> list[Address]:
    """Return what the name in an address stands for now.

    Raises:
        UnprocessableError: The name is not known.
    """
    port = url.port or PORTS[url.scheme]
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnprocessableError(f"The name {url.host} is not known here: {error}.") from error
    return [_plain(ip_address(str(each[4][0]))) for each in found]


def allowed(url: httpx.URL, addresses: Sequence[Address], networks: Sequence[Network]) -> Address:
    """Return the address to connect to, once all of them are allowed.

    The connection goes to this very address, so that a name that changes its mind after it was
    checked leads nowhere else.

    Raises:
        UnprocessableError: One of them is not public and in no allowed network, or plain HTTP would
            cross a public network.
    """
    for address in addresses:
        is_ours = any(address in network for network in networks)
        if not is_ours and (not address.is_global or address.is_multicast):
            raise UnprocessableError(
                f"{url.host} is {address}, which is not a public address; an operator can allow "
                "its network with GRIDPATROL_WEBHOOK_NETWORKS."
            )
        if not is_ours and url.scheme != "https":
            raise UnprocessableError(
                f"{url.host} is outside, so its address must begin with https://."
            )
    return addresses[0]


def _plain(address: Address) -> Address:
    # An IPv4 address in the clothes of an IPv6 one is judged as what it is.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
