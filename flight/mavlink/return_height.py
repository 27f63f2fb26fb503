"""The height at which an autopilot returns by itself: not below its mission, not above its fence.

A failsafe return first climbs to a height of the autopilot's own. PX4's default of 60 m would break
a ceiling of 50 m on the way home, and a fence breach is answered by the same return; a height below
the mission's would bring an aircraft home under what the mission was laid to clear.
"""

from flight.errors import UploadFailedError
from flight.mavlink.commander import Commander
from flight.mavlink.firmware import HeightParameter
from flight.missions import Mission

# ArduPilot's FENCE_MARGIN: nearer to its ceiling an aircraft that bobs in the wind breaches it.
_BELOW_CEILING_M = 2.0


def mission_top_m(mission: Mission) -> float:
    """Return the greatest height above home that a mission, or a return from it, flies at.

    Raises:
        UploadFailedError: It is above the mission's own ceiling.
    """
    heights_m = [item.height_home_m for item in mission.items if item.height_home_m is not None]
    heights_m += [rally.height_home_m for rally in mission.rally]
    top_m = max(heights_m, default=mission.height_home_m)
    ceiling_m = mission.fence.ceiling_height_home_m
    if top_m > ceiling_m:
        raise UploadFailedError(
            f"Mission {mission.mission_id} climbs to {top_m:g} m above home, over the ceiling of "
            f"{ceiling_m:g} m of its own fence. Plan it again, lower. Nothing was uploaded."
        )
    return top_m


def safe_return_height_m(owners_m: float, top_m: float, ceiling_m: float) -> float:
    """Return the height above home at which a return is safe.

    The owner's height is kept where it can be: it may be there for a tree that we do not know.

    Args:
        owners_m: What the autopilot has been told by its owner.
        top_m: The greatest height of the mission.
        ceiling_m: That of its fence, at least ``top_m``.
    """
    if top_m <= owners_m <= ceiling_m - _BELOW_CEILING_M:
        return owners_m
    return top_m


async def set_return_height(
    commander: Commander, parameters: tuple[HeightParameter, ...], mission: Mission
) -> None:
    """Have an autopilot return at a safe height, and see that it took.

    Args:
        commander: Gives the orders.
        parameters: What may hold the height; the first that the autopilot has is it.
        mission: What will be flown.

    Raises:
        UploadFailedError: The mission is above its own ceiling, or the height cannot be set.
    """
    top_m = mission_top_m(mission)
    # Twice over: on a bad radio one silence is no proof that there is no parameter.
    for parameter in parameters * 2:
        told = await commander.parameter(parameter.name)
        if told is None:
            continue
        owners_m = told / parameter.per_metre
        safe_m = safe_return_height_m(owners_m, top_m, mission.fence.ceiling_height_home_m)
        if safe_m != owners_m:
            await commander.set_parameter(parameter.name, parameter.value(safe_m))
        return
    names = " or ".join(parameter.name for parameter in parameters)
    raise UploadFailedError(
        f"The autopilot has no parameter {names}, so the height of its return cannot be checked "
        "against the fence; is its firmware known? Nothing was uploaded."
    )
