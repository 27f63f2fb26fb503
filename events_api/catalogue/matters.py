"""The catalogue of matters: their codes, names, conditions, limits, and who is responsible."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, computed_field

from events_api.catalogue.grades import Grade
from events_api.catalogue.limits import CellPrefix, Id, Limit, fit
from events_api.catalogue.steps import Step
from events_api.errors import UnprocessableError
from events_api.merging import MergeRule
from events_api.schemas import MatterKey, Wire

LOCAL_EXTENSION = "GRIDPATROL-EXT"
SHOWN_BODIES = 20

Code = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(min_length=1, max_length=2000)]
Extent = Annotated[float, Field(ge=0, le=1000)]
SameWithin = Annotated[float, Field(gt=0, le=87_600)]
ColourClass = Literal["hazard", "order", "parking", "tidiness", "road", "presence"]


class Words(Wire):
    """A sentence in both languages, or in the one it is known in."""

    zh: Prose | None = None
    en: Prose | None = None


class Condition(Wire):
    """One row of a matter: when it is filed, when it is closed, and how long that may take."""

    filing: Words | None = None
    closing: Words | None = None
    grade: Grade | None = None
    limits: tuple[Limit, ...] = ()


class Matter(Wire):
    """A class of events: its codes and names, its rules, and what sameness means for it.

    Attributes:
        codes_2013: Counterparts in GB/T 30428.2-2013.
        codes_2013_local: Counterparts that cities added to the 2013 list themselves.
        codes_2007: Counterparts in CJ/T 214-2007.
        conditions: Its rows; of several, an event takes the first of its grade.
        extent_m: Typical size of the thing on the ground.
        same_within_h: How long an unhandled thing is taken for the same one.
        remark: What is unsure, or not known.
    """

    standard_ref: Code
    code: Code
    zh: Name
    en: Name
    codes_2013: tuple[Code, ...] = ()
    codes_2013_local: tuple[Code, ...] = ()
    codes_2007: tuple[Code, ...] = ()
    conditions: tuple[Condition, ...] = ()
    extent_m: Extent
    same_within_h: SameWithin
    colour_class: ColourClass
    remark: Prose | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_local_extension(self) -> bool:
        """Whether the code is ours and not the standard's."""
        return self.standard_ref == LOCAL_EXTENSION

    @property
    def merge_rule(self) -> MergeRule:
        """What merging asks of the matter."""
        return MergeRule(self.extent_m, timedelta(hours=self.same_within_h))

    def condition(self, grade: Grade | None) -> Condition | None:
        """Return the row of a grade, else the first without one, else the first."""
        for wanted in (grade, None):
            for condition in self.conditions:
                if condition.grade is wanted:
                    return condition
        return next(iter(self.conditions), None)


class Source(Wire):
    """Where a rule is taken from."""

    en: Prose
    zh: Prose | None = None


class Body(Wire):
    """An organisation that is responsible for handling."""

    id: Id
    zh: Name
    en: Name


class Responsibility(Wire):
    """Which body is responsible, by the beginnings of cells' and matters' codes; all when empty."""

    body: Id
    cells: tuple[CellPrefix, ...] = ()
    matters: tuple[Code, ...] = ()

    def rank(self, code: str, cell_code: str | None) -> tuple[int, int] | None:
        """Return how closely it fits an event, the cell before the matter; none when not."""
        place, matter = fit(self.cells, cell_code), fit(self.matters, code)
        return None if place is None or matter is None else (place, matter)


class Clockwork(Wire):
    """What holds for the deadlines of all matters.

    Attributes:
        limits: Limits of steps for matters that say none of their own.
        warn_share: A warning is given when this share of a limit is left.
        pauses: What makes a clock stand still.
        source: Where these rules are from.
    """

    limits: tuple[Limit, ...] = ()
    warn_share: Annotated[float, Field(ge=0, lt=1)] = 0.25
    pauses: tuple[Literal["suspended", "awaiting_outside_body"], ...] = ()
    source: Prose


class Catalogue(Wire):
    """All matters, each with its own standard reference and code, and the rules about them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: dict[Id, Source]
    clockwork: Clockwork
    bodies: tuple[Body, ...] = ()
    responsible: tuple[Responsibility, ...] = ()
    matters: tuple[Matter, ...]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Matter]:
        """The matters by standard and code, the first of those that are told twice."""
        return {(each.standard_ref, each.code): each for each in reversed(self.matters)}

    def find(self, key: MatterKey) -> Matter:
        """Return the matter of `key`.

        Raises:
            UnprocessableError: The catalogue does not have it.
        """
        matter = self.known(key.standard_ref, key.code)
        if matter is not None:
            return matter
        raise UnprocessableError(
            f"The matter {key.code} of {key.standard_ref} is not in the catalogue; "
            "GET /matters lists those that are."
        )

    def known(self, standard_ref: str, code: str) -> Matter | None:
        """Return a matter, if the catalogue has it."""
        return self.by_key.get((standard_ref, code))

    def check_body(self, body: str) -> None:
        """Refuse a body that is none of the county's: nobody would see what is given to it.

        A catalogue that names no bodies knows nothing about them, and lets every one pass.

        Raises:
            UnprocessableError: The catalogue names bodies, and this one is not among them.
        """
        known = [each.id for each in self.bodies]
        if known and body not in known:
            more = ", ..." if len(known) > SHOWN_BODIES else ""
            raise UnprocessableError(
                f"The catalogue names no body {body}; it names "
                f"{', '.join(known[:SHOWN_BODIES])}{more}. GET /catalogue lists them."
            )

    def limit(
        self, matter: Matter | None, step: Step, cell_code: str | None, grade: Grade | None
    ) -> Limit | None:
        """Return the limit that fits an event most closely; the matter's own come first.

        A matter that is not in the catalogue any more has the clockwork's limits only.
        """
        condition = matter.condition(grade) if matter else None
        for limits in (condition.limits if condition else (), self.clockwork.limits):
            ranked = [(limit.rank(step, cell_code, grade), limit) for limit in limits]
            fitting = [(rank, limit) for rank, limit in ranked if rank is not None]
            if fitting:
                return max(fitting, key=lambda each: each[0])[1]
        return None

    def body(self, matter: Matter, cell_code: str | None) -> Body | None:
        """Return who is responsible, by the closest rule; of equal ones, the first."""
        ranked = [(rule.rank(matter.code, cell_code), rule.body) for rule in self.responsible]
        fitting = [(rank, body) for rank, body in ranked if rank is not None]
        if not fitting:
            return None
        wanted = max(fitting, key=lambda each: each[0])[1]
        return next(body for body in self.bodies if body.id == wanted)
