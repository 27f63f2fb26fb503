"""Running simulated vehicles in wall time, with sockets and truth logs."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.signing import Signing
from flight.simulator.faults import FaultyLink, Outages
from flight.simulator.mavlink_ids import TransferResult
from flight.simulator.settings import LinkFaults, SimulatorSettings, VehicleSettings
from flight.simulator.sockets import Channel, TcpChannel, UdpChannel
from flight.simulator.transfers import newest_requests
from flight.simulator.truth_log import TruthLog
from flight.simulator.vehicle import STEP_S, SimulatedVehicle

_WALL_TICK_S = 0.01
_FLUSH_EVERY_S = 0.1
#: After a longer pause simulated time waits: it slows down and never skips.
_LONGEST_CATCH_UP_S = 0.05


async def run_simulator(settings: SimulatorSettings, stop: asyncio.Event) -> None:
    """Fly all vehicles until `stop` is set; truth logs end with `{"end": true}`.

    Raises:
        SimulatorError: A port is taken, a host unknown, or a truth log cannot be written.
    """
    async with AsyncExitStack() as stack:
        hosts: list[VehicleHost] = []
        for index, vehicle in enumerate(settings.vehicles):
            host = VehicleHost(vehicle, settings)
            stack.callback(host.close)
            await host.open(index)
            hosts.append(host)
        await _keep_time(hosts, settings.speedup, stop)


async def _keep_time(hosts: Sequence["VehicleHost"], speedup: float, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    last_s, owed_s, flushed_s = loop.time(), 0.0, 0.0
    while not stop.is_set():
        now_s = loop.time()
        owed_s += min(now_s - last_s, _LONGEST_CATCH_UP_S) * speedup
        last_s = now_s
        steps = int(owed_s / STEP_S)
        owed_s -= steps * STEP_S
        for host in hosts:
            host.advance(steps)
        if now_s - flushed_s >= _FLUSH_EVERY_S:
            flushed_s = now_s
            for host in hosts:
                host.flush()
        await asyncio.sleep(_WALL_TICK_S)


class VehicleHost:
    """One vehicle with its lines to ground stations and its truth log.

    Args:
        vehicle: The vehicle's own settings.
        settings: The simulation's.
    """

    def __init__(self, vehicle: VehicleSettings, settings: SimulatorSettings) -> None:
        self._settings = settings
        self._vehicle = SimulatedVehicle(vehicle, settings.world)
        self._lines: list[Line] = []
        self._elapsed_s = 0.0
        self.signing: Signing | None = None
        if vehicle.signing_key is not None:
            self.sign_with(vehicle.signing_key)
        self._log: TruthLog | None = None
        if settings.truth_folder is not None:
            self._log = TruthLog(settings.truth_folder / f"{vehicle.name}.truth.jsonl")

    def sign_with(self, key: bytes) -> None:
        """Sign with a key and believe only who has it; all zeros end that."""
        # Without a clock of its own a vehicle learns the time from the first station it believes.
        self.signing = Signing(key, clock=lambda: self._elapsed_s) if any(key) else None
        for line in self._lines:
            line.sign_with(self.signing)

    @property
    def vehicle(self) -> SimulatedVehicle:
        """The aircraft itself."""
        return self._vehicle

    async def open(self, index: int) -> None:
        """Open the sockets of the vehicle with this index.

        Raises:
            SimulatorError: A port is taken or a host unknown.
        """
        settings = self._settings
        if settings.base_port is not None:
            line = self._new_line()
            place = (settings.station_host, settings.base_port + 10 * index)
            line.channel = await UdpChannel.open(place, line.receive)
        if settings.tcp_base_port is not None:
            line = self._new_line()
            line.channel = await TcpChannel.open(settings.tcp_base_port + 10 * index, line.receive)

    def _new_line(self) -> "Line":
        name = f"{self._settings.world.seed}/{self._vehicle.settings.name}/{len(self._lines)}"
        line = Line(self, len(self._lines), self._settings.faults, random.Random(name))
        self._lines.append(line)
        self._vehicle.open_channel(line.number)
        return line

    @property
    def elapsed_s(self) -> float:
        """Simulated time since the simulation began, whatever reboots there were."""
        return self._elapsed_s

    def advance(self, steps: int) -> None:
        """Let internal steps pass, and send what comes of them."""
        for _ in range(steps):
            self._elapsed_s += STEP_S
            boots = self._vehicle.boots
            self._vehicle.step()
            for line in self._lines:
                line.deliver()
            for outgoing in self._vehicle.take_outgoing():
                for line in self._lines:
                    if outgoing.channel in (None, line.number):
                        line.send(outgoing.message)
            if self._vehicle.boots > boots:
                for line in self._lines:
                    line.hang_up()
            if self._log is not None and self._log.is_due(self._vehicle.now_s):
                self._log.write(self._vehicle.truth())

    def flush(self) -> None:
        """Let followers of the truth log see the present."""
        if self._log is not None:
            self._log.flush()

    def close(self) -> None:
        """Close sockets and the truth log."""
        for line in self._lines:
            line.close()
        if self._log is not None:
            self._log.close()


class Line:
    """One channel with its codec and the faults of both directions.

    Args:
        host: Whose line it is.
        number: The channel number towards the vehicle.
        faults: What happens to packets.
        rng: The only source of chance.
    """

    def __init__(
        self, host: VehicleHost, number: int, faults: LinkFaults, rng: random.Random
    ) -> None:
        identity = Identity(host.vehicle.settings.system_id, 1)
        self.channel: Channel | None = None
        self.number = number
        self._host = host
        self._identity = identity
        self._encoder = MavlinkCodec(identity, host.signing)
        self._decoder = MavlinkCodec(identity, host.signing)
        outages = Outages(faults, rng)
        self._down = FaultyLink(faults, rng, outages)
        self._up = FaultyLink(replace(faults, lost_final_acks=0), rng, outages)

    def receive(self, data: bytes) -> None:
        """Take bytes from the socket; empty bytes say that a new station is there."""
        if not data:
            self._decoder.reset()
            self._host.vehicle.open_channel(self.number)
        elif self._up.perfect:
            self._handle(data)
        else:
            self._up.send(data, self._host.elapsed_s)

    def send(self, message: Message) -> None:
        """Send one message, through the faults."""
        if self.channel is None:
            return
        packet = self._encoder.encode(message)
        if self._down.perfect:
            self.channel.send(packet)
            return
        self._down.send(packet, self._host.elapsed_s, final_ack=_is_final_ack(message))

    def deliver(self) -> None:
        """Let delayed packets of both directions arrive."""
        now_s = self._host.elapsed_s
        if arrived := self._up.receive(now_s):
            self._handle(b"".join(arrived))
        for packet in self._down.receive(now_s):
            if self.channel is not None:
                self.channel.send(packet)

    def _handle(self, data: bytes) -> None:
        replies: list[Message] = []
        for message in self._decoder.feed(data):
            if message.name == "SETUP_SIGNING" and self._identity.is_addressed_by(message):
                self._host.sign_with(bytes(message["secret_key"]))
                continue
            replies += self._host.vehicle.handle(message, self.number)
        for reply in newest_requests(replies):
            self.send(reply)

    def sign_with(self, signing: Signing | None) -> None:
        """Sign from now on, or no longer."""
        self._encoder.signing = self._decoder.signing = signing

    def hang_up(self) -> None:
        """Drop the connection where there is one, as a reboot does."""
        if self.channel is not None:
            self.channel.drop()

    def close(self) -> None:
        """Close the socket."""
        if self.channel is not None:
            self.channel.close()


def _is_final_ack(message: Message) -> bool:
    return message.name == "MISSION_ACK" and message["type"] == TransferResult.ACCEPTED
