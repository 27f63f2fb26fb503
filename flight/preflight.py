"""What is looked at before an aircraft may take off, and what was found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a finding means for the start."""

    GOOD = "good"
    ATTENTION = "attention"
    BLOCKING = "blocking"


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing that was looked at.

    Attributes:
        topic: What it is about: sensors, position, home, battery, fence, lost link and so on.
        verdict: What it means for the start.
        text: What was found, and what to do where it is not good.
    """

    topic: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class ParameterShown:
    """A parameter that decides over the flight, by the name that a pilot knows.

    Attributes:
        name: As in the autopilot.
        value: None if the autopilot has none of that name, or does not tell.
        meaning: What that value does.
    """

    name: str
    value: float | None
    meaning: str


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """All that was found before a start.

    Attributes:
        findings: In the order looked at.
        parameters: Those that decide over fence, return and failsafes.
    """

    findings: tuple[PreflightFinding, ...] = ()
    parameters: tuple[ParameterShown, ...] = ()

    @property
    def blocking(self) -> tuple[PreflightFinding, ...]:
        """What forbids the start."""
        return tuple(each for each in self.findings if each.verdict is Verdict.BLOCKING)

    @property
    def lines(self) -> tuple[str, ...]:
        """The report for people, a line each."""
        marks = {Verdict.GOOD: "ok", Verdict.ATTENTION: "LOOK", Verdict.BLOCKING: "STOP"}
        found = [f"{marks[each.verdict]}: {each.topic}: {each.text}" for each in self.findings]
        shown = [
            f"{each.name} = {'not told' if each.value is None else f'{each.value:g}'}"
            f" ({each.meaning})"
            for each in self.parameters
        ]
        return (*found, *shown)

    def as_rows(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "findings": [
                {"topic": each.topic, "verdict": each.verdict.value, "text": each.text}
                for each in self.findings
            ],
            "parameters": [
                {"name": each.name, "value": each.value, "meaning": each.meaning}
                for each in self.parameters
            ],
        }


class LostLink(StrEnum):
    """What an aircraft does when it no longer hears its station."""

    CONTINUE = "continue"
    RETURN = "return"
    LAND = "land"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an operator expects of an aircraft before its start.

    Attributes:
        battery_percent: Less than this forbids the start; what the mission takes.
        spare_battery_percent: Less than this is worth a look; the reserve on top.
        home_tolerance_m: How far the aircraft may stand from its mission's home.
        lost_link: What it must do without a link; None for whatever its owner has set.
    """

    battery_percent: float = 0.0
    spare_battery_percent: float = 0.0
    home_tolerance_m: float = 100.0
    lost_link: LostLink | None = None
