"""A vehicle whose telemetry a test writes, for patrols without any protocol."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import shapely

from flight.missions import Action, Fence, Mission, MissionItem
from flight.preflight import Expectations, PreflightReport
from flight.states import VehicleState
from flight.vehicle import Control
from geofences.geodesy import LonLat, destination

HOME = LonLat(115.62, 33.16)


def square(centre: LonLat, reach_m: float) -> shapely.Polygon:
    """Return a square about a centre."""
    corners = (destination(centre, bearing, reach_m) for bearing in (45.0, 135.0, 225.0, 315.0))
    return shapely.Polygon([(corner.lon_deg, corner.lat_deg) for corner in corners])


def small_mission(*, waypoints: int = 3, reach_m: float = 20.0, name: str = "heron") -> Mission:
    """Return a take-off, a ring of waypoints over cells C0, C1 and so on, and the way home."""
    items = [
        MissionItem(Action.TAKEOFF, height_home_m=15.0),
        MissionItem(Action.SPEED, value=10.0),
        MissionItem(Action.GIMBAL, value=-60.0),
    ]
    for index in range(waypoints):
        place = destination(HOME, 360.0 * index / waypoints, reach_m)
        items.append(MissionItem(Action.WAYPOINT, place, 15.0, cell_code=f"C{index}"))
    items.append(MissionItem(Action.RETURN_HOME))
    fence = Fence(square(HOME, 300.0), (), 80.0)
    codes = tuple(f"C{index}" for index in range(waypoints))
    return Mission("m1", name, "d1", HOME, tuple(items), fence, 10.0, 15.0, codes, 100.0, 60.0)


class FakeVehicle:
    """Implements `flight.vehicle.Vehicle`; `orders` lists what it was told.

    Args:
        on_start: Runs when the vehicle is started; raise there to refuse.
        position: Where it stands.
    """

    def __init__(
        self, on_start: Callable[[], None] = lambda: None, position: LonLat = HOME
    ) -> None:
        self.name = "heron"
        self.state = VehicleState(time_boot_s=1.0, position=position, mode="GUIDED")
        self.silence_s = 0.0
        self.loss_fraction: float | None = None
        self.hardware_id = ""
        self.on_board = ""
        self.report = PreflightReport()
        self.control = Control.COMMANDED
        self.orders: list[str] = []
        self.refusal: Exception | None = None
        self.closed = False
        self.uploads_for_ever = False
        self._on_start = on_start
        self._readers: list[asyncio.Queue[VehicleState]] = []

    def tell(self, control: Control, **changes: object) -> None:
        """Publish the next snapshot, a tenth of a second later."""
        self.control = control
        time_boot_s = self.state.time_boot_s + 0.1
        self.state = replace(self.state, time_boot_s=time_boot_s, **changes)  # type: ignore[arg-type]
        for reader in self._readers:
            reader.put_nowait(self.state)

    async def connect(self) -> None:
        """Note the order."""
        self.orders.append("connect")

    async def upload(self, mission: Mission) -> None:
        """Note the order, or refuse."""
        self.orders.append(f"upload {mission.mission_id}")
        if self.uploads_for_ever:
            await asyncio.Event().wait()
        if self.refusal is not None:
            raise self.refusal

    async def other_than(self, mission: Mission) -> str:
        """Say what is on board."""
        self.orders.append(f"compare {mission.mission_id}")
        return self.on_board

    async def preflight(self, mission: Mission, expected: Expectations) -> PreflightReport:
        """Return what the test found."""
        assert mission
        assert expected
        return self.report

    def adopt(self, mission: Mission) -> None:
        """Note the order."""
        self.orders.append(f"adopt {mission.mission_id}")

    async def skip_to(self, item: int) -> None:
        """Note the order."""
        self.orders.append(f"skip to {item}")

    async def start(self, told: Callable[[str], None]) -> None:
        """Note the order and fly."""
        self.orders.append("start")
        told("armed at once")
        self._on_start()
        self.tell(Control.MISSION, armed=True, on_ground=False, mode="AUTO", height_home_m=2.0)

    async def pause(self) -> None:
        """Note the order."""
        self.orders.append("pause")

    async def resume(self) -> None:
        """Note the order."""
        self.orders.append("resume")

    async def return_home(self) -> None:
        """Note the order and turn for home."""
        self.orders.append("return_home")
        self.tell(Control.RETURNING, mode="RTL")

    async def land(self) -> None:
        """Note the order and land."""
        self.orders.append("land")
        self.tell(Control.RETURNING, mode="LAND")

    def states(self) -> "FakeStates":
        """Return a reader of its own."""
        queue: asyncio.Queue[VehicleState] = asyncio.Queue()
        self._readers.append(queue)
        return FakeStates(queue)

    def record_frames(self, sink: Callable[[bytes], None] | None) -> None:
        """Speak no protocol."""

    async def close(self) -> None:
        """Note the end."""
        self.closed = True


class FakeStates:
    """Snapshots as they are told."""

    def __init__(self, queue: asyncio.Queue[VehicleState]) -> None:
        self._queue = queue

    def __aiter__(self) -> "FakeStates":
        return self

    async def __anext__(self) -> VehicleState:
        return await self._queue.get()
