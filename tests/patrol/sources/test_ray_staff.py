"""Many sources on a Ray cluster: the same as on one machine, whatever dies, comes or goes."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.live_cameras import Camera
from events_api.outbox import Outbox
from patrol.passing import PassKeeper, read_pass
from patrol.settings import Settings
from patrol.sources.file import read_sources
from patrol.sources.staff import HiredStaff
from patrol.sources.status import SourceState
from patrol.sources.tasks import tasks_of
from patrol.watching import prepare
from tests.patrol.builders import car_detector
from tests.patrol.sources.builders import Watched, watched
from tests.vision.builders import write_clip
from vision.pipeline import Observers
from vision.pipeline import watch as watch_source
from vision.sightings import Sighting

SAMPLE = Path(__file__).parents[3] / "sample_footage" / "market_patrol.mp4"
ZONE = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"
STORE_BYTES = 80_000_000

ray_utils = pytest.importorskip("ray.cluster_utils", reason="needs the extra `cluster`: Ray")
ray_staff = pytest.importorskip("patrol.sources.ray_staff").ray_staff
ray_cluster = pytest.importorskip("vision.engine.ray_cluster")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of one node with two processors."""
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray_cluster.use_token()
    head = {"num_cpus": 2, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster = ray_utils.Cluster(initialize_head=True, head_node_args=head)
    yield cluster
    begun = ray_cluster.processes_of(cluster.head_node)
    cluster.shutdown()
    ray_cluster.see_off(begun)


@pytest.fixture
def hired(cluster: Any) -> HiredStaff:
    """What `--engine ray://HOST:PORT` takes."""
    host, _, port = cluster.address.rpartition(":")
    found: HiredStaff = ray_staff(host, int(port))
    return found


def expected(path: Path, home: Path, kept: Path) -> list[Sighting]:
    """What one process tells of the only source of a file, undisturbed."""
    (task,) = tasks_of(read_sources(path), path.parent).values()
    alone = prepare(task.request, Settings(home), datetime.now(UTC))
    found = []
    with PassKeeper(kept, alone) as keeper:
        parts = (alone.source, alone.detector, alone.rules, alone.ground, alone.settings)
        for sighting in watch_source(*parts, Observers(on_frame=keeper.frame)):
            keeper.sighting(sighting)
            found.append(sighting)
    return found


def test_a_pass_survives_the_death_of_all_that_work_on_it(
    tmp_path: Path, hired: HiredStaff
) -> None:
    """Same sightings, places, reports and looks as undisturbed in one process, each once."""
    path, home = tmp_path / "sources.yaml", tmp_path / "home"
    path.write_text(
        f"version: 1\nfps: 3\ninput_width_px: 640\nsources: [{{name: market, file: {SAMPLE}}}]\n"
    )
    with watched(path, home, reports=True, hired=hired) as found:
        found.until(lambda: found.heard.frames("market") > 12)
        found.kill(found.many.workers_of()["market"])
        found.until(lambda: found.heard.newest["market"].restarts == 1)
        found.until(lambda: found.heard.frames("market") > 40)
        found.kill(next(name for name in found.many.process_ids if name.startswith("detector")))
        (row,) = found.finish()
    assert (row.status.state, row.restarts) == (SourceState.FINISHED, 1)
    wanted = expected(path, home, tmp_path / "alone")
    places = {each.sighting.sighting_id: each.sighting.position for each in found.heard.sightings}
    assert sorted(found.heard.ids) == sorted(each.sighting_id for each in wanted)
    assert places == {each.sighting_id: each.position for each in wanted}
    with Outbox(Settings(home).outbox_folder) as outbox:
        assert outbox.pending() == len(wanted)
    (kept,) = (home / "passes").iterdir()
    assert read_pass(kept).things == read_pass(tmp_path / "alone" / kept.name).things
    # The state of a pass that came to its end is of no more use.
    assert not list((home / "sources").glob("*.pass"))


def test_machines_that_come_take_load_and_those_that_go_leave_theirs(
    tmp_path: Path, cluster: Any, hired: HiredStaff
) -> None:
    """Cameras go where processors are free, or wait; what stands before each is told once."""
    film, model = write_clip(tmp_path / "yard.mp4", 80), car_detector(tmp_path / "car")
    path = tmp_path / "sources.yaml"
    with ExitStack() as stack:
        cameras = [stack.enter_context(Camera(film)) for _ in range(3)]
        lines = [f'  - {{name: s{n}, url: "{e.address}", {ZONE}}}' for n, e in enumerate(cameras)]
        head = [f"version: 1\nmodel: {model}\nfps: 5\ncpus: 0.9\nsources:", *lines]
        path.write_text("\n".join(head) + "\n")
        found = stack.enter_context(watched(path, tmp_path / "home", reports=True, hired=hired))
        found.until(lambda: len(found.heard.ids) == 2)
        (first,) = on(found).keys() - {""}
        assert on(found) == {first: {"s0", "s1"}, "": {"s2"}}
        assert found.heard.newest["s2"].status.told == "waits for 0.9 free processors"
        node = cluster.add_node(num_cpus=4, object_store_memory=STORE_BYTES)
        # The one that waits finds room, and one of the two that were there is moved.
        found.until(lambda: len(on(found).get(first, ())) == 1 and "" not in on(found))
        (stays,) = on(found)[first]
        goes_on(found, "s0", "s1", "s2")
        assert all(row.restarts == 0 for row in found.heard.newest.values())
        begun = ray_cluster.processes_of(node)
        cluster.remove_node(node)
        ray_cluster.see_off(begun)
        found.until(lambda: len(on(found).get(first, ())) == 2 and len(on(found).get("", ())) == 1)
        (back,) = on(found)[first] - {stays}
        goes_on(found, stays, back)
        assert found.heard.newest[back].restarts == 1
    with Outbox(tmp_path / "home" / "outbox") as outbox:
        assert outbox.pending() == 3
    assert len(found.heard.ids) == 3


def on(found: Watched) -> dict[str, set[str]]:
    """Which sources are on which machine; those that wait are on none."""
    where: dict[str, set[str]] = {}
    for name, machine in found.many.machines_of().items():
        where.setdefault(machine, set()).add(name)
    return where


def goes_on(found: Watched, *names: str) -> None:
    """Wait until frames of all of these sources are analysed."""
    before = {name: found.heard.frames(name) for name in names}
    found.until(lambda: all(found.heard.frames(name) > before[name] + 5 for name in names))
