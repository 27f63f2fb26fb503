"""What if: one patrol planned in many ways, and which of them is done first.

What counts is the time until the last aircraft has landed, from the moment that the crew begins to
set up: more aircraft fly for less time, but each has to be made ready, so there is a number from
which on more of them make a patrol longer (Apostolidis et al. 2022 report the same).
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flight.errors import PlanningError
from flight.missions import PatrolPlan
from flight.planning.request import PatrolRequest
from flight.planning.wind import Wind
from geofences.view import Camera

Change = Callable[[PatrolRequest, str], PatrolRequest]
Planner = Callable[[PatrolRequest], PatrolPlan]


@dataclass(frozen=True, slots=True)
class Axis:
    """Something that can be varied.

    Attributes:
        name: As an operator writes it.
        unit: What its values are counted in.
        change: Puts a value, as it was written, into a request.
        chosen: Whether an operator chooses it; the wind comes as it comes.
    """

    name: str
    unit: str
    change: Change
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Preparation:
    """How long a crew takes on the ground.

    Attributes:
        setup_s: To make one aircraft ready; one crew makes one after the other ready.
        swap_s: Between the landing and the next take-off of an aircraft.
    """

    setup_s: float = 180.0
    swap_s: float = 180.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to fly a patrol.

    Attributes:
        values: The value of each axis that is varied.
        request: The patrol with these values; None where one of them is impossible.
        refusal: Which, and why.
    """

    values: Mapping[str, str]
    request: PatrolRequest | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a variant comes to.

    Attributes:
        variant: Which.
        plan: Its plan; None where none can be made.
        refusal: Why there is none.
        total_s: From the beginning of the set-up to the last landing.
        setup_s: Of that, until the last aircraft was ready.
        airborne_s: Of all aircraft together.
        batteries: How many are used.
        energy_wh: Of all flights; None where it was not foretold.
        distance_m: Of all flights.
        coverage: Share of the ground that is seen.
        ground_sample_cm: Size of a pixel on the ground in the middle of the picture.
    """

    variant: Variant
    plan: PatrolPlan | None = None
    refusal: str = ""
    total_s: float = math.inf
    setup_s: float = 0.0
    airborne_s: float = 0.0
    batteries: int = 0
    energy_wh: float | None = None
    distance_m: float = 0.0
    coverage: float = 0.0
    ground_sample_cm: float = 0.0


def _fewer_aircraft(request: PatrolRequest, text: str) -> PatrolRequest:
    count = int(text)
    if not 1 <= count <= len(request.aircraft):
        raise ValueError(text)
    return replace(request, aircraft=request.aircraft[:count])


def _wind(request: PatrolRequest, text: str) -> PatrolRequest:
    """A wind as `FROM@SPEED`, the degrees that it comes from first; `0` is calm."""
    from_deg, at, speed = text.partition("@")
    if not at and float(text) != 0.0:
        raise ValueError(text)
    return replace(request, wind=Wind.coming_from(float(from_deg), float(speed or 0.0)))


def _number(field: str) -> Change:
    def change(request: PatrolRequest, text: str) -> PatrolRequest:
        return replace(request, **{field: float(text)})  # type: ignore[arg-type]

    return change


def _height(request: PatrolRequest, text: str) -> PatrolRequest:
    """Another height above what the flight's height is counted from."""
    follows = request.height_ground_m is not None
    return _number("height_ground_m" if follows else "height_home_m")(request, text)


AXES: tuple[Axis, ...] = (
    Axis("aircraft", "", _fewer_aircraft),
    Axis("wind", "m/s", _wind, chosen=False),
    Axis("speed", "m/s", _number("speed_mps")),
    Axis("height", "m", _height),
    Axis("overlap", "", _number("side_overlap")),
)


