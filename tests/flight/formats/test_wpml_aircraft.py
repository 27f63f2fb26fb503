"""DJI's numbers are found by name."""

import pytest

from flight.errors import PlanFileError
from flight.formats.wpml_aircraft import DJI_AIRCRAFT, dji_aircraft


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("M30T", (67, 1, 53)),
        ("M3TA", (77, 3, 129)),
        ("m4td", (100, 1, 99)),
        ("M350+H20T", (89, 0, 43)),
        (" M400+h30 ", (103, 0, 82)),
    ],
)
def test_an_aircraft_has_dji_numbers(name: str, numbers: tuple[int, int, int]) -> None:
    """Capitals and space around the name do not matter."""
    found = dji_aircraft(name)
    assert (found.drone, found.drone_sub, found.payload) == numbers


def test_every_aircraft_has_its_own_numbers() -> None:
    """No row of the table repeats another."""
    numbers = [(a.drone, a.drone_sub, a.payload) for a in DJI_AIRCRAFT]
    assert len(set(numbers)) == len(numbers)


def test_an_unknown_aircraft_is_refused_with_the_known_ones() -> None:
    """The operator sees what to write."""
    with pytest.raises(PlanFileError, match=r"'Phantom' is no DJI aircraft.*M3TD"):
        dji_aircraft("Phantom")
