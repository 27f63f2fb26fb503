"""One source, watched in a thread from its first frame to its last, through failures."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from events_api.errors import ApiError
from events_api.outbox import Blob
from events_api.schemas import ReportKind
from flight.errors import FlightError
from geofences.errors import GroundError
from patrol.errors import PatrolError
from patrol.keeping import EvidenceKeeper, said_of_blurring
from patrol.passing import PassKeeper
from patrol.settings import Settings
from patrol.sources.memory import SourceMemory, SupersededError
from patrol.sources.resumed import goes_on, of_its_own, resumed
from patrol.sources.status import Notice, SourceState, SourceStatus, ToldSighting
from patrol.sources.tasks import SourceTask
from patrol.watching import Tools, Watching, prepare
from patrol.wiring import report_of
from vision.engine.messages import ModelWish
from vision.engine.remembering import Remembered, read_back, written
from vision.engine.remote import Desk, RemoteDetector, StoppedError
from vision.engine.settings import EngineSettings
from vision.errors import VisionError
from vision.models.registry import ModelFiles, load_model
from vision.pipeline import JudgedFrame, Observers, PassWatch
from vision.sightings import Sighting

SPOKEN = (PatrolError, VisionError, GroundError, FlightError, ApiError, OSError)
LONGEST_WAIT_S = 30.0
AWAY = "no picture comes; it is connected to again and again"
_RECENT_S = 10.0
# Remembering may cost this share of the time at most.
_REMEMBER_SHARE = 0.02
_TOLD_KEPT = 2000


@dataclass(frozen=True)
class Place:
    """What the sources of a process have in common.

    Attributes:
        settings: where everything is.
        memory: keeps what a watching of a source remembers and reports, by its name and run.
        tell: takes sightings and notices.
        tools: what passes are put together with.
    """

    settings: Settings
    memory: Callable[[str, int], SourceMemory]
    tell: Callable[[ToldSighting | Notice], None]
    tools: Tools


class SourceWatcher:
    """Watches one source until its end, or until it is stopped.

    A live source is opened again and again; a file that cannot be watched has failed.

    Args:
        task: what to watch.
        place: what it has in common with its neighbours.
        desk: where its detector is.
        run: number of this watching of the source.
    """

    def __init__(self, task: SourceTask, place: Place, desk: Desk, run: int = 0) -> None:
        self.task = task
        self._number = run
        self._place = place
        self._desk = desk
        self._memory = place.memory(task.name, run)
        self._stopping = threading.Event()
        self._state = SourceState.OPENING
        self._said = self._about = ""
        self._watching: Watching | None = None
        self._remote: RemoteDetector | None = None
        self._frames = self._failures = 0
        self._time_s = self._lag_s = self._clips_s = 0.0
        self._judged_at_s: deque[float] = deque(maxlen=600)
        self._told: dict[str, None] = {}
        self._promised: list[Sighting] = []
        self._remember_due_s = 0.0
        self._thread = threading.Thread(target=self._run, name=task.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; what it saw is told and kept, and it can go on later."""
        self._stopping.set()
        watching = self._watching
        if watching is not None and self.task.request.is_live:
            # Ends the wait for a stream that gives no frames; a file ends at its next frame.
            threading.Thread(target=watching.source.close, daemon=True).start()

    def take_model(self, task: SourceTask) -> None:
        """Look with another model from the next frame on, without letting go of the stream.

        The same model, not written anew, changes nothing.

        Raises:
            ModelError: there is no such model.
        """
        files = load_model(task.request.model, self._place.settings.models_folder)
        wish = ModelWish(files, task.request.engine)
        about = task.about(self._place.settings)
        if about == self._about:
            return
        self.task, self._about = task, about
        if self._remote is not None:
            self._remote.swap(wish)

    def join(self, patience_s: float) -> bool:
        """Wait for its end; whether it ended."""
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def status(self) -> SourceStatus:
        """How it goes."""
        now_s = time.monotonic()
        recent = [each for each in list(self._judged_at_s) if now_s - each <= _RECENT_S]
        span_s = now_s - recent[0] if recent else 0.0
        report = self._watching.source.report if self._watching else None
        passed_over = self._remote.passed_over if self._remote else 0
        is_away = self._state is SourceState.WATCHING and report is not None and report.is_away
        return SourceStatus(
            name=self.task.name,
            state=SourceState.RETRYING if is_away else self._state,
            frames=self._frames,
            time_s=self._time_s,
            fps=len(recent) / span_s if span_s > 0.5 else 0.0,
            lag_s=self._lag_s,
            dropped=(report.dropped if report else 0) + passed_over,
            damaged=report.damaged if report else 0,
            reconnects=(report.reconnects if report else 0) + self._failures,
            clips_s=self._clips_s,
            told=AWAY if is_away else self._said or (report.warning if report else ""),
            start_utc=self._watching.settings.start_utc if self._watching else None,
            run=self._number,
        )

    def _run(self) -> None:
        wait_s = 0.5
        while not self._stopping.is_set():
            began_frames = self._frames
            try:
                self._pass()
            except (StoppedError, SupersededError):
                break
            except SPOKEN as error:
                self._said = str(error)
            except Exception as error:  # noqa: BLE001 - a thread's edge; its neighbours go on
                self._said = f"{type(error).__name__}: {error}. This is a fault of this program."
            else:
                if not self.task.request.is_live and not self._stopping.is_set():
                    self._state = SourceState.FINISHED
                    return
            if self._stopping.is_set():
                break
            if not self.task.request.is_live:
                self._state = SourceState.FAILED
                return
            self._state, self._failures = SourceState.RETRYING, self._failures + 1
            wait_s = 0.5 if self._frames > began_frames else min(2 * wait_s, LONGEST_WAIT_S)
            self._stopping.wait(wait_s)
        self._state = SourceState.STOPPED

    def _pass(self) -> None:
        """Watch it once, from the beginning or from where it ended."""
        now = datetime.now(UTC)
        self._about = self.task.about(self._place.settings)
        before = self._recalled()
        request = replace(self.task.request, pass_id=before.pass_id) if before else None
        with ExitStack() as stack:
            tools = replace(self._place.tools, detector=partial(self._detector, stack))
            watching = prepare(request or self.task.request, self._place.settings, now, tools)
            stack.callback(watching.source.close)
            if before is not None and goes_on(watching, before):
                watching, before = resumed(watching, before, self.task.request.is_live)
                self._told = dict.fromkeys(before.told)
            elif before is not None:
                live = self.task.request.is_live
                watching, before = of_its_own(watching, now) if live else watching, None
            self._watching = watching
            if watching.notice and before is None:
                self._place.tell(Notice(self.task.name, watching.notice))
            if self._remote is not None:
                self._remote.expect(watching.source.size_wh_px)
            self._watch(watching, before)
            while self._remote is not None and self._remote.has_other_classes:
                # What was remembered speaks of classes that are no more: another pass begins.
                self._watching = watching = of_its_own(watching, datetime.now(UTC))
                self._watch(watching, None)
        if not self._stopping.is_set() and not self.task.request.is_live:
            self._memory.drop(self.task.state_name)

    def _recalled(self) -> Remembered | None:
        data = self._memory.recall(self.task.state_name)
        return None if data is None else read_back(data, self._about)

    def _detector(
        self, stack: ExitStack, files: ModelFiles, engine: EngineSettings
    ) -> RemoteDetector:
        wish = ModelWish(files, engine)
        request = self.task.request
        renews = request.is_live and not request.never_drops
        detector = RemoteDetector(self._desk, wish, self._stopping, renews=renews)
        stack.callback(detector.close)
        self._remote = detector
        return detector

    def _watch(self, watching: Watching, before: Remembered | None) -> None:
        state = before.state if before else None
        said = said_of_blurring(self.task.request.model, watching.detector.class_names)
        if said and before is None:
            self._place.tell(Notice(self.task.name, said))
        with ExitStack() as stack:
            looking = self._looking(stack, watching, before)
            evidence = self._evidence(stack, watching)
            keepers = [each for each in (evidence, looking) if each is not None]
            watch = PassWatch(
                watching.source.name,
                watching.detector,
                watching.rules,
                watching.ground,
                watching.settings,
                state,
            )
            keep = partial(self._keep, watch, watching, looking)
            self._promised = list(before.promised) if before else []

            def judged(frame: JudgedFrame) -> None:
                self._take(frame)
                # Whatever keeps what this frame taught, keeps that it was looked at.
                if looking is not None:
                    looking.frame(frame)
                # A finding that waits for better looks is promised: it outlives what happens now.
                if frame.findings and watch.state.pending.waits(frame.frame.time_s):
                    keep()

            def after(frame: JudgedFrame) -> None:
                self._tell(watching, keepers, keep)
                # What is told went first: memory takes longer than it may wait.
                if evidence is not None:
                    evidence.frame(frame)
                if time.monotonic() >= self._remember_due_s:
                    keep()

            self._state, self._said = SourceState.WATCHING, ""
            source, observers = watching.source, Observers(on_frame=judged, after_frame=after)
            self._tell(watching, keepers, keep)
            for sighting in watch.run(source, watching.detector, observers):
                self._promised.append(sighting)
            self._tell(watching, keepers, keep)
            if watch.state.frame_index >= 0:
                keep()

    def _keep(self, watch: PassWatch, watching: Watching, looking: PassKeeper | None) -> None:
        began_s = time.monotonic()
        remembered = Remembered(
            self._about,
            watching.settings.pass_id,
            watching.settings.start_utc,
            datetime.now(UTC),
            watch.state,
            frozenset(list(self._told)[-_TOLD_KEPT:]),
            looking.memory() if looking else None,
            tuple(self._promised),
        )
        self._memory.keep(self.task.state_name, written(remembered))
        took_s = time.monotonic() - began_s
        self._remember_due_s = began_s + max(self._memory.every_s, took_s / _REMEMBER_SHARE)

    def _looking(
        self, stack: ExitStack, watching: Watching, before: Remembered | None
    ) -> PassKeeper | None:
        """Who notes what a pass with poses looks at, and goes on where he was."""
        if not watching.has_poses:
            return None
        passes, looked = self._place.settings.passes_folder, before.looked if before else None
        keeper = PassKeeper(passes, watching, looked, self._memory.looked)
        return stack.enter_context(keeper)

    def _evidence(self, stack: ExitStack, watching: Watching) -> EvidenceKeeper | None:
        """Who writes clips of what is told, where they are wanted."""
        if self.task.evidence is None:
            return None
        source, name = watching.settings.source_name, watching.settings.pass_id
        clock = partial(datetime.now, UTC)
        keeper = EvidenceKeeper(self.task.evidence, source, name, clock, on_wait=self._waited)
        return stack.enter_context(keeper)

    def _waited(self, seconds: float) -> None:
        self._clips_s += seconds

    def _take(self, judged: JudgedFrame) -> None:
        now_s = time.monotonic()
        self._frames += 1
        if self._remote is not None and self._remote.refusal:
            self._place.tell(Notice(self.task.name, self._remote.refusal))
            self._remote.refusal = ""
        self._time_s = judged.frame.time_s
        self._lag_s += 0.2 * (now_s - judged.frame.made_s - self._lag_s)
        self._judged_at_s.append(now_s)

    def _tell(
        self,
        watching: Watching,
        keepers: list[PassKeeper | EvidenceKeeper],
        keep: Callable[[], None],
    ) -> None:
        """Tell what was promised, each sighting once whatever ends this process meanwhile."""
        self._promised = [each for each in self._promised if each.sighting_id not in self._told]
        if not self._promised:
            return
        keep()
        for sighting in self._promised:
            self._report(sighting, watching, keepers)
        self._promised = []

    def _report(
        self,
        sighting: Sighting,
        watching: Watching,
        keepers: list[PassKeeper | EvidenceKeeper],
    ) -> None:
        """Keep it, promise it to the API, and only then tell of it."""
        for keeper in keepers:
            keeper.sighting(sighting)
        if self._memory.reports:
            kind = ReportKind.DRONE if watching.has_poses else ReportKind.CAMERA
            blobs = [Blob(each.data, each.media_type) for each in sighting.evidence]
            self._memory.put(report_of(sighting, kind, watching.place), blobs)
        self._told[sighting.sighting_id] = None
        rule = next(each for each in watching.rules if each.id == sighting.rule_id)
        self._place.tell(ToldSighting(self.task.name, replace(sighting, evidence=()), rule))
