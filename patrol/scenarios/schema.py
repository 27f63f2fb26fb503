"""What a scenario file may say. Places are metres north and east of the day's place."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flight.flight_news import FlightOutcome
from flight.simulator.settings import Personality, Since, VehicleFaultKind
from flight.states import PatrolState

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Speed = Annotated[float, Field(ge=0, le=60)]
Metres = Annotated[float, Field(ge=-20_000, le=20_000, allow_inf_nan=False)]
Bearing = Annotated[float, Field(ge=0, le=360)]
Point = tuple[Metres, Metres]
Ring = Annotated[tuple[Point, ...], Field(min_length=3)]

#: How a sortie may end without a result: the client refused or gave up, with a reason.
FAILED = "failed"
OutcomeName = Literal["completed", "recalled", "failsafe", "pilot", "failed"]
assert {*OutcomeName.__args__} == {*FlightOutcome, FAILED}  # type: ignore[attr-defined]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Strict):
    """Where the day is, in degrees and metres above mean sea level."""

    lon: float = Field(default=115.62, ge=-180, le=180)
    lat: float = Field(default=33.16, gt=-85, lt=85)
    alt_amsl_m: float = Field(default=30.0, ge=-500, le=6000)


class Wind(_Strict):
    """A wind, named by where it comes from, as forecasts do."""

    from_deg: Bearing = 0.0
    speed_mps: Speed = 0.0
    gust_mps: Speed = 0.0


class WindAt(Wind):
    """Another wind from a time on, in seconds after the day's start."""

    at_s: Seconds


class Weather(_Strict):
    """The wind, and how it changes."""

    wind: Wind = Wind()
    changes: tuple[WindAt, ...] = ()


class Link(_Strict):
    """The radio of every aircraft, each way.

    Attributes:
        loss: share of packets lost.
        duplicate: share of packets that come twice.
        reorder: share of packets overtaken by later ones.
        corrupt: share of packets with a flipped bit.
        delay_s: delay.
        jitter_s: most that comes on top of it.
        lost_final_acks: how many acknowledgements that end an upload never arrive.
        away: share of the time in which nothing comes through.
        away_mean_s: how long that lasts each time, on average.
        blackouts: from and to, in seconds after the day's start.
    """

    loss: Share = 0.0
    duplicate: Share = 0.0
    reorder: Share = 0.0
    corrupt: Share = 0.0
    delay_s: Annotated[float, Field(ge=0, le=5)] = 0.0
    jitter_s: Annotated[float, Field(ge=0, le=5)] = 0.0
    lost_final_acks: int = Field(default=0, ge=0, le=100)
    away: Annotated[float, Field(ge=0, lt=1)] = 0.0
    away_mean_s: Annotated[float, Field(gt=0, le=600)] = 3.0
    blackouts: tuple[tuple[Seconds, Seconds], ...] = ()


class Battery(_Strict):
    """The pack, and how full it is at the start."""

    capacity_wh: Annotated[float, Field(gt=0, le=5000)] = 240.0
    charge: Annotated[float, Field(gt=0, le=1)] = 1.0


class Mishap(_Strict):
    """What befalls the aircraft.

    Attributes:
        what: which mishap.
        at_s: when, in seconds after the moment that `since` names.
        since: the day's start, the first upload, the first take-off, or the turn to a waypoint.
        waypoint: which one, from 1.
        for_s: how long; without it, to the end.
        charge: what a sagging battery has left.
        jump_m: how far the receivers jump.
        towards_deg: and where to.
    """

    what: VehicleFaultKind
    at_s: Seconds = 0.0
    since: Literal["start", "upload", "takeoff", "waypoint"] = "start"
    waypoint: int = Field(default=0, ge=0, le=1000)
    for_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    charge: Share = 0.0
    jump_m: Annotated[float, Field(ge=0, le=5000)] = 0.0
    towards_deg: Bearing = 0.0

    @model_validator(mode="after")
    def _names_its_moment(self) -> Self:
        if (self.since == "waypoint") != (self.waypoint > 0):
            raise ValueError("'since: waypoint' goes with 'waypoint: N', and neither without")
        if (self.what is VehicleFaultKind.GPS_GLITCH) != (self.jump_m > 0):
            raise ValueError("a gps_glitch says 'jump_m', and nothing else does")
        return self

    @property
    def moment(self) -> Since:
        """From when it is counted."""
        return Since.POWER_UP if self.since == "start" else Since(self.since)


