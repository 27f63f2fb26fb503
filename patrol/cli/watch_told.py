"""What `patrol watch` says of one source while it is watched."""

import time

from rich.markup import escape

from patrol.cli.console import notices, print_json, terminal
from patrol.cli.watch_lines import sighting_row, sighting_text
from patrol.watching import Watching
from vision.pipeline import Progress
from vision.sightings import Sighting

PROGRESS_EVERY_S = 2.0


class WatchTeller:
    """Says what is seen, to a person or to a machine."""

    def __init__(self, watching: Watching, *, as_json: bool) -> None:
        self._as_json = as_json
        self._source = watching.settings.source_name
        self._feed = watching.source
        self._titles = {rule.id: rule for rule in watching.rules}
        self._told_s = time.monotonic()
        self._newest: Progress | None = None

    def sighting(self, sighting: Sighting) -> None:
        """Tell a sighting."""
        text = sighting_text(sighting, self._titles[sighting.rule_id])
        if self._as_json:
            print_json(sighting_row(sighting) | {"source": self._source, "text": text})
        else:
            terminal().print(f"[green]●[/] {escape(text)}", soft_wrap=True)

    def progress(self, progress: Progress) -> None:
        """Tell how far it is, now and then."""
        self._newest = progress
        if time.monotonic() - self._told_s < PROGRESS_EVERY_S:
            return
        self._told_s = time.monotonic()
        if self._as_json:
            print_json({"source": self._source, "progress": progress.frames, "fps": progress.fps})
        else:
            notices().print(
                f"  {progress.time_s:.0f} s seen, {progress.frames} frames, {progress.fps:.1f} a "
                f"second, {progress.sightings} sightings"
            )

    def end(self, delivered: int, waiting: int) -> None:
        """Tell the sum: of reports, how many were delivered and how many wait."""
        report = self._feed.report
        frames = self._newest.frames if self._newest else 0
        sightings = self._newest.sightings if self._newest else 0
        fps = self._newest.fps if self._newest else 0.0
        if report.warning:
            notices().print(report.warning, style="yellow", markup=False, soft_wrap=True)
        if self._as_json:
            print_json(
                {
                    "source": self._source,
                    "finished": True,
                    "frames": frames,
                    "fps": round(fps, 2),
                    "without_pose": self._newest.without_pose if self._newest else 0,
                    "sightings": sightings,
                    "delivered": delivered,
                    "waiting": waiting,
                    "damaged": report.damaged,
                    "dropped": report.dropped,
                }
            )
            return
        told = f"{frames} frames at {fps:.1f} a second, {sightings} sightings"
        told += f", {delivered} reports sent" if delivered else ""
        told += f", {waiting} reports wait" if waiting else ""
        terminal().print(f"{told}.")
