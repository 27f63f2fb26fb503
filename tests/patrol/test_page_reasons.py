"""The map page says in Chinese, too, why a rule told what it found."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.events_api.browser import Browser, find_chromium
from tests.vision.rules.judging import CAR, FIRE, GARBAGE, PERSON, STRIP, YARD, Pass, rule, slid
from tests.vision.rules.test_collision import RULE, drive
from vision.projection import Places
from vision.rules.schema import load_rules
from vision.rules.zones import ZoneMap

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: chromium)"),
]

SCRIPTS = Path(__file__).parents[2] / "events_api" / "web" / "page"
IN_YARD = ZoneMap.in_picture([YARD])
IN_STRIP = ZoneMap.in_picture([STRIP])


@pytest.fixture(scope="module")
def chinese() -> Iterator[Browser]:
    """A reader of Chinese who has the page's scripts before them."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(SCRIPTS))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Browser.started() as browser, browser.visitor("zh-CN") as reader:
            reader.go(f"http://127.0.0.1:{server.server_port}/style.css")
            reader.wait_for("location.protocol === 'http:'")
            yield reader
        server.shutdown()


def seen(watch: Pass, seconds: float, *rows: tuple[float, ...]) -> str:
    """Return why the first finding was told."""
    watch.see_for(seconds, *rows)
    return watch.found[0].why


def entering() -> str:
    """Return what is said of a car that drives into a quiet picture."""
    watch = Pass(load_rules())
    watch.see_for(5, (9, 800, 800, CAR))
    for step in range(15):
        watch.see((9, 800, 800, CAR), (1, 100, 50 * step, CAR))
    return watch.found[0].why


def passing() -> str:
    """Return what is said of a car that a passing drone sees standing."""
    kind = rule("stationary", ["car"], zones=["no_parking"], min_seconds=60, passing_seconds=2)
    watch = Pass((kind,), IN_STRIP, passing=True)
    places = Places(np.zeros((1, 2)), np.zeros((1, 2, 3)), np.zeros((1, 2, 2)))
    for step in range(30):
        watch.see((1, 100 + step, 100, CAR), places=places)
    return watch.found[0].why


def on_its_way(*, drives: bool) -> str:
    """Return what is said of a car by a camera on its way without poses."""
    parked = rule("stationary", ["car"], zones=["no_parking"], min_seconds=60)
    rules, zones = (load_rules(), ZoneMap([])) if drives else ((parked,), IN_STRIP)
    watch = Pass(rules, zones, stands=False, carried=not drives)
    for step in range(20):
        own = 15.0 * step if drives else 0.0
        watch.see((1, 100 + 10.0 * step + own, 100, CAR), ground=slid(10.0 * step))
    return watch.found[0].why


def colliding() -> str:
    """Return what is said of a car that stops dead against another."""
    watch = Pass((RULE,))
    drive(watch, 0.4)
    return watch.found[0].why


def driving() -> str:
    """Return what is said of many cars that move."""
    watch = Pass((rule("congestion", ["car"], min_count=3, min_seconds=2),))
    for step in range(40):
        watch.see(*((each, 100.0 * each, 20.0 * step, CAR) for each in range(1, 6)))
    return watch.found[0].why


def flaming() -> str:
    """Return what is said of flames that are told by their flicker."""
    watch = Pass((rule("presence", ["fire"], once_per_view=True, min_seconds=2),))
    for _ in range(20):
        watch.see((1, 0, 0, FIRE), flicker_from=0)
    return watch.found[0].why


CROWD = [(each, 100 + 10 * each, 100, PERSON) for each in range(1, 9)]
WATCHES: dict[str, Callable[[], str]] = {
    "presence": lambda: seen(Pass((rule("presence", ["garbage"]),)), 10, (1, 0, 0, GARBAGE)),
    "in a zone": lambda: seen(
        Pass((rule("presence", ["car"], zones=["no_parking"]),), IN_STRIP), 10, (1, 100, 100, CAR)
    ),
    "entering": entering,
    "view": lambda: seen(
        Pass((rule("presence", ["fire"], once_per_view=True, min_seconds=2),)), 10, (1, 0, 0, FIRE)
    ),
    "view by flicker": flaming,
    "dwell": lambda: seen(
        Pass((rule("dwell", ["person"], zones=["watch"], min_seconds=5),), IN_YARD),
        *(10, (1, 100, 100, PERSON)),
    ),
    "dwell anywhere": lambda: seen(Pass(load_rules()), 15, (1, 700, 100, PERSON)),
    "stationary": lambda: seen(
        Pass((rule("stationary", ["car"], zones=["no_parking"], min_seconds=8),), IN_STRIP),
        *(20, (1, 100, 100, CAR)),
    ),
    "passing": passing,
    "driving below a camera on its way": lambda: on_its_way(drives=True),
    "parked below a camera on its way": lambda: on_its_way(drives=False),
    "collision": colliding,
    "crowd": lambda: seen(
        Pass((rule("crowd", ["person"], min_count=5, radius_m=5, min_seconds=2),)), 10, *CROWD
    ),
    "congestion": driving,
}


@pytest.mark.parametrize("kind", WATCHES)
def test_every_rule_gives_its_reasons_in_chinese(chinese: Browser, kind: str) -> None:
    """With each number of the English and no word of it but the name of a zone."""
    said = WATCHES[kind]()
    script = f"import('/reasons.js').then((page) => page.reasonText({json.dumps(said)}))"
    shown: str = chinese.evaluate(script)
    assert all(number in shown for number in re.findall(r"\d+(?:\.\d+)?", said))
    assert set(re.findall(r"[A-Za-z]+", shown)) <= {"strip", "yard"}


def test_what_no_rule_says_stays_as_it_is(chinese: Browser) -> None:
    """A citizen's words, say."""
    script = "import('/reasons.js').then((page) => page.reasonText('a hole, and 路面塌陷'))"
    assert chinese.evaluate(script) == "a hole, and 路面塌陷"
