"""Who decides where the aircraft flies."""

import pytest

from flight.mavlink.control_judge import ControlJudge
from flight.states import VehicleState
from flight.vehicle import Control


def judged(judge: ControlJudge, mode: str, time_boot_s: float = 100.0, **changes: bool) -> Control:
    """Return the verdict on a flying aircraft in a mode."""
    returning = changes.pop("returning", False)
    armed = changes.pop("armed", True)
    state = VehicleState(
        time_boot_s=time_boot_s,
        mode=mode,
        armed=armed,
        breach=changes.get("breach", False),
        failsafe=changes.get("failsafe", False),
    )
    judge.look(state, returning=returning)
    return judge.verdict


def on_mission() -> ControlJudge:
    """Return the judge of an aircraft that we sent on its mission."""
    judge = ControlJudge()
    judge.command(Control.MISSION, "AUTO")
    return judge


def test_the_mode_we_asked_for_is_ours() -> None:
    """Nothing has happened."""
    assert judged(on_mission(), "AUTO") is Control.MISSION


def test_another_mode_without_a_reason_is_the_pilots() -> None:
    """A stick or a switch."""
    assert judged(on_mission(), "LOITER") is Control.PILOT


@pytest.mark.parametrize(
    "text", ["Battery Failsafe", "GCS Failsafe", "Polygon fence breached", "EKF Failsafe: LAND"]
)
def test_another_mode_after_a_failsafes_words_is_the_failsafes(text: str) -> None:
    """The words come a moment before the heartbeat shows the mode, or after it."""
    judge = on_mission()
    judge.said(text, 98.0)
    assert judged(judge, "RTL") is Control.FAILSAFE
    late = on_mission()
    assert judged(late, "RTL", 100.0) is Control.PILOT
    late.said(text, 100.5)
    assert judged(late, "RTL", 101.0) is Control.FAILSAFE


@pytest.mark.parametrize("evidence", ["breach", "failsafe"])
def test_the_autopilots_own_flags_are_evidence(evidence: str) -> None:
    """FENCE_STATUS and the heartbeat's system status."""
    assert judged(on_mission(), "RTL", **{evidence: True}) is Control.FAILSAFE


def test_a_failsafe_stays_one_after_its_cause_is_gone() -> None:
    """The mode stays RTL when the breach is cleared."""
    judge = on_mission()
    assert judged(judge, "RTL", 100.0, breach=True) is Control.FAILSAFE
    judge.said("Fence breach cleared", 110.0)
    assert judged(judge, "RTL", 160.0) is Control.FAILSAFE


def test_a_pilot_can_take_over_from_a_failsafe() -> None:
    """Another change of mode, long after the words."""
    judge = on_mission()
    judged(judge, "RTL", 100.0, breach=True)
    assert judged(judge, "LOITER", 130.0) is Control.PILOT


def test_good_news_is_no_failsafe() -> None:
    """A failsafe that is "cleared" changes no mode."""
    judge = on_mission()
    judge.said("GCS Failsafe Cleared", 99.0)
    assert judged(judge, "LOITER") is Control.PILOT


def test_a_pilot_can_give_the_mission_back() -> None:
    """Back in AUTO it is the mission again."""
    judge = on_mission()
    judged(judge, "LOITER")
    assert judged(judge, "AUTO") is Control.MISSION


@pytest.mark.parametrize("mode", ["AUTO", "AUTO.RTL"])
def test_the_missions_own_way_home_is_no_takeover(mode: str) -> None:
    """ArduPilot stays in AUTO; PX4 changes to its return mode by itself."""
    assert judged(on_mission(), mode, returning=True) is Control.RETURNING


def test_a_disarmed_aircraft_is_not_judged() -> None:
    """Whoever brought it down stays the one."""
    judge = on_mission()
    judged(judge, "RTL", breach=True)
    assert judged(judge, "RTL", 200.0, armed=False) is Control.FAILSAFE


def test_before_any_order_everything_is_ours() -> None:
    """Whatever mode it was switched on in."""
    assert judged(ControlJudge(), "STABILIZE") is Control.COMMANDED
