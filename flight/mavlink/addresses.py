"""Connection addresses in every spelling that pilots use."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from flight.errors import LinkError

_DEFAULT_PORTS = {
    "udpin": 14550,
    "udpout": 14550,
    "mcast": 14550,
    "tcpin": 5760,
    "tcpout": 5760,
}
_SCHEMES = {
    "udp": "udpin",
    "udpin": "udpin",
    "udpout": "udpout",
    "tcp": "tcpout",
    "tcpout": "tcpout",
    "tcpin": "tcpin",
    "mcast": "mcast",
}
# Where nothing else is said; the group is the one that MAVLink's other programs meet in.
_DEFAULT_HOSTS = {"udpin": "0.0.0.0", "tcpin": "0.0.0.0", "mcast": "239.255.145.50"}  # noqa: S104
_DEFAULT_BAUD = 57600


class Transport(StrEnum):
    """How bytes travel."""

    UDP_IN = "udpin"
    UDP_OUT = "udpout"
    MULTICAST = "mcast"
    TCP_IN = "tcpin"
    TCP_OUT = "tcpout"
    SERIAL = "serial"


@dataclass(frozen=True)
class Address:
    """Where an autopilot is to be reached.

    Attributes:
        transport: How bytes travel.
        host: Host name or IP address; empty on a serial line.
        port: UDP or TCP port; 0 on a serial line.
        device: Serial device; empty otherwise.
        baud: Serial speed in bits per second; 0 otherwise.
    """

    transport: Transport
    host: str = ""
    port: int = 0
    device: str = ""
    baud: int = 0

    def __str__(self) -> str:
        if self.transport is Transport.SERIAL:
            return f"serial:{self.device}:{self.baud}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}:{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read a connection address.

    Accepted: ``udp:``, ``udpin:``, ``udpout:``, ``mcast:``, ``tcp:``, ``tcpin:``, ``tcpout:`` and
    ``serial:``, each also with ``//``; a device such as ``/dev/ttyACM0,115200`` or ``COM3``;
    a bare ``host:port``. ``udp`` listens, ``tcp`` calls, as in MAVProxy and MAVSDK; ``mcast:``
    alone is the group in which a simulated ArduPilot and its stations meet.

    Raises:
        LinkError: The text is none of these.
    """
    stripped = text.strip()
    if re.match(r"(/dev/|COM\d)", stripped, flags=re.IGNORECASE):
        return _serial(stripped, text)
    scheme, colon, rest = stripped.partition(":")
    rest = rest.removeprefix("//")
    if scheme == "serial" and colon:
        return _serial(rest, text)
    if scheme in _SCHEMES and colon:
        return _network(Transport(_SCHEMES[scheme]), rest, text)
    if scheme.isidentifier() and "." not in scheme and colon and ("/" in rest or ":" in rest):
        raise LinkError(f"{text!r} starts with {scheme!r}, which is no transport. {_hint()}")
    return _network(Transport.UDP_IN, stripped, text)


def _serial(rest: str, text: str) -> Address:
    # Names below /dev/serial/by-path hold colons of their own.
    match = re.fullmatch(r"(?P<device>[^,]+?)(?:[,:](?P<baud>\d{3,}))?", rest)
    if match is None:
        raise LinkError(f"{text!r} names no serial device. {_hint()}")
    baud = int(match["baud"] or _DEFAULT_BAUD)
    return Address(Transport.SERIAL, device=match["device"], baud=baud)


def _network(transport: Transport, rest: str, text: str) -> Address:
    match = re.fullmatch(r"(?P<host>\[[0-9a-fA-F:]+\]|[^:/\s]*)(?::(?P<port>\d+))?", rest)
    alone = transport is Transport.MULTICAST  # it is a place by itself
    if match is None or not (match["host"] or match["port"] or alone):
        raise LinkError(f"{text!r} is no address to connect to. {_hint()}")
    port = int(match["port"] or _DEFAULT_PORTS[transport])
    if not 0 < port < 65536:
        raise LinkError(f"{text!r} has port {port}; ports go from 1 to 65535.")
    host = match["host"].strip("[]") or _DEFAULT_HOSTS.get(transport, "127.0.0.1")
    if alone and not _is_group(host):
        raise LinkError(
            f"{text!r} names no multicast group: those are the addresses 224.0.0.0 to "
            "239.255.255.255. Write mcast: alone, or for example mcast:239.255.145.50:14550."
        )
    return Address(transport, host=host, port=port)


def _is_group(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_multicast
    except ValueError:
        return False


def _hint() -> str:
    return (
        "Write for example udpin:0.0.0.0:14550, udpout:192.168.1.5:14550, "
        "tcp:127.0.0.1:5760 or serial:/dev/ttyACM0:57600."
    )
