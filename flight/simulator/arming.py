"""Whether ArduCopter would let the motors start, mode by mode."""

from flight.simulator.cockpit import Cockpit
from flight.simulator.fence_watch import FenceWatch
from flight.simulator.mission_flight import MissionFlight
from flight.simulator.modes import NEVER_ARMABLE, POSITION_MODES, Mode
from flight.simulator.settings import Personality

#: STABILIZE is ready at about this share of the time that position modes need (23 s of 42 s).
_STABILIZE_SHARE = 0.55
_AUTO_ARMABLE_BIT = 1
_LEAST_CHARGE = 0.05
_TERRAIN_FRAMES = (10, 11)


def refusals(cockpit: Cockpit, fence: FenceWatch, mission: MissionFlight) -> tuple[str, ...]:
    """Return why arming in the present mode is refused, without the "Arm: "; empty if it is not."""
    reasons: list[str] = []
    if cockpit.now_s < cockpit.armable_at_s * _STABILIZE_SHARE:
        reasons.append("GPS 1: Bad fix")
    if cockpit.mode in POSITION_MODES and not cockpit.position_known:
        reasons.append("Need Position Estimate")
    if cockpit.compass_failed:
        reasons.append("Compass not healthy")
    if cockpit.power.fraction < _LEAST_CHARGE:
        reasons.append("Battery 1 below minimum arming capacity")
    if any(item.frame in _TERRAIN_FRAMES for item in mission.items):
        reasons.append("waiting for terrain data")
    return (*reasons, *_mode_refusals(cockpit, mission), *_fence_refusals(cockpit, fence))


def _mode_refusals(cockpit: Cockpit, mission: MissionFlight) -> tuple[str, ...]:
    px4 = cockpit.personality is Personality.PX4
    if cockpit.mode in NEVER_ARMABLE and not (px4 and cockpit.mode is Mode.BRAKE):
        return (f"{cockpit.mode.value} mode not armable",)
    if cockpit.mode is not Mode.AUTO:
        return ()
    if mission.count == 0:
        return ("Mode requires mission",)
    armable = px4 or cockpit.parameters.whole("AUTO_OPTIONS") & _AUTO_ARMABLE_BIT
    return () if armable else ("AUTO mode not armable",)


def _fence_refusals(cockpit: Cockpit, fence: FenceWatch) -> tuple[str, ...]:
    if not fence.enabled:
        return ()
    if cockpit.parameters.whole("FENCE_TYPE") == 0:
        return ("Fences enabled, but none selected",)
    name = fence.breached_now()
    return (f"Vehicle breaching {name} fence",) if name and cockpit.position_known else ()
