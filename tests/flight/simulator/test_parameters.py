"""Parameters over the link."""

import struct

import pytest

from flight.simulator.errors import SimulatorError
from flight.simulator.settings import Personality, World
from tests.flight.simulator.station import EXACT, ready

PX4 = World(boot_age_s=60, sigmas=EXACT, personality=Personality.PX4)


def test_parameter_is_read_by_name() -> None:
    """PARAM_VALUE answers."""
    (answer,) = ready().send("PARAM_REQUEST_READ", param_id="FENCE_RADIUS", param_index=-1)
    assert (answer["param_id"], answer["param_value"]) == ("FENCE_RADIUS", 150.0)


def test_unknown_parameter_is_not_answered() -> None:
    """Silence, for reading and for setting."""
    station = ready()
    assert station.send("PARAM_REQUEST_READ", param_id="NO_SUCH", param_index=-1) == []
    assert station.send("PARAM_SET", param_id="NO_SUCH", param_value=1.0, param_type=9) == []


def test_set_parameter_is_echoed_and_kept() -> None:
    """An integer parameter drops the fraction."""
    station = ready()
    (echo,) = station.send("PARAM_SET", param_id="FENCE_ACTION", param_value=4.7, param_type=9)
    assert echo["param_value"] == 4
    (again,) = station.send("PARAM_REQUEST_READ", param_id="FENCE_ACTION", param_index=-1)
    assert again["param_value"] == 4


def test_list_gives_every_parameter_once() -> None:
    """Each with its index and the total count."""
    answers = ready().send("PARAM_REQUEST_LIST")
    assert list(range(len(answers))) == [each["param_index"] for each in answers]
    assert {len(answers)} == {each["param_count"] for each in answers}


def test_parameter_is_read_by_index() -> None:
    """An index wins over the name."""
    station = ready()
    third = station.send("PARAM_REQUEST_LIST")[3]
    assert station.send("PARAM_REQUEST_READ", param_id="", param_index=3) == [third]


def test_totals_follow_the_lists() -> None:
    """FENCE_TOTAL counts the items on board."""
    station = ready()
    station.upload(
        [
            {
                "command": 5003,
                "frame": 3,
                "param1": 9.0,
                "param2": 0.0,
                "param3": 0.0,
                "param4": 0.0,
                "x": 331_600_000,
                "y": 1_156_200_000,
                "z": 0.0,
            }
        ],
        1,
    )
    (answer,) = station.send("PARAM_REQUEST_READ", param_id="FENCE_TOTAL", param_index=-1)
    assert answer["param_value"] == 1


def test_setting_a_parameter_that_does_not_exist_is_refused_before_flight() -> None:
    """The error names it."""
    with pytest.raises(SimulatorError, match="NO_SUCH"):
        ready(parameters=(("NO_SUCH", 1),))


def test_px4_shows_its_own_parameters_only() -> None:
    """ArduPilot's names get no answer there."""
    station = ready(PX4)
    assert station.send("PARAM_REQUEST_READ", param_id="FENCE_ACTION", param_index=-1) == []
    (answer,) = station.send("PARAM_REQUEST_READ", param_id="RTL_RETURN_ALT", param_index=-1)
    assert answer["param_value"] == 60


def test_px4_packs_integers_bit_by_bit() -> None:
    """GF_ACTION 2 travels as the float with the bits of 2, both ways."""
    station = ready(PX4)
    (answer,) = station.send("PARAM_REQUEST_READ", param_id="GF_ACTION", param_index=-1)
    assert struct.unpack("<i", struct.pack("<f", answer["param_value"])) == (2,)
    (three,) = struct.unpack("<f", struct.pack("<i", 3))
    station.send("PARAM_SET", param_id="GF_ACTION", param_value=three, param_type=6)
    assert station.vehicle.autopilot.cockpit.parameters["GF_ACTION"] == 3
