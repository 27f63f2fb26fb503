"""What can go wrong while planning and flying.

FlightError
├── PlanningError            no safe plan can be made; carries the findings of the checks
│   ├── NothingToCoverError  there is no ground left to look at
│   ├── OutOfReachError      no aircraft reaches any of it on one battery
│   ├── TerrainError         the ground under a route forbids it, or is not known
│   └── WindTooStrongError   an aircraft cannot hold its way or its place in the wind
├── PlanFileError            a plan file cannot be read or written; names the file and the key
├── LinkError                the connection to an aircraft is broken or misconfigured
│   ├── AircraftBusyError    another process has the aircraft in its hands
│   └── NoAutopilotError     the connection is open, but no autopilot speaks on it
├── UploadFailedError        a mission or fence did not reach the autopilot
│   └── MissionRefusedError  the autopilot refused one item; carries its index and the reason
├── PreflightError           something that was looked at forbids the start
├── ArmingRefusedError       the autopilot will not arm; carries its reasons
├── CommandRefusedError      the autopilot refused another command
└── FlightAbortedError       a flight ended before its mission was done
"""

from collections.abc import Sequence

from geofences.checks import Finding
from geofences.geodesy import LonLat


class FlightError(Exception):
    """Root of everything this part raises; its text is meant for the operator."""


class PlanningError(FlightError):
    """No plan that may fly can be made from the request.

    Attributes:
        findings: What the checks found, worst first; empty where planning stopped before them.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class NothingToCoverError(PlanningError):
    """The requested ground is empty, or all of it is closed to flight."""


class OutOfReachError(PlanningError):
    """No aircraft can fly to any of what is asked for, and back, on one battery."""


class TerrainError(PlanningError):
    """The ground under a route leaves no height to fly at, or is not known; see `findings`."""


class WindTooStrongError(PlanningError):
    """The wind is stronger than an aircraft can fly against."""


class PlanFileError(FlightError):
    """A plan file cannot be read or written; the message names the file and the key."""


class LinkError(FlightError):
    """The connection to an aircraft is broken, closed or wrongly addressed."""


class AircraftBusyError(LinkError):
    """Another process on this machine has the aircraft in its hands."""


class NoAutopilotError(LinkError):
    """Nothing that is an autopilot was heard in time."""


class UploadFailedError(FlightError):
    """A mission or fence could not be brought on board and verified there."""


class MissionRefusedError(UploadFailedError):
    """The autopilot refused one item of a mission or fence.

    Attributes:
        item_index: The refused item's place, from 0, in the list that was uploaded; None if the
            autopilot refused the whole list.
        reason: The autopilot's reason, in words.
    """

    def __init__(self, item_index: int | None, reason: str) -> None:
        what = "the whole list" if item_index is None else f"item {item_index}"
        super().__init__(
            f"The autopilot refused {what} of the upload: {reason}. "
            "Change the plan accordingly and upload it again."
        )
        self.item_index = item_index
        self.reason = reason


class PreflightError(FlightError):
    """Something found before the start forbids it; the message says what and what to do."""


class ArmingRefusedError(FlightError):
    """The autopilot will not arm.

    Attributes:
        reasons: What the autopilot said about it, newest last; empty if it gave none.
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        said = "; ".join(reasons) if reasons else "it gave no reason"
        super().__init__(f"The autopilot refuses to arm: {said}. Put that right and start again.")
        self.reasons = tuple(reasons)


class CommandRefusedError(FlightError):
    """The autopilot refused a command, or did not obey it in time."""


class FlightAbortedError(FlightError):
    """A flight ended before its mission was done; the message says where the aircraft is.

    Attributes:
        mission_id: What was flown; empty if nothing was.
        reached_item: The last item flown to; None if none was, or nothing is left.
        left_at: Where the aircraft was last seen on its mission; None if that is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        mission_id: str = "",
        reached_item: int | None = None,
        left_at: LonLat | None = None,
    ) -> None:
        super().__init__(message)
        self.mission_id = mission_id
        self.reached_item = reached_item
        self.left_at = left_at
