"""Giving orders to an autopilot and waiting, by its own clock, until they show."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from flight.errors import CommandRefusedError, UploadFailedError
from flight.mavlink.firmware import CommandLine
from flight.mavlink.protocol.commands import CommandCall, ParameterCall, ParameterEncoding
from flight.mavlink.protocol.constants import CommandResult
from flight.mavlink.station import Station
from flight.states import VehicleState

_TOLD_WITHIN_S = 1.0
REFUSALS = frozenset({CommandResult.DENIED, CommandResult.UNSUPPORTED, CommandResult.FAILED})


class Commander:
    """Orders to one autopilot.

    Args:
        name: The aircraft's name, for messages.
        station: Ourselves, connected.
        state: Returns the newest telemetry.
        clock: Monotonic seconds.
        command_s: How long a command may take to show its effect, by the aircraft's clock.
        is_pilots: Tells whether a pilot decides; then nothing is asked for (again).
    """

    def __init__(
        self,
        name: str,
        station: Station,
        state: Callable[[], VehicleState],
        *,
        clock: Callable[[], float],
        command_s: float,
        is_pilots: Callable[[], bool] = lambda: False,
    ) -> None:
        self._name = name
        self._station = station
        self._state = state
        self._clock = clock
        self._command_s = command_s
        self._is_pilots = is_pilots
        self._orders = 0
        self._stirred = asyncio.Event()
        self.encoding = ParameterEncoding.BY_VALUE

    def stir(self) -> None:
        """Have everybody who waits look again, as after new telemetry."""
        self._stirred.set()

    async def call(self, line: CommandLine) -> CommandResult | None:
        """Send a command and return its answer; None if none came."""
        command, params = line
        call = CommandCall(command, params, self._station.dialog, self._station.round_trip)
        await self._station.run(call)
        return call.result

    def mention(self, line: CommandLine) -> None:
        """Send a command once and wait for nothing, as for what is only nice to have."""
        command, params = line
        fields = {f"param{i}": value for i, value in enumerate((*params, *(0.0,) * 7)[:7], start=1)}
        peer = self._station.dialog.peer
        self._station.send(
            peer.addressed("COMMAND_LONG", command=int(command), confirmation=0, **fields)
        )

    async def obey(self, line: CommandLine, effect: Callable[[], bool], what: str) -> None:
        """Send a command until telemetry shows its effect.

        Raises:
            CommandRefusedError: The autopilot refused or did not do it, a pilot has taken over,
                or another order was given meanwhile.
        """
        self._orders += 1
        order = self._orders
        for _ in range(3):
            self._refuse_if_overtaken(order, what)
            mark = self._station.texts_count
            result = await self.call(line)
            # Refusing to do what is done already is no refusal.
            if result in REFUSALS and not effect():
                await self.elapse(1.0)  # the reason comes as a text, behind the answer
                said = "; ".join(self._station.texts_since(mark)) or "it gave no reason"
                raise CommandRefusedError(f"{self._name} refuses to {what}: {said}.")
            if await self.wait(effect, self._command_s):
                return
        raise CommandRefusedError(
            f"{self._name} does not {what}, though it was asked three times; it is in mode "
            f"{self._state().mode}{self.said_lately()}."
        )

    def _refuse_if_overtaken(self, order: int, what: str) -> None:
        """Never ask again for what a pilot or a later order has set aside."""
        if self._is_pilots():
            raise CommandRefusedError(
                f"{self._name} is not told to {what}: its pilot has taken over in mode "
                f"{self._state().mode}."
            )
        if order != self._orders:
            raise CommandRefusedError(f"{self._name} was given another order than to {what}.")

    async def parameter(self, name: str) -> float | None:
        """Return a parameter of the autopilot; None if it has none of that name."""
        call = self._reading(name)
        await self._station.run(call)
        return call.value

    def _reading(self, name: str) -> ParameterCall:
        station = self._station
        return ParameterCall(name, station.dialog, station.round_trip, encoding=self.encoding)

    async def parameters(self, names: Sequence[str]) -> dict[str, float | None]:
        """Return parameters by name, all asked for at once.

        Args:
            names: Alternatives are divided by a bar: the first that the autopilot has is returned,
                under its own name; None stands where it has none or does not tell.
        """
        found = await asyncio.gather(*(self._first_of(name.split("|")) for name in names))
        return dict(found)

    async def _first_of(self, names: Sequence[str]) -> tuple[str, float | None]:
        for name in names:
            call = self._reading(name)
            # An unknown parameter is met with silence: a few round trips are proof enough here.
            patience_s = self._station.round_trip.patience_s(0)
            await self._station.run(call, timeout_s=max(_TOLD_WITHIN_S, 6.0 * patience_s))
            if call.value is not None:
                return name, call.value
        return names[0], None

    async def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter and see that it took.

        Raises:
            UploadFailedError: The autopilot has no such parameter or does not take the value.
        """
        encoding = self.encoding
        dialog, round_trip = self._station.dialog, self._station.round_trip
        # Read first: the autopilot takes a value only in the parameter's own type.
        reading = await self._answered(
            lambda: ParameterCall(name, dialog, round_trip, encoding=encoding)
        )
        if reading.value is None:
            raise UploadFailedError(f"{self._name} has no parameter {name}; is its firmware known?")
        setting = await self._answered(
            lambda: ParameterCall(
                name, dialog, round_trip, new_value=value, kind=reading.kind, encoding=encoding
            )
        )
        if setting.value is None:
            raise UploadFailedError(
                f"{self._name} keeps {name} = {reading.value:g} and does not take {value:g}."
            )

    async def _answered(self, make: Callable[[], ParameterCall]) -> ParameterCall:
        """Ask twice over: on a bad radio one silence is no proof that there is no parameter."""
        call = make()
        await self._station.run(call)
        if call.value is None:
            call = make()
            await self._station.run(call)
        return call

    async def wait(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait by the aircraft's clock, which simulations run fast; tell whether it holds."""
        expired = self.timer(timeout_s)
        while not holds():
            if expired():
                return False
            self._stirred.clear()
            # Time may be up without any news that would stir us.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._stirred.wait()
        return True

    async def elapse(self, duration_s: float) -> None:
        """Let time pass by the aircraft's clock."""
        await self.wait(lambda: False, duration_s)

    def timer(self, timeout_s: float) -> Callable[[], bool]:
        """Return a function that tells whether a time has passed by the aircraft's clock.

        An aircraft whose clock stands still has twice that time by ours.
        """
        start_s, begun_s = self._state().time_boot_s, self._clock()

        def expired() -> bool:
            elapsed_s = self._state().time_boot_s - start_s
            return elapsed_s >= timeout_s or self._clock() - begun_s >= 2.0 * timeout_s

        return expired

    def said_lately(self) -> str:
        """Return what the aircraft said last, to be put behind a sentence."""
        texts = self._state().status_texts[-3:]
        return f"; it said: {'; '.join(texts)}" if texts else ""
