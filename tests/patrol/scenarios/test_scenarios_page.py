"""The page on scenarios names every key, with its default, and its example is a day."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from flight.flight_news import FlightOutcome
from flight.simulator.settings import Personality, VehicleFaultKind
from patrol.scenarios import schema

PAGE = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "The day": schema.Day,
    "`place`": schema.Place,
    "`weather`": schema.Weather,
    "`weather.wind` and `weather.changes`": schema.WindAt,
    "`link`": schema.Link,
    "Each of `aircraft`": schema.Craft,
    "`battery`": schema.Battery,
    "`fence`": schema.FenceSaid,
    "Each of `missions`": schema.Flight,
    "Each of `mishaps`": schema.Mishap,
    "`expect`": schema.Expectation,
}


def rows(heading: str) -> dict[str, str]:
    """Return the keys of a section's first table, with their defaults."""
    text = re.split(r"^#+ ", PAGE, flags=re.MULTILINE)
    (section,) = (part for part in text if part.startswith(f"{heading}\n"))
    found = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", section, flags=re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_named_and_no_other(heading: str) -> None:
    """With its default where that is a number or a word."""
    told, fields = rows(heading), SECTIONS[heading].model_fields
    assert set(told) == set(fields)
    for key, field in fields.items():
        if field.is_required():
            assert told[key] == "must be said", key
        elif isinstance(field.default, int | float) and key != "waypoint":
            assert told[key] == str(field.default), key
        elif isinstance(field.default, str) and field.default:
            assert told[key] == f"`{field.default}`", key


def test_every_model_has_a_section() -> None:
    """A new part of a scenario must be written about."""
    models = {
        each
        for each in vars(schema).values()
        if isinstance(each, type) and issubclass(each, schema._Strict)
    }
    # A wind at the start is one without a time.
    assert models - set(SECTIONS.values()) == {schema._Strict, schema.Wind}


@pytest.mark.parametrize(
    "word", [*VehicleFaultKind, *Personality, *FlightOutcome, "never_flew", "falls", "away"]
)
def test_every_word_is_explained(word: str) -> None:
    """Mishaps, autopilots, outcomes and landings."""
    assert f"`{word}`" in PAGE


def test_the_example_is_a_day() -> None:
    """As it stands on the page."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert schema.Day.model_validate(yaml.safe_load(example)).aircraft[0].mishaps