class Flight(_Strict):
    """One mission: up, over its waypoints, and home.

    Attributes:
        starts_s: its planned take-off after the day's start.
        height_m: how high above home.
        speed_mps: how fast.
        waypoints_m: metres north and east, and perhaps a height above home of their own.
    """

    starts_s: Seconds = 0.0
    height_m: Annotated[float, Field(gt=0, le=500)] = 30.0
    speed_mps: Annotated[float, Field(gt=0, le=25)] = 8.0
    waypoints_m: tuple[tuple[Metres, Metres] | tuple[Metres, Metres, Metres], ...] = Field(
        min_length=1, max_length=600
    )


class FenceSaid(_Strict):
    """Where the autopilot keeps the aircraft.

    Attributes:
        inside_m: the corners of where it may be.
        outside_m: rings of corners of where it may not be.
        ceiling_m: the greatest height above home.
    """

    inside_m: Ring = ((-100, -100), (300, -100), (300, 300), (-100, 300))
    outside_m: tuple[Ring, ...] = ()
    ceiling_m: Annotated[float, Field(gt=0, le=1000)] = 120.0


class Expectation(_Strict):
    """What must hold for one aircraft at the end of the day.

    Attributes:
        outcomes: how its missions end, one each; `failed` is an end with an error.
        lands: where it stands: at home, elsewhere but gently, where it started as it never flew,
            or anywhere after a fall.
        breach: whether it never leaves its fence, or does and is reported.
        told: what its news must say, each somewhere, as a pattern (regular expression).
        never_told: what its news must not say.
        states: the states it goes through, in this order, others between them.
        gap_s: the longest silence in the record of what was flown.
        error_m: how far the record may be from the truth, over ground and in height.
    """

    outcomes: tuple[OutcomeName, ...] = Field(min_length=1)
    lands: Literal["home", "away", "never_flew", "falls"] = "home"
    breach: Literal["none", "told"] = "none"
    told: tuple[str, ...] = ()
    never_told: tuple[str, ...] = ()
    states: tuple[PatrolState, ...] = ()
    gap_s: Annotated[float, Field(gt=0)] = 0.5
    error_m: Annotated[float, Field(gt=0)] = 4.0


class Craft(_Strict):
    """One aircraft, what it flies, what befalls it, and what must come of it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    stands_m: Point = (0.0, 0.0)
    battery: Battery = Battery()
    parameters: dict[str, float] = Field(default_factory=dict)
    fence: FenceSaid = FenceSaid()
    missions: tuple[Flight, ...] = Field(min_length=1)
    mishaps: tuple[Mishap, ...] = ()
    expect: Expectation

    @model_validator(mode="after")
    def _one_outcome_each(self) -> Self:
        if len(self.expect.outcomes) != len(self.missions):
            raise ValueError(
                f"{self.name} has {len(self.missions)} missions and "
                f"{len(self.expect.outcomes)} outcomes; say one for each mission"
            )
        return self


class Day(_Strict):
    """A whole scenario.

    Attributes:
        title: what it is, in a few words.
        about: why it matters.
        autopilot: which one is imitated.
        seed: the same seed, the same day.
        place: where it is.
        powered_s: for how long the aircraft were on at the start; 60 are ready, 0 begin to boot.
        weather: the wind.
        link: the radios.
        aircraft: who flies; several are traffic to each other.
        recall_at_s: when the operator presses Ctrl-C, if at all.
        apart_m: the least distance between aircraft in the air, if several fly.
        longest_s: a day that lasts longer has failed.
    """

    title: str = Field(min_length=1)
    about: str = ""
    autopilot: Personality = Personality.ARDUPILOT
    seed: int = 1
    place: Place = Place()
    powered_s: Seconds = 60.0
    weather: Weather = Weather()
    link: Link = Link()
    aircraft: tuple[Craft, ...] = Field(min_length=1, max_length=100)
    recall_at_s: Seconds | None = None
    apart_m: Annotated[float, Field(gt=0)] | None = None
    longest_s: Annotated[float, Field(gt=0, le=86_400)] = 1200.0

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [craft.name for craft in self.aircraft]
        if len(set(names)) < len(names):
            raise ValueError("two aircraft have the same name")
        return self
