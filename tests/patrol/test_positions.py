"""Positions reach the map, and never hold up a flight."""

from datetime import UTC, datetime

import httpx

from events_api.client import EventApiClient
from events_api.roles import Role
from flight.states import VehicleState
from geofences.geodesy import LonLat
from patrol.positions import PositionPublisher
from tests.patrol.conftest import LiveApi

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
STATE = VehicleState(
    position=LonLat(115.62, 33.16), height_home_m=40.0, heading_deg=360.0, mode="AUTO"
)


def vehicles(api: LiveApi) -> list[dict[str, object]]:
    """Return what the API knows of the aircraft."""
    headers = {"Authorization": f"Bearer {api.tokens[Role.ACCEPTOR]}"}
    found: list[dict[str, object]] = httpx.get(f"{api.url}/vehicles", headers=headers).json()
    return found


def test_the_newest_position_is_published(live_api: LiveApi) -> None:
    """Leaving the context sends what is new."""
    with (
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        PositionPublisher(client, lambda: NOW) as positions,
    ):
        positions.tell("uav-1", STATE)
    assert (positions.sent, positions.failed) == (1, 0)
    (seen,) = vehicles(live_api)
    assert seen["name"] == "uav-1"
    assert seen["heading_deg"] == 0.0


def test_an_aircraft_without_a_fix_is_not_published(live_api: LiveApi) -> None:
    """A place that is not known is not made up."""
    with (
        EventApiClient(live_api.url, live_api.tokens[Role.MACHINE]) as client,
        PositionPublisher(client, lambda: NOW) as positions,
    ):
        positions.tell("uav-1", VehicleState())
    assert positions.sent == 0
    assert vehicles(live_api) == []


def test_a_position_that_cannot_be_sent_is_counted() -> None:
    """An API that is down costs the flight nothing."""
    with (
        EventApiClient("http://127.0.0.1:9", "any") as client,
        PositionPublisher(client, lambda: NOW) as positions,
    ):
        positions.tell("uav-1", STATE)
    assert (positions.sent, positions.failed) == (0, 1)