def variants(request: PatrolRequest, choices: Mapping[str, Sequence[str]]) -> tuple[Variant, ...]:
    """Every combination of some choices.

    Args:
        request: The patrol as it stands; its crew is the largest that is tried.
        choices: For each axis to be varied the values, as an operator writes them.

    Returns:
        One for each combination, in the order of the axes; one that is impossible says why.

    Raises:
        PlanningError: If something is to be varied that there is not.
    """
    known = {axis.name: axis for axis in AXES}
    unknown = [name for name in choices if name not in known]
    if unknown:
        raise PlanningError(f"{unknown[0]!r} cannot be varied. Vary any of: {', '.join(known)}.")
    used = [axis for axis in AXES if choices.get(axis.name)]
    made = []
    for values in itertools.product(*(dict.fromkeys(choices[axis.name]) for axis in used)):
        named = {axis.name: value for axis, value in zip(used, values, strict=True)}
        made.append(_variant(request, used, named))
    return tuple(made)


def _variant(request: PatrolRequest, used: Sequence[Axis], values: Mapping[str, str]) -> Variant:
    changed = request
    for axis in used:
        try:
            changed = axis.change(changed, values[axis.name])
        except PlanningError as error:
            return Variant(values, None, str(error))
        except ValueError:
            return Variant(values, None, _impossible(axis, values[axis.name], request))
    return Variant(values, changed)


def _impossible(axis: Axis, value: str, request: PatrolRequest) -> str:
    return (
        f"{value!r} is not possible for {axis.name}. Write numbers, such as 6 or 0.3; for "
        f"aircraft 1 to {len(request.aircraft)}; for wind 0 or FROM@SPEED, such as 270@5 for "
        "5 m/s from the west."
    )


def compare(ways: Sequence[Variant], plan: Planner, preparation: Preparation) -> Iterator[Outcome]:
    """Plan one variant after the other.

    Args:
        ways: What to plan.
        plan: Makes a plan of a request.
        preparation: How long the crew takes on the ground.

    Yields:
        What each comes to, as soon as it is known; one that cannot be planned says why.
    """
    for variant in ways:
        if variant.request is None:
            yield Outcome(variant, refusal=variant.refusal)
            continue
        try:
            made = plan(variant.request)
        except PlanningError as error:
            yield Outcome(variant, refusal=str(error))
        else:
            yield _outcome(variant, variant.request, made, preparation)


def _outcome(
    variant: Variant, request: PatrolRequest, plan: PatrolPlan, preparation: Preparation
) -> Outcome:
    energies = [mission.energy_wh for mission in plan.missions]
    known = [energy for energy in energies if energy is not None]
    crew = {mission.vehicle_name for mission in plan.missions}
    return Outcome(
        variant,
        plan,
        total_s=last_landing_s(plan, preparation),
        setup_s=preparation.setup_s * len(crew),
        airborne_s=sum(mission.duration_s for mission in plan.missions),
        batteries=len(plan.missions),
        energy_wh=sum(known) if len(known) == len(energies) else None,
        distance_m=sum(mission.distance_m for mission in plan.missions),
        coverage=plan.coverage_fraction,
        ground_sample_cm=ground_sample_cm(
            request.camera, request.flown_height_m, request.gimbal_pitch_deg
        ),
    )


def last_landing_s(plan: PatrolPlan, preparation: Preparation) -> float:
    """When the last aircraft has landed, counted from the beginning of the set-up.

    An aircraft takes off once it is ready, at its foretold start at the earliest, and again once
    its battery is changed.
    """
    crew = list(dict.fromkeys(mission.vehicle_name for mission in plan.missions))
    ready_s = {name: preparation.setup_s * n for n, name in enumerate(crew, start=1)}
    first_s = dict(ready_s)
    landed_s = 0.0
    for mission in sorted(plan.missions, key=lambda mission: mission.start_s):
        name = mission.vehicle_name
        start_s = max(ready_s[name], first_s[name] + mission.start_s)
        landed_s = max(landed_s, start_s + mission.duration_s)
        ready_s[name] = start_s + mission.duration_s + preparation.swap_s
    return landed_s


def ground_sample_cm(camera: Camera, height_m: float, pitch_deg: float) -> float:
    """Size of a pixel on level ground, across the line of sight in the middle of the picture."""
    slant_m = height_m / math.sin(math.radians(-pitch_deg)) if pitch_deg < 0.0 else math.inf
    across_m = 2.0 * slant_m * math.tan(math.radians(camera.hfov_deg) / 2.0)
    return 100.0 * across_m / camera.width_px
