"""What is told about a flight: news while it lasts, and its result."""

from dataclasses import dataclass
from enum import StrEnum

from flight.states import PatrolState, VehicleState


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
    """

    vehicle_name: str
    mission_id: str
    state: PatrolState
    telemetry: VehicleState
    item_count: int
    cell_code: str = ""
    text: str = ""


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
