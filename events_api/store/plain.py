"""Columns written so that a database finds rows by the index that we know to be the best.

SQLite knows next to nothing of how often values occur, so of several indices it takes whichever:
all columns but one are plain. PostgreSQL counts values, and still believes that a page in the order
of the primary key is soon full, however rare what is asked for: another order is asked of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, literal, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Plain(FunctionElement[Any]):
    """The column itself; SQLite's unary plus keeps its indices out."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Plain)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _as_it_is(element: Plain, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(Plain, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _with_plus(element: Plain, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"+{compiler.process(next(iter(element.clauses)), **options)}"


class Unordered(Plain):
    """A number by which rows are sorted once they are found, on PostgreSQL too."""

    inherit_cache = True


@compiles(Unordered, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _with_zero(element: Unordered, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"{compiler.process(next(iter(element.clauses)), **options)} + 0"


class Awaited(Plain):
    """A moment that rows without one never reach, which PostgreSQL is to take for a usual one.

    It multiplies how rare it is that there is one, for each time that this is said, and would then
    look up a fiftieth of all rows one by one, expecting a handful.
    """

    inherit_cache = True


@compiles(Awaited, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _or_never(element: Awaited, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"COALESCE({compiler.process(next(iter(element.clauses)), **options)}, 'infinity')"


@compiles(Awaited, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _as_indexed(element: Awaited, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return compiler.process(next(iter(element.clauses)), **options)


class Ranged(FunctionElement[Any]):
    """A column that has one value, of which PostgreSQL is not told that it is one.

    Rows in the order of this column and another are then found by the index of both.

    Args:
        column: The column.
        other: The other column of the order.
        ends: The lowest and the highest value of the other column; none where there is no end.
    """

    inherit_cache = True

    def __init__(
        self,
        column: ColumnElement[Any],
        other: ColumnElement[Any],
        ends: tuple[int | None, int | None],
    ) -> None:
        super().__init__(column)
        self.type = column.type
        self._column, self._other, self._ends = column, other, ends

    def at(self, value: object) -> ColumnElement[bool]:
        """Say that the column has a value, and that the other is within its ends.

        Both together, so that the index of both is entered where the rows begin that are wanted.
        """
        both, (first, last) = tuple_(self._column, self._other), self._ends
        low = self >= value if first is None else both >= tuple_(literal(value), literal(first))
        high = self <= value if last is None else both <= tuple_(literal(value), literal(last))
        return and_(low, high)


@compiles(Ranged)  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _itself(element: Ranged, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return compiler.process(next(iter(element.clauses)), **options)


def equals(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    """Say that a column has a value, of a ranged one as the range from it to itself."""
    return column.at(value) if isinstance(column, Ranged) else column == value
