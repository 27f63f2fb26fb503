"""A column that SQLite filters by and does not look up in an index.

SQLite knows next to nothing of how often values occur, so of several indices it takes whichever;
PostgreSQL counts them and is left to choose. Where we know better, all columns but one are plain.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
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
