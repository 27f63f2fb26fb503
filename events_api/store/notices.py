"""What servers on one PostgreSQL database tell each other at once: its NOTIFY and LISTEN.

A notice may be lost where a connection breaks, so nothing that must arrive is in one: the feed's
says only that the feed in the database has grown.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from sqlalchemy import Engine, func, select

FEED = "gridpatrol_feed"
"""Told by a trigger of the database, on the commit of whatever was added to the feed."""

VEHICLES = "gridpatrol_vehicles"

_LISTEN: tuple[LiteralString, ...] = (f"LISTEN {FEED}", f"LISTEN {VEHICLES}")
IDLE_S = 30
"""After this much silence the line itself is tested."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What was heard.

    Attributes:
        channel: Of what kind it is; `FEED` also once the connection stands, since something may
            have been missed before.
        payload: What was said beside.
    """

    channel: str
    payload: str = ""


async def heard(engine: Engine) -> AsyncGenerator[Notice]:
    """Give what servers on this database tell, this one too, until the connection breaks.

    Raises:
        psycopg.OperationalError: The database cannot be reached, or not any more.
    """
    _, told = engine.dialect.create_connect_args(engine.url)
    connection = await psycopg.AsyncConnection.connect(
        **told, autocommit=True, keepalives_idle=IDLE_S
    )
    async with connection:
        for statement in _LISTEN:
            await connection.execute(statement)
        yield Notice(FEED)
        async for notice in connection.notifies():
            yield Notice(notice.channel, notice.payload)


def tell(engine: Engine, notice: Notice) -> None:
    """Tell every server on this database."""
    with engine.connect() as connection, connection.begin():
        connection.execute(select(func.pg_notify(notice.channel, notice.payload)))
