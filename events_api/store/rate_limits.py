"""How often somebody asked, counted by all the servers on one PostgreSQL database together.

Names and addresses are kept as keyed hashes, and each no longer than it is counted: a dump of the
database tells nobody who has reported from where.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from events_api.rate_limits import Count, MemoryCount, Rate
from events_api.store.database import Database

SWEEP_EVERY = timedelta(minutes=10)
WHO_BYTES = 16

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# One statement, so that of two who come at the same moment one waits for the other's row.
_TAKE = text("""
INSERT INTO rate_limits AS known (name, who, free_at_us) VALUES (:name, :who, :now + :every)
ON CONFLICT (name, who) DO UPDATE SET free_at_us = greatest(known.free_at_us, :now) + :every
WHERE known.free_at_us - :now <= :slack
RETURNING free_at_us
""")
_FREE_AT = text("SELECT free_at_us FROM rate_limits WHERE name = :name AND who = :who")
_FORGET = text("DELETE FROM rate_limits WHERE name = :name AND who = :who")
# Two servers that sweep at once leave each other's rows alone.
_SWEEP = text("""
DELETE FROM rate_limits WHERE (name, who) IN (
    SELECT name, who FROM rate_limits WHERE name = :name AND free_at_us <= :now
    FOR UPDATE SKIP LOCKED
)
""")


def count_by(database: Database, secret: bytes, name: str) -> Count:
    """Return what counts something: the database where servers share it, or this process.

    Args:
        database: The servers' database.
        secret: The same for all of them.
        name: What is counted.
    """
    return SharedCount(database, secret, name) if database.is_shared else MemoryCount()


class SharedCount:
    """Counts in a PostgreSQL database.

    It takes the present from whoever asks, so the servers' clocks must agree, as they must for all
    that they write down.

    Args:
        database: It.
        secret: Keys the hashes; the same for all servers.
        name: What is counted.
    """

    def __init__(self, database: Database, secret: bytes, name: str) -> None:
        # No session of ours: it neither waits for the writers nor makes them wait.
        self._engine = database.engine
        self._secret = secret
        self._name = name
        self._sweep_at: datetime | None = None

    def take(self, who: str, rate: Rate, now: datetime) -> timedelta:
        """Count one request, unless it comes too early; return how much too early it came."""
        slack = rate.every * (rate.burst - 1)
        row = self._row(who)
        moments = {"now": _us(now), "every": rate.every // MICROSECOND}
        with self._engine.begin() as connection:
            taken = connection.scalar(_TAKE, row | moments | {"slack": slack // MICROSECOND})
            free_at_us: int | None = taken or connection.scalar(_FREE_AT, row)
        self._sweep(now)
        if taken is not None or free_at_us is None:
            return timedelta()
        return max(MICROSECOND, EPOCH + free_at_us * MICROSECOND - now - slack)

    def forget(self, who: str) -> None:
        """Forget what somebody asked for."""
        with self._engine.begin() as connection:
            connection.execute(_FORGET, self._row(who))

    def _row(self, who: str) -> dict[str, str | int]:
        # A password's guesser may have typed half of a surrogate pair.
        said = who.encode("utf-8", "surrogatepass")
        hashed = hashlib.blake2b(said, digest_size=WHO_BYTES, key=self._secret).hexdigest()
        return {"name": self._name, "who": hashed}

    def _sweep(self, now: datetime) -> None:
        if self._sweep_at is not None and now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY
        with self._engine.begin() as connection:
            connection.execute(_SWEEP, {"name": self._name, "now": _us(now)})


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
