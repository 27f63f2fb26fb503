"""Our side of a link: heartbeats, finding the autopilot, and driving exchanges."""

import asyncio
import contextlib
import time
from collections.abc import Callable

from flight.errors import LinkError, NoAutopilotError
from flight.mavlink.addresses import Transport
from flight.mavlink.codec import is_signed
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import Autopilot, ComponentId
from flight.mavlink.protocol.exchange import Dialog, Exchange, RoundTrip
from flight.mavlink.protocol.messages import Message, Peer
from flight.mavlink.protocol.status_texts import StatusTexts
from flight.mavlink.signing import KEY_LENGTH, Signing

_HEARTBEAT = Message(
    "HEARTBEAT",
    {
        "type": 6,  # MAV_TYPE_GCS
        "autopilot": int(Autopilot.INVALID),
        "base_mode": 0,
        "custom_mode": 0,
        "system_status": 4,
        "mavlink_version": 3,
    },
)


def is_autopilot(message: Message) -> bool:
    """Tell an autopilot's heartbeat from a gimbal's, a camera's or another station's."""
    return (
        message.name == "HEARTBEAT"
        and message["autopilot"] != Autopilot.INVALID
        and message.component == ComponentId.AUTOPILOT
    )


class Station:
    """A ground station on one link.

    Args:
        link: The connection; the station opens and closes it.
        heartbeat_hz: How often to say that we are here. Autopilots want one a second by their
            own clock, so a simulation at 20 times real time needs more than 20.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        link: MavlinkLink,
        *,
        heartbeat_hz: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._interval_s = 1.0 / heartbeat_hz
        self._clock = clock
        self._heartbeats: asyncio.Task[None] | None = None
        self._dialog: Dialog | None = None
        self._texts = StatusTexts()
        self._said: list[str] = []
        self.round_trip = RoundTrip()

    @property
    def dialog(self) -> Dialog:
        """Who talks to whom.

        Raises:
            LinkError: No autopilot was found yet.
        """
        if self._dialog is None:
            raise LinkError("There is no autopilot on this connection yet; connect first.")
        return self._dialog

    @property
    def hears_only_mavlink1(self) -> bool:
        """Whether the link carries MAVLink 1, which knows missions but no fences."""
        return self._link.hears_only_mavlink1

    @property
    def carries_bursts(self) -> bool:
        """Whether the link takes many packets at once; a radio's buffer holds a few."""
        return self._link.address.transport is not Transport.SERIAL

    @property
    def texts_count(self) -> int:
        """How many status texts were heard; the mark for `texts_since`."""
        return len(self._said)

    def texts_since(self, mark: int) -> tuple[str, ...]:
        """Return the status texts heard after ``texts_count`` was ``mark``."""
        return tuple(self._said[mark:])

    async def open(self) -> None:
        """Open the link and begin to send heartbeats.

        Raises:
            LinkError: The link cannot be opened.
        """
        await self._link.open()
        self._link.add_handler(self._listen)
        # From the start: who listens on UDP speaks only to whom it has heard.
        self._heartbeats = asyncio.create_task(self._beat())

    async def find_autopilot(self, timeout_s: float, system: int | None = None) -> Message:
        """Wait for an autopilot's heartbeat and pin its ids.

        Args:
            timeout_s: How long to wait.
            system: The system id to accept; None takes the first autopilot heard.

        Raises:
            NoAutopilotError: None was heard in time, or it has our own system id.
        """
        heard: set[str] = set()
        found: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def listen(message: Message) -> None:
            if is_autopilot(message) and system in (None, message.system):
                if not found.done():
                    found.set_result(message)
            elif message.name == "HEARTBEAT":
                heard.add(f"{message.system}/{message.component}")

        remove = self._link.add_handler(listen)
        try:
            async with asyncio.timeout(timeout_s):
                heartbeat = await found
        except TimeoutError:
            raise NoAutopilotError(self._nobody(timeout_s, heard, system)) from None
        finally:
            remove()
        if heartbeat.system == self._link.identity.system:
            raise NoAutopilotError(
                f"The autopilot on {self._link.address} has system id {heartbeat.system}, which "
                "is our own; give one of us another id."
            )
        self._dialog = Dialog(Peer(heartbeat.system, heartbeat.component), self._link.identity)
        return heartbeat

    def _nobody(self, timeout_s: float, heard: set[str], system: int | None) -> str:
        who = "No autopilot" if system is None else f"No autopilot with system id {system}"
        others = ""
        if heard:
            others = (
                f" Only other devices were heard (system/component {', '.join(sorted(heard))})."
            )
        if self._link.refused:
            return (
                f"{who} was believed on {self._link.address} within {timeout_s:g} s: "
                f"{self._link.refused} packets came that are not signed with our key. Is it the "
                "vehicle's key, and does the vehicle sign?"
            )
        return (
            f"{who} answered on {self._link.address} within {timeout_s:g} s.{others} Is the "
            "aircraft or simulator running, and does it send to this address?"
        )

    async def set_up_signing(self, signing: Signing, timeout_s: float = 5.0) -> None:
        """Give the vehicle a key, and sign from now on.

        The key travels in clear: do this over a cable. It is never recorded.

        Args:
            signing: The new key.
            timeout_s: How long the vehicle may take to sign its first packet.

        Raises:
            LinkError: No autopilot was found, or it does not sign with this key; then we do not
                sign either.
        """
        await self._change_key(
            signing,
            signing.key,
            timeout_s,
            f"The autopilot on {self._link.address} does not sign with the new key. Some take one "
            "only over USB.",
        )

    async def take_off_signing(self, timeout_s: float = 5.0) -> None:
        """Have the vehicle forget its key, and sign no more; ours is what it believes until then.

        Args:
            timeout_s: How long the vehicle may take to send its first packet unsigned.

        Raises:
            LinkError: No autopilot was found, or it still signs; then we do so too.
        """
        await self._change_key(
            None,
            bytes(KEY_LENGTH),
            timeout_s,
            f"The autopilot on {self._link.address} still signs. Some forget a key only over USB.",
        )

    async def _change_key(
        self, after: Signing | None, key: bytes, timeout_s: float, failure: str
    ) -> None:
        signing = after or self._link.signing
        stamp = 0 if after is None or signing is None else signing.timestamp()
        fields = {"secret_key": list(key), "initial_timestamp": stamp}
        peer, before, heard = self.dialog.peer, self._link.signing, asyncio.Event()
        message = peer.addressed("SETUP_SIGNING", **fields)
        for _ in range(2):  # there is no answer to it, and a packet may be lost
            self._link.send(message)
        self._link.signing = after

        def listen(message: Message) -> None:
            if peer.sent(message) and is_signed(message.frame) == (after is not None):
                heard.set()

        remove = self._link.add_handler(listen)
        try:
            async with asyncio.timeout(timeout_s):
                await heard.wait()
        except TimeoutError:
            self._link.signing = before
            raise LinkError(failure) from None
        finally:
            remove()

    def send(self, message: Message) -> None:
        """Send one message and expect nothing.

        Raises:
            LinkError: The message cannot be encoded.
        """
        self._link.send(message)

    async def run(self, exchange: Exchange, timeout_s: float = 60.0) -> None:
        """Drive an exchange until it is done or time is up; its attributes hold the answer."""
        stirred = asyncio.Event()
        end_s = self._clock() + timeout_s

        def listen(message: Message) -> None:
            before_s = exchange.deadline_s
            self._send_all(exchange.receive(message, self._clock()))
            # An earlier deadline would be slept through otherwise.
            if exchange.done or exchange.deadline_s < before_s:
                stirred.set()

        remove = self._link.add_handler(listen)
        try:
            self._send_all(exchange.start(self._clock()))
            while not exchange.done and (now_s := self._clock()) < end_s:
                stirred.clear()
                wait_s = min(exchange.deadline_s, end_s) - now_s
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(wait_s, 0.001)):
                        await stirred.wait()
                if not exchange.done:
                    self._send_all(exchange.tick(self._clock()))
        finally:
            remove()

    async def close(self) -> None:
        """Stop the heartbeats and close the link, even if cancelled meanwhile."""
        if self._heartbeats is not None:
            self._heartbeats.cancel()
        self._link.close()
        if self._heartbeats is not None:
            await asyncio.gather(self._heartbeats, return_exceptions=True)

    def _send_all(self, messages: tuple[Message, ...]) -> None:
        if messages:
            self._link.send_together(messages)

    def _listen(self, message: Message) -> None:
        if message.name != "STATUSTEXT" or self._dialog is None:
            return
        if message.system == self._dialog.peer.system:
            text = self._texts.receive(message)
            if text:
                self._said.append(text)

    async def _beat(self) -> None:
        while True:
            self._link.send(_HEARTBEAT)
            await asyncio.sleep(self._interval_s)
