"""What people, map programs and other systems ask of a county's events, drawn from a seed."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from benchmarks.event_store import BODIES, MONTHS, SOURCES, sample_matters
from events_api.routes.parameters import write_cursor
from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path

SMALL_DEG, MIDDLE_DEG = 0.005, 0.05
REQUESTS = "/open311/v2/requests.json"
ITEMS = "/ogc/collections/events/items"
TRIPLES = 60
COMMON = (
    ("status=open", "middle box", "body"),
    ("status=open", "town", "matter"),
    ("source", "matter", "month"),
    ("status=closed", "village", "month"),
    ("status=rejected", "town", "body"),
    ("overdue", "town", "matter"),
    ("overdue", "middle box", "responsible"),
    ("matter", "body", "from"),
    ("town", "source", "to"),
    ("status=closed", "body", "town", "matter"),
    ("status=closed", "middle box", "matter", "month"),
)
"""Filters that are asked together."""

Query = dict[str, str]
Draw = Callable[[random.Random], Query]


@dataclass(frozen=True)
class Question:
    """One list, map or count: its name, its path, and what is drawn each time.

    Attributes:
        is_first_piece: Whether it is a file in pieces, of which the first is waited for.
    """

    name: str
    path: str
    draw: Draw
    is_first_piece: bool = False


class World:
    """What questions are drawn from."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.cells = read_county(sample_county_path()).grid.cells
        self.matters = [code for _, code in sample_matters()]
        bounds = np.array([cell.polygon.bounds for cell in self.cells])
        self.west, self.south = bounds[:, 0].min(), bounds[:, 1].min()
        self.east, self.north = bounds[:, 2].max(), bounds[:, 3].max()

    def box(self, side_deg: float) -> Draw:
        """Draw boxes of a size."""

        def draw(chance: random.Random) -> Query:
            west = chance.uniform(self.west, self.east - side_deg)
            south = chance.uniform(self.south, self.north - side_deg)
            return {"bbox": f"{west},{south},{west + side_deg},{south + side_deg}"}

        return draw

    def window(self, days: float) -> Draw:
        """Draw spans of time."""

        def draw(chance: random.Random) -> Query:
            begin = self.now - timedelta(days=chance.uniform(days, 30 * MONTHS - 1))
            return {"from": begin.isoformat(), "to": (begin + timedelta(days=days)).isoformat()}

        return draw

    def filters(self) -> dict[str, Draw]:
        """Return what one filter can ask, by its name."""
        county = f"{self.west},{self.south},{self.east},{self.north}"
        return {
            "status=closed": lambda _: {"status": "closed"},
            "status=open": lambda chance: {"status": chance.choice(["reported", "handling"])},
            "status=rejected": lambda _: {"status": "rejected"},
            "matter": lambda chance: {"matter": chance.choice(self.matters)},
            "cell": lambda chance: {"cell": chance.choice(self.cells).code},
            "village": lambda chance: {"cell": chance.choice(self.cells).code[:12]},
            "town": lambda chance: {"town": chance.choice(self.cells).code[:9]},
            "body": lambda chance: {"body": f"body-{chance.randint(1, BODIES):02}"},
            "responsible": lambda chance: {"responsible": f"body-{chance.randint(1, BODIES):02}"},
            "source": lambda chance: {"source": chance.choice(SOURCES)},
            "grade": lambda chance: {"grade": chance.choice("ABC")},
            "small box": self.box(SMALL_DEG),
            "middle box": self.box(MIDDLE_DEG),
            "county box": lambda _: {"bbox": county},
            "from": lambda chance: {"from": self._ago(chance)},
            "to": lambda chance: {"to": self._ago(chance)},
            "hour": self.window(1 / 24),
            "month": self.window(30),
            "overdue": lambda _: {"deadline": "overdue"},
        }

    def _ago(self, chance: random.Random) -> str:
        return (self.now - timedelta(days=chance.uniform(0.1, 30 * MONTHS))).isoformat()

    def questions(self, count: int) -> Iterator[Question]:
        """Give every question but the pairs of filters; there are `count` events."""
        filters: dict[str, Draw] = {"all": _always({}), **self.filters()}
        for name, draw in filters.items():
            yield Question(f"/events {name}", "/events", draw)
        for name in ("all", "matter", "town"):
            yield Question(f"/events {name}, deep", "/events", _deep(filters[name], count))
        yield Question("/events all, 1000", "/events", _always({"limit": "1000"}))
        for name in ("small box", "middle box", "county box"):
            yield Question(f"/events.geojson {name}", "/events.geojson", filters[name])
            yield Question(f"/ogc {name}", ITEMS, filters[name])
        yield Question("/events.csv cell", "/events.csv", filters["cell"])
        yield Question("/events.xlsx cell", "/events.xlsx", filters["cell"])
        most = _always({"limit": "1000"})
        yield Question("/events.geojson all, 1000", "/events.geojson", most)
        yield Question("/ogc all, 1000", ITEMS, most)
        yield Question("/events.cot all", "/events.cot", filters["all"])
        yield Question("/alerts", "/alerts", filters["all"])
        for path in ("/cells", "/ogc/collections/cells/items"):
            yield Question(f"{path} middle box", path, self.box(MIDDLE_DEG))
            yield Question(f"{path} all", path, filters["all"])
        yield from self._of_time(filters)
        yield from self._of_requests()

    def pairs(self) -> Iterator[Question]:
        """Give every two filters together that can be asked together."""
        for (name, draw), (other, more) in itertools.combinations(self.filters().items(), 2):
            asked = draw(random.Random(0)) | more(random.Random(0))
            if len(asked) == len(draw(random.Random(0))) + len(more(random.Random(0))):
                yield Question(f"/events {name} + {other}", "/events", _both(draw, more))

    def combined(self, count: int) -> Iterator[Question]:
        """Give what command centres ask by more than two filters; there are `count` events."""
        filters = self.filters()
        for names in COMMON:
            asked = _all(filters[name] for name in names)
            yield Question(f"/events {' + '.join(names)}", "/events", asked)
            yield Question(f"/events {' + '.join(names)}, deep", "/events", _deep(asked, count))
            yield Question(
                f"/events.geojson {' + '.join(names)}, 1000", "/events.geojson", _most(asked)
            )
        triples = list(itertools.combinations(filters, 3))
        for names in random.Random(TRIPLES).sample(triples, TRIPLES):
            if not self._clash(names):
                asked = _all(filters[name] for name in names)
                yield Question(f"/events {' + '.join(names)}", "/events", asked)
        for name in ("status=closed", "body", "village", "source", "middle box", "to"):
            yield Question(f"/events {name}, deep", "/events", _deep(filters[name], count))
        for name, draw in self._boxes().items():
            yield Question(f"/events {name}", "/events", draw)
            yield Question(f"/events.geojson {name}, 1000", "/events.geojson", _most(draw))
            closed = _both(draw, filters["status=closed"])
            yield Question(f"/events {name} + status=closed", "/events", closed)
        yield from self._of_maps(filters)
        yield from self._of_files(filters)

    def _clash(self, names: tuple[str, ...]) -> bool:
        """Whether two of the filters ask for the same parameter."""
        drawn = [self.filters()[name](random.Random(0)) for name in names]
        return len(set().union(*drawn)) < sum(map(len, drawn))

    def _boxes(self) -> dict[str, Draw]:
        """Return boxes that are no small part of the county, or none of it."""
        west, east = self.west, self.east
        half = f"{west},{self.south},{(west + east) / 2},{self.north}"

        def column(chance: random.Random) -> Query:
            at = chance.uniform(west, east - SMALL_DEG)
            return {"bbox": f"{at},{self.south},{at + SMALL_DEG},{self.north}"}

        def row(chance: random.Random) -> Query:
            at = chance.uniform(self.south, self.north - SMALL_DEG)
            return {"bbox": f"{west},{at},{east},{at + SMALL_DEG}"}

        return {
            "half the county": _always({"bbox": half}),
            "a column": column,
            "a row": row,
            "elsewhere": _always({"bbox": f"{east + 1},{self.south},{east + 3},{self.north}"}),
            "the country": _always({"bbox": "73,18,135,54"}),
        }

    def _of_maps(self, filters: dict[str, Draw]) -> Iterator[Question]:
        """Give what map programs ask of OGC API Features: the window, a time and what is shown."""

        def span(chance: random.Random) -> Query:
            asked = filters["month"](chance)
            return {"datetime": f"{asked['from']}/{asked['to']}"}

        def since(chance: random.Random) -> Query:
            return {"datetime": f"{filters['from'](chance)['from']}/.."}

        times = {"month": span, "from": since}
        windows = {name: filters[name] for name in ("small box", "middle box", "county box")}
        for (window, box), (time, when) in itertools.product(windows.items(), times.items()):
            yield Question(f"/ogc {window} + {time}", ITEMS, _both(box, when))
            for name in ("matter", "status=open", "body", "town"):
                asked = _all((box, when, filters[name]))
                yield Question(f"/ogc {window} + {time} + {name}", ITEMS, asked)

    @staticmethod
    def _of_files(filters: dict[str, Draw]) -> Iterator[Question]:
        """Give what is taken away as a file: the first piece of a table, or all that is small."""
        for name in ("town", "month", "status=closed", "overdue"):
            path = "/events.csv"
            yield Question(f"{path} {name}, first piece", path, filters[name], is_first_piece=True)
        hour = _both(filters["hour"], filters["town"])
        yield Question("/events.xlsx hour + town", "/events.xlsx", hour)
        for names in (("village",), ("town", "status=open"), ("middle box", "matter")):
            asked = _all(filters[name] for name in names)
            yield Question(f"/events.cot {' + '.join(names)}", "/events.cot", asked)

    def _of_time(self, filters: dict[str, Draw]) -> Iterator[Question]:
        for name in ("overdue", "warning", "in_time"):
            yield Question(f"/deadlines {name}", "/deadlines", _always({"state": name}))
        for name in ("town", "body"):
            yield Question(f"/deadlines {name}", "/deadlines", filters[name])
        yield Question("/deadlines 1000", "/deadlines", _always({"limit": "1000"}))
        yield Question("/figures, any month", "/figures", self._month(None))
        for by in ("body", "matter", "cell", "town"):
            yield Question(f"/figures by {by}, this month", "/figures", _always({"by": by}))
            yield Question(f"/figures by {by}, any month", "/figures", self._month(by))

    def _of_requests(self) -> Iterator[Question]:
        yield Question("/open311 newest", REQUESTS, _always({}))
        for status in ("open", "closed"):
            yield Question(f"/open311 {status}", REQUESTS, _always({"status": status}))

        def matter(chance: random.Random) -> Query:
            return {"service_code": chance.choice(self.matters)}

        def past(chance: random.Random) -> Query:
            end = self.now - timedelta(days=chance.uniform(0, 30 * MONTHS - 90))
            return {
                "start_date": (end - timedelta(days=90)).isoformat(),
                "end_date": end.isoformat(),
            }

        yield Question("/open311 matter", REQUESTS, matter)
        yield Question("/open311 any 90 days", REQUESTS, past)
        yield Question("/open311 any 90 days, matter", REQUESTS, _both(past, matter))
        yield Question(
            "/open311 any 90 days, open", REQUESTS, _both(past, _always({"status": "open"}))
        )
        both = _both(past, _both(matter, _always({"status": "closed"})))
        yield Question("/open311 any 90 days, matter, closed", REQUESTS, both)
        begun = _both(matter, lambda chance: {"start_date": past(chance)["start_date"]})
        asked = _both(begun, _always({"status": "open"}))
        yield Question("/open311 matter, open, from a day on", REQUESTS, asked)
        page = _both(past, _always({"page_size": "100"}))
        yield Question("/open311 any 90 days, 100", REQUESTS, page)
        yield Question("/open311 20th page", REQUESTS, _both(past, _always({"page": "20"})))
        yield Question("/open311 with notes", REQUESTS, _always({"extensions": "true"}))

    def _month(self, by: str | None) -> Draw:
        def draw(chance: random.Random) -> Query:
            moment = self.now - timedelta(days=chance.uniform(40, 30 * MONTHS - 40))
            return {"month": f"{moment:%Y-%m}", **({} if by is None else {"by": by})}

        return draw


def _always(query: Query) -> Draw:
    return lambda _: query


def _both(draw: Draw, more: Draw) -> Draw:
    return lambda chance: draw(chance) | more(chance)


def _all(draws: Iterable[Draw]) -> Draw:
    every = tuple(draws)
    return lambda chance: {name: each for draw in every for name, each in draw(chance).items()}


def _most(draw: Draw) -> Draw:
    return _both(draw, _always({"limit": "1000"}))


def _deep(draw: Draw, count: int) -> Draw:
    return lambda chance: draw(chance) | {"cursor": write_cursor(chance.randrange(count))}
