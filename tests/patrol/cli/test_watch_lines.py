"""What is said at the end of watching."""

from pathlib import Path

import pytest

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from patrol.cli.watch_lines import sent_last
from patrol.courier import Courier, Tell, tell_nobody
from patrol.settings import Settings
from tests.patrol.test_courier import SlowLink, put_five


def test_whoever_leaves_is_told_what_is_waited_for_and_what_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While something is on its way, how long it may take and how to leave at once; then where."""
    link = SlowLink()
    settings = Settings(tmp_path, "http://api", "t")

    class Opening(Courier):
        def finish(
            self, patience_s: float, tell: Tell = tell_nobody, *, leaving: bool = False
        ) -> int:
            def told(waiting: int, is_ending: bool) -> None:
                tell(waiting, is_ending)
                if is_ending:
                    link.open.set()

            return super().finish(patience_s, told, leaving=leaving)

    with (
        Outbox(settings.outbox_folder) as outbox,
        EventApiClient("http://api", "t", transport=link) as client,
        Opening(outbox, client) as courier,
    ):
        put_five(courier)
        assert link.asked.wait(20.0)
        assert sent_last(courier, 30.0, settings, interrupted=True) == 5
    said = capsys.readouterr().err
    assert "5 reports wait in the outbox." in said
    assert "Ctrl-C leaves at once" in said
    assert f"5 reports wait safely in {settings.outbox_folder}" in said


def test_without_reports_nothing_is_waited_for(tmp_path: Path) -> None:
    """Nothing was to be published."""
    settings = Settings(tmp_path, "http://api", "t")
    assert sent_last(None, 30.0, settings, interrupted=False) == 0
