"""`patrol watch sources.yaml`: many sources in processes of their own."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from patrol.cli.sources_shown import JsonSources, ShownSources, TableOfSources
from patrol.cli.watch_lines import print_end, raise_all, sent_last, unsent
from patrol.courier import Courier
from patrol.settings import Settings, read_settings
from patrol.sources.metrics import SourceMetrics, served
from patrol.sources.staff import LOCAL, staff_of
from patrol.sources.status import SourceState, ToldSighting
from patrol.sources.supervisor import ManySources
from patrol.sources.watched import SourceRow


@dataclass(frozen=True)
class ManyOptions:
    """What the person asked for.

    Attributes:
        publish: whether sightings are reported to the event API.
        patience_s: how long to wait at the end for an API that is down.
        as_json: JSON lines in place of a table.
        metrics_port: of metrics for Prometheus, None for none.
        metrics_host: where they are served.
        engine: where the processes are: `local`, or a Ray cluster.
    """

    publish: bool
    patience_s: float
    as_json: bool
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    engine: str = LOCAL


def watch_many(path: Path, options: ManyOptions) -> None:
    """Watch all sources of a file until they end, or a signal ends them.

    Raises:
        PatrolError: the file is wrong, sources failed, or reports could not be sent.
        KeyboardInterrupt: it was ended by Ctrl-C.
    """
    settings = read_settings(os.environ, Path.home())
    hired = staff_of(options.engine)
    with ExitStack() as stack:
        courier = stack.enter_context(_courier(stack, settings)) if options.publish else None
        screen, metrics = _screen(as_json=options.as_json), SourceMetrics()
        shown = _Waking(screen, courier, metrics)
        many = ManySources(path, settings, shown, reports=options.publish, hired=hired)
        if options.metrics_port is not None:
            stack.enter_context(served(metrics, options.metrics_host, options.metrics_port))
        with screen, _signals(many) as heard:
            rows = many.run()
        waiting = sent_last(courier, options.patience_s, settings, interrupted=bool(heard))
        end = _sum(rows, courier.delivered if courier else 0, waiting)
        print_end(end, as_json=options.as_json)
        if signal.SIGINT in heard:
            raise KeyboardInterrupt
        raise_all([*_failures(rows), *unsent(courier, waiting, settings)])


def _screen(*, as_json: bool) -> ShownSources:
    if as_json:
        return JsonSources()
    return TableOfSources()


class _Waking:
    """Wakes the courier with every sighting, as other processes put them into the outbox."""

    def __init__(
        self, shown: ShownSources, courier: Courier | None, metrics: SourceMetrics
    ) -> None:
        self.notice = shown.notice
        self._shown = shown
        self._courier = courier
        self._metrics = metrics

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        self._metrics.rows(rows)
        self._shown.rows(rows)

    def sighting(self, told: ToldSighting) -> None:
        if self._courier is not None:
            self._courier.wake()
        self._shown.sighting(told)


def _courier(stack: ExitStack, settings: Settings) -> Courier:
    outbox = stack.enter_context(Outbox(settings.outbox_folder))
    client = stack.enter_context(EventApiClient(settings.api_url, settings.token))
    return Courier(outbox, client)


@contextmanager
def _signals(many: ManySources) -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM end the watching in its own time, and SIGHUP read the file again."""
    heard: list[int] = []

    def stop(number: int, _frame: object) -> None:
        heard.append(number)
        many.stop()

    handlers = {
        signal.SIGINT: stop,
        signal.SIGTERM: stop,
        signal.SIGHUP: lambda _number, _frame: many.reload(),
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sum(rows: tuple[SourceRow, ...], delivered: int, waiting: int) -> dict[str, object]:
    statuses = [row.status for row in rows]
    return {
        "finished": True,
        "sources": len(rows),
        "failed": sum(status.state is SourceState.FAILED for status in statuses),
        "frames": sum(status.frames for status in statuses),
        "sightings": sum(status.sightings for status in statuses),
        "dropped": sum(status.dropped for status in statuses),
        "damaged": sum(status.damaged for status in statuses),
        "restarts": sum(row.restarts for row in rows),
        "delivered": delivered,
        "waiting": waiting,
    }


def _failures(rows: tuple[SourceRow, ...]) -> tuple[str, ...]:
    failed = [row.status for row in rows if row.status.state is SourceState.FAILED]
    if not failed:
        return ()
    first = failed[0]
    return (f"{len(failed)} of {len(rows)} sources failed; the first, {first.name}: {first.told}",)
