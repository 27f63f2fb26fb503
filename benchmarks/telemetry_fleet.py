"""What it costs to follow a fleet's telemetry, and whether any of it is lost."""

import asyncio
import itertools
import math
import socket
import subprocess
import sys
import time
from collections import Counter

from benchmarks.result import Benchmark, Figure, Result
from flight.mavlink.addresses import parse_address
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.messages import Identity, Message, Peer
from flight.mavlink.telemetry import Telemetry
from flight.mavlink.transports import open_transport
from patrol.demo.ports import free_port

AIRCRAFT = 20
RATE_HZ = 10.0
DURATION_S = 10.0
SHARE = 0.10


def messages_at(number: int, now_s: float) -> list[Message]:
    """Return what one aircraft tells at each tenth of a second of a flight along a circle."""
    angle = number + 0.05 * now_s
    now_ms = round(now_s * 1000)
    flying = {"lat": round(331620000 + 9e3 * math.sin(angle)), "alt": 80_000, "vz": 0}
    position = {**flying, "lon": round(1156180000 + 9e3 * math.cos(angle)), "hdg": 9000}
    attitude = {"roll": 0.1, "pitch": -0.05, "yaw": angle % 3.0, "rollspeed": 0.0}
    return [
        Message(
            "GLOBAL_POSITION_INT",
            {**position, "time_boot_ms": now_ms, "relative_alt": 50_000, "vx": 800, "vy": 10},
        ),
        Message(
            "ATTITUDE",
            {**attitude, "time_boot_ms": now_ms, "pitchspeed": 0.0, "yawspeed": 0.05},
        ),
        Message("MISSION_CURRENT", {"seq": 1 + round(now_s) % 90, "total": 90}),
    ]


def packets(number: int) -> list[bytes]:
    """Return all that one aircraft sends, in order; each round one datagram of packets."""
    codec = MavlinkCodec(Identity(number, 1))
    count = round(DURATION_S * RATE_HZ)
    rounds = [messages_at(number, 60.0 + step / RATE_HZ) for step in range(count)]
    return [packet for each in rounds for packet in map(codec.encode, each)]


def run() -> Result:
    """Follow twenty aircraft for ten seconds, each over a link of its own."""
    first = free_port(socket.SOCK_DGRAM, count=AIRCRAFT, step=1)
    ports = [first + number for number in range(AIRCRAFT)]
    arguments = ["-m", "benchmarks.telemetry_fleet", *map(str, ports)]
    sender = subprocess.Popen([sys.executable, *arguments])
    try:
        heard, busy_s, lasted_s = asyncio.run(_follow(ports))
    finally:
        sender.terminate()
        sender.wait()
    sent = round(DURATION_S * RATE_HZ) * len(messages_at(1, 0.0)) * AIRCRAFT
    share = busy_s / lasted_s
    lost = sent - heard
    return Result(
        name=BENCHMARK.name,
        figures={
            "aircraft": Figure(AIRCRAFT, "aircraft"),
            "messages": Figure(sent, "messages"),
            "lost": Figure(lost, "messages"),
            "of a core": Figure(100.0 * share, "%"),
            "a message": Figure(1e6 * busy_s / max(heard, 1), "µs"),
        },
        ratio=share / SHARE,
        against=f"{100 * SHARE:.0f} % of one core",
        reach="below 1, and no message lost",
        met=share < SHARE and lost == 0,
    )


async def _follow(ports: list[int]) -> tuple[int, float, float]:
    """Return messages heard, seconds of processor time, and seconds by the clock."""
    counts: Counter[str] = Counter()
    begun = asyncio.Event()
    links = []
    for number, port in enumerate(ports, start=1):
        link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity())
        telemetry = Telemetry(Peer(number, 1), ArduPilot().mode_name, own_items=1)

        def hear(message: Message, telemetry: Telemetry = telemetry) -> None:
            telemetry.receive(message)
            counts[message.name] += 1
            begun.set()

        link.add_handler(hear)
        await link.open()
        links.append(link)
    await begun.wait()
    began_s, busy_s = time.monotonic(), time.process_time()
    await asyncio.sleep(DURATION_S + 1.0)
    busy_s, lasted_s = time.process_time() - busy_s, time.monotonic() - began_s
    for link in links:
        link.close()
    return counts.total(), busy_s, min(lasted_s, DURATION_S)


async def _send(ports: list[int]) -> None:
    """Be the fleet: each packet a datagram, aircraft spread over the tenth of a second."""
    plans = [packets(number) for number in range(1, len(ports) + 1)]
    ends = [
        await open_transport(parse_address(f"udpout:127.0.0.1:{port}"), lambda *_: None)
        for port in ports
    ]
    await asyncio.sleep(2.0)
    each = len(messages_at(1, 0.0))
    began_s = time.monotonic()
    for step, place in itertools.product(range(round(DURATION_S * RATE_HZ)), range(len(ports))):
        due_s = began_s + step / RATE_HZ + place / (RATE_HZ * len(ports))
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        for packet in plans[place][step * each : (step + 1) * each]:
            ends[place].send(packet, None)


BENCHMARK = Benchmark("telemetry-fleet", "processor time for 20 aircraft at 10 Hz", run)

if __name__ == "__main__":
    asyncio.run(_send([int(each) for each in sys.argv[1:]]))
