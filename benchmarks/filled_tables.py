"""Rows by the hundred thousand into tables, by what each database takes them fastest with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Table, text

from events_api.store.database import Database

BUILD_MEMORY = "512MB"
"""For the sorting of an index that PostgreSQL builds."""

Row = Mapping[str, Any]


@contextmanager
def unindexed(database: Database, tables: Sequence[Table]) -> Iterator[None]:
    """Leave tables without their indices meanwhile, and build them afterwards.

    An index is built in one go by sorting, and is grown row by row in its random order; its keys
    and what is unique stay.
    """
    with database.write() as session:
        for index in _indices(tables):
            index.drop(session.connection())
    yield
    with database.write() as session:
        if database.is_shared:
            session.execute(text(f"SET LOCAL maintenance_work_mem = '{BUILD_MEMORY}'"))
        for index in _indices(tables):
            index.create(session.connection())


def _indices(tables: Sequence[Table]) -> list[Any]:
    found = (index for table in tables for index in table.indexes)
    return sorted(found, key=lambda index: str(index.name))


def add_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Put rows into a table, each with the same columns; by COPY into PostgreSQL."""
    if connection.dialect.name != "postgresql":
        # Without objects, which would sort the rows by what is none in each.
        connection.execute(table.insert(), list(rows))
        return
    names = tuple(rows[0])
    written = [table.c[name].type.dialect_impl(connection.dialect) for name in names]
    writers = [each.bind_processor(connection.dialect) for each in written]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [
                    row[name] if write is None or row[name] is None else write(row[name])
                    for name, write in zip(names, writers, strict=True)
                ]
            )
