"""Bringing lists on board and proving it: upload, read back, compare, and try again.

ArduPilot overwrites its mission item by item, so a failed upload leaves a mix of old and new.
Whatever happens, the error says what the vehicle holds now.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flight.errors import MissionRefusedError, UploadFailedError
from flight.mavlink.protocol.constants import MissionResult, MissionType
from flight.mavlink.protocol.mission_download import MissionClear, MissionDownload
from flight.mavlink.protocol.mission_items import WireItem, first_difference
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome, UploadResult
from flight.mavlink.station import Station

_NAMES = {MissionType.MISSION: "mission", MissionType.FENCE: "fence", MissionType.RALLY: "rally"}
_REASONS = {
    MissionResult.ERROR: "it gave no code for the reason",
    MissionResult.UNSUPPORTED_FRAME: "it does not know the coordinate frame",
    MissionResult.UNSUPPORTED: "it does not support the command",
    MissionResult.NO_SPACE: "the list is longer than its memory",
    MissionResult.INVALID: "a value is invalid",
    MissionResult.INVALID_PARAM5_X: "the latitude is invalid",
    MissionResult.INVALID_PARAM6_Y: "the longitude is invalid",
    MissionResult.INVALID_PARAM7: "the height is invalid",
}


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """How a transfer is done.

    Attributes:
        own_items: How many items at the start of a mission belong to the vehicle (ArduPilot's
            home); the caller sends placeholders for them.
        upload_window: Items under way at once at first; more than one only where the vehicle
            takes an item as soon as it is the next one.
        upload_widest: How many they may become on a link that carries bursts.
        download_window: Items to ask for at once when reading back.
        attempts: How many transactions at least before giving up.
        patience_s: How long to try at least; on a fast simulation attempts fail fast.
        transaction_s: Longest one transaction.
        reason_wait_s: How long a reason may come behind a refusal, as a status text.
        settle_s: How long to wait before reading back; ArduPilot may wipe a fence late.
    """

    own_items: int = 0
    upload_window: int = 1
    upload_widest: int = 1
    download_window: int = 1
    attempts: int = 5
    patience_s: float = 20.0
    transaction_s: float = 300.0
    reason_wait_s: float = 0.3
    settle_s: float = 0.0


class ListTransfer:
    """Transfers of one of a vehicle's lists.

    Args:
        station: Ourselves.
        mission_type: Which list.
        settings: How it is done.
        clock: Monotonic seconds.
        seed: Of the jitter in the pauses between attempts.
    """

    def __init__(
        self,
        station: Station,
        mission_type: MissionType,
        settings: TransferSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        seed: int = 0,
    ) -> None:
        self._clock = clock
        self._station = station
        self._type = mission_type
        self._settings = settings
        self._random = random.Random(seed)
        self._name = _NAMES[mission_type]
        self._skip = settings.own_items if mission_type is MissionType.MISSION else 0
        #: What was read back in full and found right, and the vehicle's id for it.
        self._verified: tuple[tuple[WireItem, ...], int] | None = None

    async def upload(self, items: Sequence[WireItem]) -> None:
        """Upload a list and verify by reading it back.

        Raises:
            MissionRefusedError: The vehicle refused it; names the item and the reason.
            UploadFailedError: It could not be done; says what is on board.
        """
        self._refuse_mavlink1()
        problem, attempt = "", 0
        end_s = self._clock() + self._settings.patience_s
        while attempt < self._settings.attempts or self._clock() < end_s:
            if attempt:
                await self._pause(attempt)
            attempt += 1
            mark = self._station.texts_count
            result = await self._transaction(items, careful=attempt > 1)
            if result is None or result.outcome is UploadOutcome.STALLED:
                problem = "the vehicle stopped asking for items"
                continue
            if result.outcome is UploadOutcome.BUSY:
                problem = "the vehicle is busy with another ground station's transfer"
                continue
            if result.outcome is UploadOutcome.REFUSED:
                raise await self._refusal(result, mark)
            # Also where it was accepted: ArduPilot has wiped a fence after accepting it.
            problem = await self._verify(items)
            if not problem:
                return
            if result.answer is MissionResult.ERROR:
                await self._raise_if_reasoned(result, mark)
        raise UploadFailedError(
            f"The {self._name} of {len(items)} items is not on board after "
            f"{attempt} attempts: {problem}. {await self._on_board()}"
        )

    async def download(self) -> tuple[WireItem, ...] | None:
        """Return what the vehicle holds; None if it would not say."""
        return (await self._read(known_id=0)).items

    async def _read(self, known_id: int) -> MissionDownload:
        """Read what the vehicle holds, unless it says that this is the list of the known id."""
        for attempt in range(self._settings.attempts):
            if attempt:
                await self._pause(attempt)
            exchange = MissionDownload(
                self._type,
                self._station.dialog,
                self._station.round_trip,
                window=self._settings.download_window,
                known_id=known_id,
            )
            await self._station.run(exchange, self._settings.transaction_s)
            if exchange.unchanged or exchange.items is not None:
                break
        return exchange

    async def verify(self, items: Sequence[WireItem]) -> None:
        """Read the list back once more.

        Raises:
            UploadFailedError: It is not what was uploaded.
        """
        problem = await self._verify(items)
        if problem:
            raise UploadFailedError(
                f"The {self._name} changed after its upload: {problem}. {await self._on_board()}"
            )

    async def clear(self) -> None:
        """Empty the list and verify that it is empty, but for the vehicle's own items.

        Raises:
            UploadFailedError: The vehicle still holds items, or would not say.
        """
        for _ in range(self._settings.attempts):
            exchange = MissionClear(self._type, self._station.dialog, self._station.round_trip)
            await self._station.run(exchange, self._settings.transaction_s)
            # Whatever was answered: an acknowledgement may be lost, or an echo.
            found = await self.download()
            if found is not None and len(found) <= self._skip:
                return
        raise UploadFailedError(f"The {self._name} could not be cleared. {await self._on_board()}")

    def _refuse_mavlink1(self) -> None:
        """Refuse what MAVLink 1 cannot say: there, a fence would be taken for a mission."""
        if self._type is not MissionType.MISSION and self._station.hears_only_mavlink1:
            raise UploadFailedError(
                f"The {self._name} cannot be uploaded: the link carries MAVLink 1, which knows "
                "missions only. Set the radio's or the port's protocol to MAVLink 2 (ArduPilot: "
                "SERIALn_PROTOCOL = 2, PX4: MAV_PROTO_VER = 2)."
            )

    async def _transaction(
        self, items: Sequence[WireItem], *, careful: bool
    ) -> UploadResult | None:
        self._verified = None
        settings = self._settings
        exchange = MissionUpload(
            items,
            self._type,
            self._station.dialog,
            self._station.round_trip,
            window=1 if careful else settings.upload_window,
            widest=settings.upload_widest if self._station.carries_bursts and not careful else None,
        )
        await self._station.run(exchange, settings.transaction_s)
        if exchange.result is not None and exchange.result.about_one_of_several:
            # Item by item it shows which one is refused.
            return await self._transaction(items, careful=True)
        return exchange.result

    async def _verify(self, items: Sequence[WireItem]) -> str:
        """Return what is wrong with what the vehicle holds; nothing if all is right."""
        await asyncio.sleep(self._settings.settle_s)
        known = self._verified
        reading = await self._read(known[1] if known and known[0] == tuple(items) else 0)
        if reading.unchanged:
            return ""
        if reading.items is None:
            return "the vehicle did not let us read it back"
        problem = first_difference(items, reading.items, skip=self._skip) or ""
        # Read in full and found right: from now on the vehicle's id stands for it.
        self._verified = None if problem else (tuple(items), reading.opaque_id)
        return problem

    async def _refusal(self, result: UploadResult, mark: int) -> MissionRefusedError:
        # ArduPilot sends the reason as a text, a moment behind the refusal.
        await asyncio.sleep(self._settings.reason_wait_s)
        code = result.answer or MissionResult.ERROR
        reason = _REASONS.get(code, f"{code.name.lower().replace('_', ' ')}")
        said = "; ".join(dict.fromkeys(self._station.texts_since(mark)))
        index = None if result.item_index is None else result.item_index - self._skip
        board = await self._on_board()
        text = f"{reason} ({code.name}{f'; it said: {said}' if said else ''})"
        return MissionRefusedError(index, f"{self._name}: {text}. {board.rstrip('.')}")

    async def _raise_if_reasoned(self, result: UploadResult, mark: int) -> None:
        """Raise if the vehicle said why it failed; an echo of a repeated item says nothing."""
        await asyncio.sleep(self._settings.reason_wait_s)
        if self._station.texts_since(mark):
            raise await self._refusal(result, mark)

    async def _on_board(self) -> str:
        found = await self.download()
        if found is None:
            return f"What {self._name} it holds now is unknown; do not fly before reading it."
        count = max(len(found) - self._skip, 0)
        if count == 0:
            return f"It holds no {self._name} now."
        return (
            f"It holds a {self._name} of {count} items now, which may mix old and new: upload "
            "again or clear it before anyone flies."
        )

    async def _pause(self, attempt: int) -> None:
        """Let echoes of the failed transaction die away, longer each time, never in step."""
        await asyncio.sleep(min(0.1 * 2**attempt, 2.0) * self._random.uniform(0.7, 1.3))
