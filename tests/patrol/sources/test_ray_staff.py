"""Many sources on a Ray cluster: the same as on one machine, whatever dies, comes or goes."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, suppress
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
from tests.patrol.sources.builders import watched
from tests.vision.builders import write_clip
from vision.pipeline import Observers
from vision.pipeline import watch as watch_source
from vision.sightings import Sighting

SAMPLE = Path(__file__).parents[3] / "sample_footage" / "market_patrol.mp4"
ZONE = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"
STORE_BYTES = 80_000_000

os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
ray_utils = pytest.importorskip("ray.cluster_utils", reason="needs the extra `cluster`: Ray")
ray_staff = pytest.importorskip("patrol.sources.ray_staff").ray_staff


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of one node with two processors."""
    head = {"num_cpus": 2, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster = ray_utils.Cluster(initialize_head=True, head_node_args=head)
    yield cluster
    cluster.shutdown()


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
    """Cameras go where processors are free, and what stands before them is told once."""
    film = write_clip(tmp_path / "yard.mp4", 80)
    model = car_detector(tmp_path / "car")
    with ExitStack() as stack:
        cameras = [stack.enter_context(Camera(film)) for _ in range(2)]
        lines = [f'  - {{name: s{n}, url: "{e.address}", {ZONE}}}' for n, e in enumerate(cameras)]
        path = tmp_path / "sources.yaml"
        path.write_text(
            "\n".join([f"version: 1\nmodel: {model}\nfps: 5\ncpus: 1\nsources:", *lines]) + "\n"
        )
        found = stack.enter_context(watched(path, tmp_path / "home", reports=True, hired=hired))
        found.until(lambda: len(found.heard.ids) == 2)
        (head,) = set(found.many.machines_of().values())
        node = cluster.add_node(num_cpus=2, object_store_memory=STORE_BYTES)
        stack.callback(lambda: _remove(cluster, node))
        found.until(lambda: len(set(found.many.machines_of().values()) - {""}) == 2)
        (moved,) = [name for name, each in found.many.machines_of().items() if each != head]
        before = found.heard.frames(moved)
        found.until(lambda: found.heard.frames(moved) > before + 10)
        assert found.heard.newest[moved].restarts == 0
        cluster.remove_node(node)
        found.until(lambda: set(found.many.machines_of().values()) == {head})
        again = found.heard.frames(moved)
        found.until(lambda: found.heard.frames(moved) > again + 10)
        assert found.heard.newest[moved].restarts == 1
        with Outbox(tmp_path / "home" / "outbox") as outbox:
            assert outbox.pending() == 2
    assert len(found.heard.ids) == 2


def _remove(cluster: Any, node: Any) -> None:
    with suppress(KeyError):
        cluster.remove_node(node)


def test_what_fits_nowhere_waits_for_room(tmp_path: Path, hired: HiredStaff) -> None:
    """With a remark that says so; it is watched when another source is over."""
    for name in ("first", "second"):
        write_clip(tmp_path / f"{name}.mp4", 60)
    model = car_detector(tmp_path / "car")
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"version: 1\nmodel: {model}\nfps: 0\ncpus: 1.5\nsources:\n"
        "  - {name: first, file: first.mp4}\n  - {name: second, file: second.mp4}\n"
    )
    with watched(path, tmp_path / "home", hired=hired) as found:
        found.until(lambda: found.heard.state("second") is SourceState.WAITING)
        found.until(lambda: "1.5 free processors" in found.heard.newest["second"].status.told)
        rows = {row.status.name: row.status for row in found.finish()}
    assert (rows["first"].frames, rows["second"].frames) == (60, 60)
