"""Processes on a Ray cluster, which keep what they remember on the supervisor's side.

This module needs the extra `cluster`; load it only where a cluster is asked for.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from events_api.outbox import Outbox
from patrol.settings import Settings
from patrol.sources.memory import HomeMemory, Keeper
from patrol.sources.staff import HiredStaff, Staff
from patrol.sources.worker import WorkerSetting, run_far_worker
from vision.engine.installation import program_version, sources_digest
from vision.engine.ray import RayProcesses
from vision.engine.ray_cluster import ClusterAddress, connected

# One supervisor hears thousands of sources.
FAR_BEAT_S = 1.0
_PACKAGES = ("events_api", "flight", "geofences", "patrol", "vision")


def installation() -> str:
    """What of this program there is on a machine, asked there and here.

    What processes run is loaded with this module: where that cannot be, this cannot be asked.
    """
    return f"Gridpatrol {program_version()} ({sources_digest(_PACKAGES)[:8]})"


def ray_staff(host: str, port: int, cpus: int | None = None) -> HiredStaff:
    """The staff of a cluster.

    Args:
        host: of its head; empty for a cluster of this machine alone.
        port: of its head.
        cpus: processors that a cluster of this machine alone lends; None for all.
    """

    @contextmanager
    def hired(settings: Settings, *, reports: bool) -> Iterator[Staff]:
        with ExitStack() as stack:
            outbox = stack.enter_context(Outbox(settings.outbox_folder)) if reports else None
            keeper = Keeper(HomeMemory(settings, outbox))
            stack.enter_context(connected(ClusterAddress(host, port), cpus))
            # Who watches has no need of what opens the API or the database.
            bare = replace(settings, token="", database_url="", evidence_bucket=None)
            run = secrets.token_hex(8)
            yield Staff(
                RayProcesses(keeper, same=installation),
                run_far_worker,
                WorkerSetting(bare, reports, FAR_BEAT_S),
                # Without a place in a file system: nothing is left on any machine.
                lambda number: f"\0gridpatrol-{run}-{number}",
                keeper.grant,
            )

    return hired
