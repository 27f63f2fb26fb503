"""Several questions to the database at once, each about many things.

SQLite is no way off: it is asked one after the other. PostgreSQL is sent all before an answer is
read. Many values go as one: the statement is then always the same, so that neither the driver nor
the database has to read it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Dialect, Float, Integer, Select, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from events_api.store.bulk import without_waiting

AT_ONCE = 64
"""So many rows of values SQLite is asked about by one statement."""

Reader = Callable[[Any], Any]
Answer = list[tuple[Any, ...]]
"""Rows."""
Asked = tuple[Any, ...]
"""The values of one thing that is asked about; things asked about together have the same kinds."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement as the driver takes it, and its values.

    Attributes:
        text: The statement.
        values: By their order, or by their names.
        readers: What makes of a row's values, by their places, what we take; left out where they
            are taken as the driver gives them.
    """

    text: str
    values: tuple[Any, ...] | dict[str, Any] = ()
    readers: tuple[tuple[int, Reader], ...] = ()


_ARRAYS = {str: "text[]", float: "float8[]", int: "bigint[]"}

_BY_KEYS = Question("""SELECT
    -- A plan is kept for long, and must hold for tables that were small when it was made.
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true),
    -- Tables are joined in the order in which CROSS JOIN names them, as in SQLite.
    set_config('join_collapse_limit', '1', true),
    -- Else all is planned anew each time, which takes as long as what is planned.
    set_config('plan_cache_mode', 'force_generic_plan', true)
""")


class Among(FunctionElement[bool]):
    """Whether a column has one of the values of a list.

    Args:
        column: Of numbers or of texts.
        name: Of the bound list.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name))
        self.array = "bigint[]" if isinstance(column.type, Integer) else "text[]"


@compiles(Among, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _among_json(element: Among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - bound


@compiles(Among, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator, unused-ignore]
def _among_array(element: Among, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY (CAST({values} AS {element.array}))"


def by_keys(connection: Connection) -> list[Question]:
    """Return what lets PostgreSQL find rows by their keys, however few there are.

    It holds to the end of the transaction. Tables grow faster under a load of reports than they
    are counted; what is planned while they are nearly empty would go through all of them.
    """
    return [_BY_KEYS] if connection.dialect.name == "postgresql" else []


def question(connection: Connection, statement: Select[Any], **values: Any) -> Question:  # noqa: ANN401
    """Return what asks a statement that is kept, since it is made ready once.

    Args:
        connection: What will be asked.
        statement: With lists by `Among` only.
        values: Of its bound parameters; plain ones, and lists.
    """
    text, names, readers = _ready(statement, connection.dialect)
    is_array = connection.dialect.name == "postgresql"
    listed = _as_array if is_array else _as_json
    given = {
        name: listed(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Question(text, given if is_array else tuple(given[name] for name in names), readers)


def questions(connection: Connection, statement: str, asked: Iterable[Asked]) -> list[Question]:
    """Return what asks about many things.

    Args:
        connection: What will be asked.
        statement: Has the place `{asked}` for a table of the things, of a row for each.
        asked: The things.
    """
    ordered = list(asked)
    if not ordered:
        return []
    if connection.dialect.name == "postgresql":
        kinds = tuple(_ARRAYS[type(value)] for value in ordered[0])
        arrays = tuple(_as_array(values) for values in zip(*ordered, strict=True))
        return [Question(_of_arrays(statement, kinds), arrays)]
    found: list[Question] = []
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        # Few lengths, so that few statements are ever made ready.
        length = 1 << (len(some) - 1).bit_length()
        some += some[-1:] * (length - len(some))
        query = _of_values(statement, length, len(some[0]))
        found.append(Question(query, tuple(value for each in some for value in each)))
    return found


def ask_all(connection: Connection, asked: Sequence[Question]) -> list[Answer]:
    """Return the rows that answer each question.

    Raises:
        DBAPIError: The database refuses one.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        with without_waiting(connection):
            cursors = [driver.execute(each.text, each.values) for each in asked]
            found = [cursor.fetchall() for cursor in cursors]
    else:
        found = [
            [tuple(row) for row in connection.exec_driver_sql(each.text, each.values)]
            for each in asked
        ]
    return [_read(each.readers, rows) for each, rows in zip(asked, found, strict=True)]


def _read(readers: Sequence[tuple[int, Reader]], rows: Answer) -> Answer:
    if not readers:
        return rows
    found = []
    for row in rows:
        values = list(row)
        for place, reader in readers:
            values[place] = reader(values[place])
        found.append(tuple(values))
    return found


@lru_cache(maxsize=64)
def _ready(
    statement: Select[Any], dialect: Dialect
) -> tuple[str, tuple[str, ...], tuple[tuple[int, Reader], ...]]:
    compiled = statement.compile(dialect=dialect)
    readers = (
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(statement.selected_columns)
        if not isinstance(column.type, Float)  # as drivers give them
    )
    known = tuple((place, reader) for place, reader in readers if reader is not None)
    return str(compiled), tuple(compiled.positiontup or compiled.binds), known


def _as_json(values: list[Any]) -> str:
    return to_json(values).decode()


def _as_array(values: Iterable[Any]) -> str:
    # As PostgreSQL reads arrays; its driver takes longer to write them.
    written = (_quoted(each) if isinstance(each, str) else str(each) for each in values)
    return "{" + ",".join(written) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache
def _of_arrays(statement: str, kinds: tuple[str, ...]) -> str:
    # PostgreSQL takes arrays for short and looks each thing up; a value of JSON it takes for long.
    arrays = ", ".join(f"%s::{kind}" for kind in kinds)
    return statement.format(asked=f"SELECT * FROM unnest({arrays})")  # noqa: S608 - kinds of ours


@lru_cache
def _of_values(statement: str, rows: int, width: int) -> str:
    row = f"({', '.join('?' * width)})"
    return statement.format(asked=f"VALUES {', '.join([row] * rows)}")
