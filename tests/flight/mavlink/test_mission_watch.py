"""Noticing that somebody else has changed the mission on board."""

import pytest

from flight.mavlink.mission_watch import MissionWatch

OURS, OTHER = 7001, 7002


def settled(count: int = 24, mission_id: int = OURS) -> MissionWatch:
    """Return a watch that has heard of our mission on board."""
    watch = MissionWatch()
    watch.expect(count)
    assert watch.look(count, mission_id) == ""
    return watch


@pytest.mark.parametrize(
    ("count", "mission_id", "told"),
    [
        (24, OTHER, "other items now, 24 as before"),
        (3, OTHER, "3 items now, and 24 were uploaded"),
        (0, 0, "0 items now"),
    ],
)
def test_another_id_is_another_mission(count: int, mission_id: int, told: str) -> None:
    """Even one that is as long."""
    assert told in settled().look(count, mission_id)


def test_without_ids_the_length_must_do() -> None:
    """ArduPilot gives none; what is as long cannot be told apart, and proves nothing."""
    watch = settled(mission_id=0)
    assert watch.look(24, 0) == ""
    assert not watch.proves
    assert "3 items now instead of 24" in watch.look(3, 0)


def test_an_id_proves_that_nothing_was_changed() -> None:
    """Until another one is told."""
    watch = settled()
    assert watch.proves
    watch.look(24, OTHER)
    assert not watch.proves


def test_a_vehicle_that_tells_no_length_is_watched_by_its_ids() -> None:
    """An older one tells neither, and is believed."""
    assert settled(24, 0).look(24, 0) == ""
    watch = MissionWatch()
    watch.expect(24)
    assert watch.look(0, OURS) == ""
    assert "0 items now" in watch.look(0, OTHER)


def test_what_is_told_late_is_no_change() -> None:
    """The mission from before our upload may be told for a moment still."""
    watch = MissionWatch()
    watch.expect(24)
    assert [watch.look(5, OTHER), watch.look(24, OURS), watch.look(24, OURS)] == [""] * 3


def test_a_change_stays_told_until_the_next_upload() -> None:
    """Put back as it was, it is still not what we watched."""
    watch = settled()
    watch.look(3, OTHER)
    assert watch.look(24, OURS)
    watch.forget()
    assert watch.look(3, OTHER) == ""


def test_ardupilot_says_that_a_mission_under_way_was_changed() -> None:
    """Where neither length nor id shows it."""
    watch = settled(mission_id=0)
    assert watch.said("Mission: 4 Waypoint") == ""
    assert "Auto mission changed" in watch.said("Auto mission changed, restarted command")
    assert watch.look(24, 0)
    assert MissionWatch().said("Auto mission changed, restarted command") == ""
