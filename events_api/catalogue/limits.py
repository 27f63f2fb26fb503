"""How a catalogue writes limits: an amount of a unit, for a step, a place and a grade."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import Field

from events_api.calendars import Unit
from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.schemas import Wire

CellPrefix = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,40}$")]
Id = Annotated[str, Field(min_length=1, max_length=40)]


class Amount(Wire):
    """So much of a unit."""

    amount: Annotated[float, Field(gt=0, le=3660)]
    unit: Unit

    @property
    def exact(self) -> Fraction:
        """The amount as the decimal number that was written."""
        # 0.1 hours are six minutes, and not the nearest binary fraction of them.
        return Fraction(str(self.amount))


class Limit(Amount):
    """How long a step may take, and where the rule says so.

    Attributes:
        step: The step.
        night: What holds instead for a step that begins at night; the same when absent.
        cells: Beginnings of the cells' codes it holds for; everywhere when empty.
        grade: The grade it holds for; every grade when absent.
        source: A key of the catalogue's sources.
        remark: What is unsure about it.
    """

    step: Step = Step.HANDLE
    night: Amount | None = None
    cells: tuple[CellPrefix, ...] = ()
    grade: Grade | None = None
    source: Id
    remark: str | None = None

    def rank(self, step: Step, cell_code: str | None, grade: Grade | None) -> int | None:
        """Return how closely the limit fits an event; none where it does not hold for it.

        The longer beginning of the cell's code is the closer one, and of two of the same length
        the one that names the grade.
        """
        if self.step is not step or self.grade not in {None, grade}:
            return None
        reach = fit(self.cells, cell_code)
        return None if reach is None else 2 * reach + (self.grade is not None)


def fit(prefixes: tuple[str, ...], code: str | None) -> int | None:
    """Return the length of the longest of `prefixes` that `code` begins with.

    Zero where no prefix is asked for, none where none fits.
    """
    if not prefixes:
        return 0
    fitting = [len(prefix) for prefix in prefixes if (code or "").startswith(prefix)]
    return max(fitting, default=None)
