"""What is told about a flight: news while it lasts, and its result."""

from dataclasses import dataclass
from enum import StrEnum

from flight.monitor import Foresight
from flight.planning.wind import Wind
from flight.preflight import PreflightReport
from flight.states import PatrolState, VehicleState
from geofences.geodesy import LonLat


class FlightOutcome(StrEnum):
    """How a flight ended; in all of these the aircraft has landed."""

    COMPLETED = "completed"
    RECALLED = "recalled"
    FAILSAFE = "failsafe"
    PILOT = "pilot"


@dataclass(frozen=True, slots=True)
class FlightUpdate:
    """News of one flight.

    Attributes:
        vehicle_name: The aircraft.
        mission_id: What it flies.
        state: Where the flight stands.
        telemetry: The newest snapshot.
        item_count: Items of the mission.
        cell_code: The cell being looked at, empty on transit.
        text: What happened, in words; empty on mere telemetry.
        foresight: What is foretold of breaches; None on the ground.
        next_m: Distance to the next place on the way; None if there is none.
        silence_s: Since the aircraft was last heard.
        loss_fraction: Share of its packets that lately did not arrive; None if not known.
        preflight: What was looked at before the start, where this is the news.
        wind_estimate: The wind as the aircraft's lean tells it; None before that is known.
    """

    vehicle_name: str
    mission_id: str
    state: PatrolState
    telemetry: VehicleState
    item_count: int
    cell_code: str = ""
    text: str = ""
    foresight: Foresight | None = None
    next_m: float | None = None
    silence_s: float = 0.0
    loss_fraction: float | None = None
    preflight: PreflightReport | None = None
    wind_estimate: Wind | None = None


@dataclass(frozen=True, slots=True)
class FlightResult:
    """How one flight went.

    Attributes:
        vehicle_name: The aircraft.
        mission_id: What it flew.
        outcome: How it ended.
        items_flown: Items of the mission that were done, from the first.
        item_count: Items of the mission.
        cell_codes: The cells looked at, in order.
        airborne_s: Time in the air, by the aircraft's clock.
        record_errors: Writes of the record that failed.
        text: The story of the end, in a sentence.
        reached_item: The last item flown to before the mission was left; None if it was not left.
        left_at: Where it was left; None if it was not, or that is not known.
    """

    vehicle_name: str
    mission_id: str
    outcome: FlightOutcome
    items_flown: int
    item_count: int
    cell_codes: tuple[str, ...]
    airborne_s: float
    record_errors: int
    text: str
    reached_item: int | None = None
    left_at: LonLat | None = None
