"""Errors say what happened in a sentence, and carry what a caller needs."""

import pytest

from flight.errors import (
    ArmingRefusedError,
    CommandRefusedError,
    FlightAbortedError,
    FlightError,
    LinkError,
    MissionRefusedError,
    NoAutopilotError,
    NothingToCoverError,
    PlanFileError,
    PlanningError,
    UploadFailedError,
)


@pytest.mark.parametrize(
    "kind",
    [
        PlanningError,
        NothingToCoverError,
        PlanFileError,
        LinkError,
        NoAutopilotError,
        UploadFailedError,
        CommandRefusedError,
        FlightAbortedError,
    ],
)
def test_every_error_of_this_part_has_one_root(kind: type[FlightError]) -> None:
    """The command line catches one type."""
    with pytest.raises(FlightError, match="why"):
        raise kind("why")


def test_a_refused_item_is_named() -> None:
    """The operator sees which item, and why."""
    error = MissionRefusedError(7, "unsupported command")
    assert (error.item_index, error.reason) == (7, "unsupported command")
    assert "item 7" in str(error)
    assert "unsupported command" in str(error)


def test_a_refused_list_is_named_as_a_whole() -> None:
    """Without an index the whole list was refused."""
    assert "the whole list" in str(MissionRefusedError(None, "no space"))


def test_arming_reasons_are_kept() -> None:
    """All reasons are shown, and silence is called silence."""
    error = ArmingRefusedError(["EKF is not ready", "battery low"])
    assert error.reasons == ("EKF is not ready", "battery low")
    assert "EKF is not ready; battery low" in str(error)
    assert "it gave no reason" in str(ArmingRefusedError([]))
