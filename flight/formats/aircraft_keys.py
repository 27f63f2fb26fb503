"""Aircraft and wind as objects of a plan file."""

from dataclasses import asdict, fields
from typing import Any

from flight.errors import PlanningError
from flight.formats.documents import Document
from flight.planning.aircraft import Aircraft
from flight.planning.power import PowerModel
from flight.planning.wind import Wind

_OTHERS = ("name", "dock_id", "power", "link_range_m")


def aircraft_keys(aircraft: Aircraft) -> dict[str, Any]:
    """An aircraft as the object of a JSON file, for `aircraft_of` to read."""
    return asdict(aircraft)


def aircraft_of(document: Document) -> Aircraft:
    """The aircraft that `aircraft_keys` wrote.

    Raises:
        PlanFileError: If a key is missing or wrong.
    """
    power = document.child("power")
    watts = {field.name: power.number(field.name) for field in fields(PowerModel)}
    numbers: dict[str, Any] = {
        field.name: document.number(field.name)
        for field in fields(Aircraft)
        if field.name not in _OTHERS
    }
    # Files of the first releases do not know how far a radio reaches.
    if "link_range_m" in document:
        numbers["link_range_m"] = document.number_or_none("link_range_m")
    try:
        numbers["power"] = PowerModel(**watts)
        return Aircraft(document.text("name"), document.text("dock_id"), **numbers)
    except PlanningError as error:
        raise document.wrong("", f"is not possible: {str(error).rstrip('.')}") from error


def wind_of(document: Document) -> Wind:
    """A wind that was written by its fields.

    Raises:
        PlanFileError: If a key is missing or wrong.
    """
    return Wind(document.number("east_mps"), document.number("north_mps"))
