"""What a benchmark says, the same for all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured quantity with its unit."""

    value: float
    unit: str


@dataclass(frozen=True)
class Result:
    """What one run measured.

    Attributes:
        name: the benchmark's name.
        figures: everything measured, by name.
        ratio: our figure over the peer's or the bound's, from the same run.
        against: the peer or bound.
        reach: what the ratio should be, in words a person can check.
        met: whether this run reached it.
        each: the ratio of every single instance, by name, where there are several.
    """

    name: str
    figures: dict[str, Figure]
    ratio: float
    against: str
    reach: str
    met: bool
    each: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The one JSON object that `--json` prints last."""
        each = {name: round(ratio, 4) for name, ratio in self.each.items()}
        return {
            "name": self.name,
            "figures": {
                key: {"value": round(figure.value, 4), "unit": figure.unit}
                for key, figure in self.figures.items()
            },
            "ratio": round(self.ratio, 4),
            "against": self.against,
            "reach": self.reach,
            "met": self.met,
            **({"each": each} if each else {}),
        }


class BenchmarkUnavailableError(Exception):
    """What this benchmark needs is not on this machine; the text says what and how to get it."""


@dataclass(frozen=True)
class Instances:
    """Areas of a user's own, to be measured in place of the published ones.

    Attributes:
        file: GeoJSON.
        spacing_m: Distance between lanes; for each area a twentieth of its width if not given.
    """

    file: Path
    spacing_m: float | None = None


@dataclass(frozen=True)
class Benchmark:
    """A named measurement: what it tells and how it is run, on areas of one's own too."""

    name: str
    tells: str
    run: Callable[[], Result]
    run_on: Callable[[Instances], Result] | None = None
