"""One source in a thread: what is kept of it at any moment is enough to go on from."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol.settings import Settings
from patrol.sources.file import read_sources
from patrol.sources.memory import HomeMemory
from patrol.sources.status import SourceState
from patrol.sources.tasks import tasks_of
from patrol.sources.watcher import Place, SourceWatcher
from patrol.watching import Tools
from vision.engine.remembering import Remembered, read_back
from vision.engine.remote import Desk
from vision.engine.server import DetectorServer

SAMPLE = Path(__file__).parents[3] / "sample_footage" / "market_patrol.mp4"
PATIENCE_S = 120.0


class Diary(HomeMemory):
    """Notes all that was ever kept."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, None)
        self.kept: list[bytes] = []

    def keep(self, file: str, data: bytes) -> None:
        """Keep it, and note it."""
        super().keep(file, data)
        self.kept.append(data)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A detector at work."""
    desk = Desk(str(tmp_path / "detector"), secrets.token_bytes(32))
    server = DetectorServer(desk.address, desk.key)
    yield desk
    server.close()


def test_what_a_frame_taught_is_kept_with_the_look_at_its_ground(
    desk: Desk, tmp_path: Path
) -> None:
    """Whoever goes on after that frame does not look at it again."""
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"version: 1\nfps: 3\ninput_width_px: 640\nsources: [{{name: market, file: {SAMPLE}}}]\n"
    )
    (task,) = tasks_of(read_sources(path), tmp_path).values()
    settings = Settings(tmp_path / "home")
    diary = Diary(settings)
    place = Place(settings, lambda *_: diary, lambda _: None, Tools())
    watcher = SourceWatcher(task, place, desk)
    watcher.start()
    assert watcher.join(PATIENCE_S)
    assert watcher.status().state is SourceState.FINISHED
    moments = [_moments(read_back(each, task.about(settings))) for each in diary.kept]
    assert len(moments) > 2
    assert all(kept_s == looked_s for kept_s, looked_s in moments)


def _moments(kept: Remembered | None) -> tuple[float, float]:
    """The last frame that it knows, and the last whose ground it counts as looked at."""
    assert kept is not None
    assert kept.looked is not None
    return kept.state.time_s, kept.looked.span_s[1]
