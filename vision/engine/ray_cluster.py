"""The way to a Ray cluster: one that runs already, or one on this machine for as long as it takes.

This module needs the extra `cluster`; load it only where a cluster is asked for.
"""

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import ray
from ray._private import worker as ray_worker

from vision.errors import ClusterError

OBJECT_STORE_BYTES = 200_000_000
# Ray must neither report how it is used nor change what devices a process without any sees.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@dataclass(frozen=True)
class ClusterAddress:
    """A cluster's head.

    Attributes:
        host: empty for a cluster of this machine alone.
        port: of the head, as `ray start --head --port` has it.
    """

    host: str = ""
    port: int = 0


@contextmanager
def connected(address: ClusterAddress, cpus: int | None = None) -> Iterator[None]:
    """Be connected to a cluster; one of this machine alone ends with the context.

    Args:
        address: of the cluster.
        cpus: processors that a cluster of this machine alone lends; None for all.

    Raises:
        ClusterError: it cannot be reached, or started.
    """
    os.environ.update(_QUIET)
    chosen = _existing(address) if address.host else _own(cpus)
    handlers = _handlers()
    try:
        ray.init(logging_level="ERROR", log_to_driver=False, **chosen)
    except (RuntimeError, ConnectionError, ValueError, OSError) as error:
        raise ClusterError(_reason(address, error)) from error
    finally:
        _restore(handlers)
    # Ray writes the deaths that it sees to the standard output, which is ours: lines of JSON.
    ray_worker.print_to_stdstream = _say_nothing
    try:
        yield
    finally:
        ray.shutdown()
        _restore(handlers)


def _existing(address: ClusterAddress) -> dict[str, object]:
    return {"address": f"{address.host}:{address.port}"}


def _own(cpus: int | None) -> dict[str, object]:
    # A secret of this run alone: nobody else on the machine may run code in the cluster, and no
    # file is written into the person's home.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    return {
        "address": "local",
        "num_cpus": cpus,
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE_BYTES,
    }


def _reason(address: ClusterAddress, error: Exception) -> str:
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason")
    if not address.host:
        return f"Ray cannot be started on this machine ({said}); see docs/cluster.md."
    where = f"{address.host}:{address.port}"
    return (
        f"The Ray cluster at {where} cannot be reached ({said}): this machine must belong to it. "
        f"Start its head with `ray start --head --port={address.port}`, or let this machine join "
        f"with `ray start --address={where} --num-cpus=0`; the port is the head's own, not that of "
        "Ray's client (10001)."
    )


def _say_nothing(*_: object, **__: object) -> None:
    """What Ray would print is told by the supervisor."""


def _handlers() -> dict[int, object]:
    """Ray takes SIGTERM for itself; the handlers of this program come back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}


def _restore(handlers: dict[int, object]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]
