"""Every spelling of an address that pilots use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import LinkError
from flight.mavlink.addresses import Transport, parse_address


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("udp:127.0.0.1:14551", "udpin:127.0.0.1:14551"),
        ("udpin:0.0.0.0:14550", "udpin:0.0.0.0:14550"),
        ("udpin://0.0.0.0:14540", "udpin:0.0.0.0:14540"),
        ("udpout:192.168.1.5:14550", "udpout:192.168.1.5:14550"),
        ("udpout://192.168.1.5:14550", "udpout:192.168.1.5:14550"),
        ("tcp:127.0.0.1:5760", "tcpout:127.0.0.1:5760"),
        ("tcpout://drone.local:5760", "tcpout:drone.local:5760"),
        ("tcpin::5790", "tcpin:0.0.0.0:5790"),
        ("tcp:[::1]:5760", "tcpout:[::1]:5760"),
        ("udp://:14540", "udpin:0.0.0.0:14540"),
        ("tcp://10.0.0.5", "tcpout:10.0.0.5:5760"),
        ("tcpin://0.0.0.0:5760", "tcpin:0.0.0.0:5760"),
        ("serial://COM7:115200", "serial:COM7:115200"),
        ("com3,921600", "serial:com3:921600"),
        ("udpin:", None),
        ("127.0.0.1:14550", "udpin:127.0.0.1:14550"),
        (":14550", "udpin:0.0.0.0:14550"),
        ("serial:/dev/ttyUSB0:57600", "serial:/dev/ttyUSB0:57600"),
        ("serial:///dev/ttyUSB0:921600", "serial:/dev/ttyUSB0:921600"),
        ("/dev/ttyACM0,115200", "serial:/dev/ttyACM0:115200"),
        ("/dev/ttyACM0", "serial:/dev/ttyACM0:57600"),
        ("COM3", "serial:COM3:57600"),
        ("udp:127.0.0.1", "udpin:127.0.0.1:14550"),
        ("tcp:127.0.0.1", "tcpout:127.0.0.1:5760"),
        ("mcast:", "mcast:239.255.145.50:14550"),
        ("mcast://239.255.145.51", "mcast:239.255.145.51:14550"),
        ("mcast:239.255.145.50:14551", "mcast:239.255.145.50:14551"),
        ("mcast:192.168.1.5:14550", None),
        ("mcast:somewhere", None),
        ("udpbcast:192.168.1.255:14550", None),
        ("udpin:[::]:14550", "udpin:[::]:14550"),
        ("udpout:[fe80::1]:14550", "udpout:[fe80::1]:14550"),
        (
            "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0,115200",
            "serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0:115200",
        ),
        ("udpin:0.0.0.0:99999", None),
        ("udpin:0.0.0.0:port", None),
        ("", None),
        ("serial:", None),
    ],
)
def test_addresses_mean_what_pilots_mean(text: str, meaning: str | None) -> None:
    """What no transport can reach is refused, quoting it."""
    if meaning is None:
        with pytest.raises(LinkError) as refusal:
            parse_address(text)
        assert repr(text) in str(refusal.value)
    else:
        assert str(parse_address(text)) == meaning


@given(text=st.text(max_size=40))
def test_any_text_is_an_address_or_a_clear_refusal(text: str) -> None:
    """No other error escapes."""
    try:
        address = parse_address(text)
    except LinkError:
        return
    assert address.transport in Transport
    assert bool(address.device) == (address.transport is Transport.SERIAL)


@given(
    transport=st.sampled_from(["udpin", "udpout", "tcpin", "tcpout"]),
    port=st.integers(1, 65535),
)
def test_an_address_printed_can_be_read_again(transport: str, port: int) -> None:
    """Messages quote addresses that work."""
    address = parse_address(f"{transport}:10.0.0.7:{port}")
    assert parse_address(str(address)) == address
