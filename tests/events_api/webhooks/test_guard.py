"""Where webhooks may go."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import httpx
import pytest

from events_api.errors import UnprocessableError
from events_api.webhooks.guard import addresses_of, allowed, check_url

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "text",
    [
        *("", "example.com", "ftp://example.com/", "file:///etc/passwd", "https:///x"),
        *("https://user:word@example.com/", "https://[::1", "gopher://example.com"),
    ],
)
def test_only_web_addresses_are_taken(text: str) -> None:
    """And none that carries a password, which would stand in lists."""
    with pytest.raises(UnprocessableError):
        check_url(text)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fd00::1", "::"),
    ],
)
def test_doors_behind_the_firewall_are_not_knocked_at(address: str) -> None:
    """Loopback, private, link-local (where clouds keep their keys), shared and multicast."""
    url = httpx.URL("https://example.com/")
    with pytest.raises(UnprocessableError, match="not a public address"):
        allowed(url, [ip_address(PUBLIC), ip_address(address)], ())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "localhost"]
)
def test_another_way_of_writing_an_address_is_no_way_round(host: str) -> None:
    """Mapped, as one number, in sixteens, or by name: what it stands for is judged."""
    url = check_url(f"https://{host}/")
    with pytest.raises(UnprocessableError, match="not a public address"):
        allowed(url, addresses_of(url), ())


def test_a_network_of_ones_own_may_be_allowed() -> None:
    """Also by plain HTTP, which does not go out into the world."""
    ours = (ip_network("10.0.0.0/8"),)
    assert allowed(httpx.URL("http://hub/"), [ip_address("10.1.2.3")], ours)
    with pytest.raises(UnprocessableError, match="https"):
        allowed(httpx.URL("http://example.com/"), [ip_address(PUBLIC)], ours)


def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name that stands for something else a moment later leads nowhere else."""
    url = httpx.URL("https://example.com/")
    assert allowed(url, [ip_address(PUBLIC)], ()) == ip_address(PUBLIC)


def test_an_unknown_name_is_told() -> None:
    """`.invalid` is never one."""
    with pytest.raises(UnprocessableError, match="not known here"):
        addresses_of(check_url("https://nobody.invalid/"))
