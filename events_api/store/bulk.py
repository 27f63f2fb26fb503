"""Many rows by one statement, without what SQLAlchemy does for each value of each row.

A report becomes five rows of up to forty values. SQLAlchemy asks of each value anew what its column
wants; here that is asked once for a statement. The text of the statement is SQLAlchemy's own, but
for rows that are added or changed on PostgreSQL: they go there as one value of JSON, since its
driver and the server take longer over a statement than over a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import psycopg
from pydantic_core import to_json
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    Dialect,
    Float,
    Insert,
    Integer,
    Select,
    String,
    Table,
    TypeDecorator,
    Update,
    bindparam,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]
Write = tuple[Insert | Select[Any] | Update, Sequence[Row]]
"""A statement, and the values for which it is carried out one after the other."""

_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (JSON, "text"),
    (Boolean, "boolean"),
    (Integer, "bigint"),
    (Float, "float8"),
    (DateTime, "timestamptz"),
    (String, "text"),
)
"""What PostgreSQL calls the kinds of columns, without their sizes: a cast would cut a text."""

Written = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as a database's driver takes it.

    Attributes:
        text: The statement.
        names: Of its values, in their order.
        is_positional: Whether the driver takes values by their order, else by their names.
        written: What makes of each value, by its place, what the driver takes; left out where the
            driver takes it as it is.
        nested: The names of those that are JSON.
    """

    text: str
    names: tuple[str, ...]
    is_positional: bool
    written: tuple[tuple[int, Written], ...]
    nested: tuple[str, ...]


def insert_into(table: Table, *left_out: str) -> Insert:
    """Return the statement that adds a row to a table, but for the columns that are left out."""
    names = [column.name for column in table.columns if column.name not in left_out]
    # Inline: numbers that the database gives are not asked for.
    return table.insert().inline().values({name: bindparam(name) for name in names})


def update_by(table: Table, key: str, names: Iterable[str]) -> Update:
    """Return the statement that changes some columns of a row, which is told by `of_` and its key.

    Of the rows of one call each has another key.
    """
    is_meant = table.columns[key] == bindparam(f"of_{key}")
    statement = table.update().where(is_meant).values({name: bindparam(name) for name in names})
    return statement.execution_options(key=key)


def write_all(connection: Connection, writes: Iterable[Write]) -> None:
    """Carry statements out, each for each of its rows.

    Args:
        connection: In a transaction.
        writes: Statements that are kept, since each is made ready once: of `insert_into`, or
            others whose values are bound parameters; and the values of each row by their names.
            What goes into a column of JSON may be its text.

    Raises:
        DBAPIError: The database refuses one.
    """
    with without_waiting(connection):
        for statement, rows in writes:
            if rows:
                _write_many(connection, statement, rows)


@contextmanager
def without_waiting(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL be sent all before its answers are read: SQLite is no way off."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        # Such as SQLAlchemy tells of the answers that it reads itself.
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error


def _write_many(
    connection: Connection, statement: Insert | Select[Any] | Update, rows: Sequence[Row]
) -> None:
    ready = _ready(statement, connection.dialect)
    whole = _whole(statement, ready.names) if connection.dialect.name == "postgresql" else None
    if whole is not None:
        connection.exec_driver_sql(whole, [(_as_json(ready, rows),)])
        return
    # Most of the moments in one transaction are the same one.
    moments: dict[datetime, Any] = {}
    values = [_values(ready, row, moments) for row in rows]
    if ready.is_positional:
        connection.exec_driver_sql(ready.text, [tuple(each) for each in values])
    else:
        named = [dict(zip(ready.names, each, strict=True)) for each in values]
        connection.exec_driver_sql(ready.text, named)


def _values(ready: _Ready, row: Row, moments: dict[datetime, Any]) -> list[Any]:
    values = [row[name] for name in ready.names]
    for place, written in ready.written:
        value = values[place]
        if isinstance(value, datetime):
            if value not in moments:
                moments[value] = written(value)
            values[place] = moments[value]
        elif value is not None:
            values[place] = written(value)
    return values


@lru_cache(maxsize=128)
def _whole(statement: Insert | Select[Any] | Update, names: tuple[str, ...]) -> str | None:
    """Return what adds or changes all rows at once on PostgreSQL, given as JSON."""
    key = str(statement.get_execution_options().get("key", ""))
    if not (isinstance(statement, Insert) or (isinstance(statement, Update) and key)):
        return None
    table, of_key = cast("Table", statement.table), f"of_{key}"
    types = {name: table.columns[key if name == of_key else name].type for name in names}
    kinds = ", ".join(f"{name} {_kind(kind)}" for name, kind in types.items())
    given = f"json_to_recordset(%s::json) AS given ({kinds})"
    found = {
        name: f"given.{name}::json" if isinstance(kind, JSON) else f"given.{name}"
        for name, kind in types.items()
    }
    if isinstance(statement, Insert):
        listed, values = ", ".join(names), ", ".join(found.values())
        return f"INSERT INTO {table.name} ({listed}) SELECT {values} FROM {given}"  # noqa: S608
    values = ", ".join(f"{name} = {value}" for name, value in found.items() if name != of_key)
    is_meant = f"{table.name}.{key} = given.{of_key}"
    return f"UPDATE {table.name} SET {values} FROM {given} WHERE {is_meant}"  # noqa: S608


def _kind(of: TypeEngine[Any]) -> str:
    """Return as what values of a column are sent; the column itself checks their size."""
    if isinstance(of, TypeDecorator):
        return _kind(of.impl_instance)
    for known, kind in _KINDS:
        if isinstance(of, known):
            return kind
    raise TypeError(f"{of!r} is not known here; say in _KINDS what PostgreSQL calls it.")


def _as_json(ready: _Ready, rows: Sequence[Row]) -> str:
    plain = []
    for row in rows:
        values = {name: row[name] for name in ready.names}
        for name in ready.nested:
            value = values[name]
            if value is not None and not isinstance(value, str):
                values[name] = to_json(value).decode()
        plain.append(values)
    return to_json(plain).decode()


@lru_cache(maxsize=128)
def _ready(statement: Insert | Select[Any] | Update, dialect: Dialect) -> _Ready:
    compiled = statement.compile(dialect=dialect)
    names = tuple(compiled.positiontup or compiled.binds)
    written = []
    for place, name in enumerate(names):
        kind = compiled.binds[name].type
        found = kind.dialect_impl(dialect).bind_processor(dialect)
        if found is not None:
            written.append((place, _unless_text(found) if isinstance(kind, JSON) else found))
    is_positional = bool(compiled.positional)
    nested = tuple(name for name in names if isinstance(compiled.binds[name].type, JSON))
    return _Ready(str(compiled), names, is_positional, tuple(written), nested)


def _unless_text(written: Written) -> Written:
    return lambda value: value if isinstance(value, str) else written(value)
