"""What parameters do in an emergency, in words."""

import pytest

from flight.mavlink.safety_parameters import ardupilot_lost_link, px4_lost_link, shown
from flight.preflight import LostLink


@pytest.mark.parametrize(
    ("values", "policy", "says"),
    [
        ({}, LostLink.OTHER, "nobody knows"),
        ({"FS_GCS_ENABLE": 0.0}, LostLink.CONTINUE, "FS_GCS_ENABLE = 0"),
        ({"FS_GCS_ENABLE": 1.0, "MAV_GCS_SYSID": 255.0}, LostLink.CONTINUE, "we are 245"),
        ({"FS_GCS_ENABLE": 1.0, "SYSID_MYGCS": 245.0}, LostLink.RETURN, "sends it home"),
        ({"FS_GCS_ENABLE": 5.0, "MAV_GCS_SYSID": 245.0}, LostLink.LAND, "lands it"),
        (
            {"FS_GCS_ENABLE": 1.0, "MAV_GCS_SYSID": 245.0, "FS_OPTIONS": 18.0},
            LostLink.CONTINUE,
            "FS_OPTIONS",
        ),
    ],
)
def test_an_ardupilot_listens_to_one_station(
    values: dict[str, float], policy: LostLink, says: str
) -> None:
    """Losing any other one changes nothing."""
    rule = ardupilot_lost_link(values, 245)
    assert rule.policy is policy
    assert says in rule.text


@pytest.mark.parametrize(
    ("action", "policy"),
    [
        (0.0, LostLink.CONTINUE),
        (1.0, LostLink.OTHER),
        (2.0, LostLink.RETURN),
        (3.0, LostLink.LAND),
        (None, LostLink.OTHER),
    ],
)
def test_a_px4_does_what_it_is_set_to(action: float | None, policy: LostLink) -> None:
    """After its own patience."""
    rule = px4_lost_link({"NAV_DLL_ACT": action, "COM_DL_LOSS_T": 10.0})
    assert rule.policy is policy
    assert ("after 10 s" in rule.text) is bool(action)


def test_parameters_are_shown_with_what_they_mean() -> None:
    """Heights in metres, whatever the parameter's unit; what is not told is said so."""
    meanings = {
        each.name: each.meaning
        for each in shown({"RTL_ALT": 1500.0, "FENCE_ACTION": 1.0, "NAV_DLL_ACT": None})
    }
    assert meanings["RTL_ALT"] == "returns at least 15 m above home"
    assert meanings["FENCE_ACTION"] == "a breach sends it home, or lands it"
    assert "does not tell" in meanings["NAV_DLL_ACT"]
