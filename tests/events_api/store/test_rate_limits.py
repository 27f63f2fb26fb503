"""Servers on one PostgreSQL database count together how often somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from events_api.rate_limits import MemoryCount, Rate
from events_api.store.database import Database
from events_api.store.rate_limits import SWEEP_EVERY, SharedCount, count_by
from tests.events_api.conftest import NOW
from tests.events_api.databases import MIGRATED, PostgresStock

EVERY = timedelta(seconds=10)
THRICE = Rate(3, EVERY)
SECRET = b"the same for all servers"
NOTHING = timedelta()


@pytest.fixture
def here(postgres_stock: PostgresStock, tmp_path: Path) -> Iterator[Database]:
    """A PostgreSQL database, as one server has it."""
    with postgres_stock.take(tmp_path, MIGRATED) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def there(here: Database) -> Iterator[Database]:
    """The same, as another server has it."""
    database = Database(here.engine.url.render_as_string(hide_password=False))
    yield database
    database.close()


def rows(database: Database) -> list[tuple[str, str]]:
    """Return what is remembered of whom."""
    with database.read() as session:
        return [(row[0], row[1]) for row in session.execute(text("SELECT * FROM rate_limits"))]


def test_a_burst_is_one_burst_for_all_servers(here: Database, there: Database) -> None:
    """Whom one server has granted all of it finds nothing left at the other, and for how long."""
    one, other = (SharedCount(each, SECRET, "login") for each in (here, there))
    waits = [count.take("lin", THRICE, NOW) for count in (one, other, one, other, one)]
    assert waits == [NOTHING, NOTHING, NOTHING, EVERY, EVERY]
    assert other.take("lin", THRICE, NOW + timedelta(seconds=4)) == timedelta(seconds=6)
    assert other.take("lin", THRICE, NOW + EVERY) == NOTHING
    assert one.take("lin", THRICE, NOW + EVERY) == EVERY


def test_it_counts_as_a_server_alone_does(here: Database) -> None:
    """Request by request, through bursts, refusals and rests."""
    shared, alone = SharedCount(here, SECRET, "login"), MemoryCount()
    now = NOW
    for gap_s in (0, 0, 1, 0, 5, 9, 0, 0, 31, 0, 0, 0, 0, 2.5, 7.5, 600, 0):
        now += timedelta(seconds=gap_s)
        assert shared.take("lin", THRICE, now) == alone.take("lin", THRICE, now)


def test_of_many_who_come_at_once_no_more_than_the_burst_pass(
    here: Database, there: Database
) -> None:
    """Each waits for the other's row."""
    counts = [SharedCount(each, SECRET, "login") for each in (here, there)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: counts[n % 2].take("lin", THRICE, NOW), range(24)))
    assert waits.count(NOTHING) == 3


def test_who_showed_themselves_begins_anew_everywhere(here: Database, there: Database) -> None:
    """And nobody else does."""
    one, other = (SharedCount(each, SECRET, "login") for each in (here, there))
    for who in ("lin", "wang"):
        for _ in range(3):
            one.take(who, THRICE, NOW)
    other.forget("lin")
    assert one.take("lin", THRICE, NOW) == NOTHING
    assert one.take("wang", THRICE, NOW) == EVERY


def test_what_is_counted_under_another_name_is_apart(here: Database) -> None:
    """Who has reported too often may still sign in."""
    reports, logins = (SharedCount(here, SECRET, name) for name in ("reports", "login"))
    for _ in range(3):
        reports.take("203.0.113.7", THRICE, NOW)
    assert reports.take("203.0.113.7", THRICE, NOW) == EVERY
    assert logins.take("203.0.113.7", THRICE, NOW) == NOTHING


def test_no_name_and_no_address_can_be_read(here: Database) -> None:
    """Only whoever has the secret could try all of them."""
    SharedCount(here, SECRET, "login").take("lin", THRICE, NOW)
    SharedCount(here, b"another", "login").take("half a pair \ud800", THRICE, NOW)
    assert all(len(who) == 32 and "lin" not in who for _, who in rows(here))
    assert len({who for _, who in rows(here)}) == 2


def test_of_what_is_not_asked_for_any_more_nothing_is_kept(here: Database) -> None:
    """Swept by whoever asks later; what is still counted stays."""
    count = SharedCount(here, SECRET, "login")
    for number in range(20):
        count.take(str(number), THRICE, NOW)
    later = NOW + SWEEP_EVERY
    count.take("late", Rate(3, 2 * SWEEP_EVERY), later - timedelta(seconds=1))
    count.take("lin", THRICE, later)
    assert len(rows(here)) == 2


def test_servers_that_share_nothing_count_in_their_memory(here: Database, tmp_path: Path) -> None:
    """SQLite is one process's."""
    database = Database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    assert isinstance(count_by(database, SECRET, "login"), MemoryCount)
    assert isinstance(count_by(here, SECRET, "login"), SharedCount)
    database.close()
