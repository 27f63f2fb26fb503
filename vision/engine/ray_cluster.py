"""The way to a Ray cluster: one that runs already, or one on this machine for as long as it takes.

This module needs the extra `cluster`; load it only where a cluster is asked for.
"""

import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray
from ray._private import worker as ray_worker
from ray._private.authentication import authentication_token_setup as token_setup

from vision.errors import ClusterError

OBJECT_STORE_BYTES = 200_000_000
CONNECT_S = 5.0
HEALTH_S = 30.0
END_S = 20.0
# Ray must neither report how it is used nor change what devices a process without any sees; and
# not end this process, without a word of ours, before we have given up a head that is gone.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "180",
}


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
    if address.host:
        _look_for(address)
    folder = "" if address.host else tempfile.mkdtemp(prefix="gp-ray-")
    chosen = _own(cpus, folder) if folder else _existing(address)
    handlers = _handlers()
    try:
        ray.init(logging_level="ERROR", log_to_driver=False, **chosen)
    except (RuntimeError, ConnectionError, ValueError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ClusterError(_reason(address, error)) from error
    finally:
        _restore(handlers)
    # Ray writes the deaths that it sees to the standard output, which is ours: lines of JSON.
    ray_worker.print_to_stdstream = _say_nothing
    begun = processes_of(ray_worker._global_node)  # noqa: SLF001 - nothing else names them
    try:
        yield
    finally:
        ray.shutdown()
        see_off(begun)
        _restore(handlers)
        shutil.rmtree(folder, ignore_errors=True)


def use_token() -> None:
    """Bring along the token that is in the environment or the home, as heads want it by default."""
    logging.getLogger("ray").setLevel(logging.ERROR)
    token_setup.maybe_enable_token_auth_if_token_available(warn_if_disabled=False)


def processes_of(node: Any) -> list[subprocess.Popen[bytes]]:  # noqa: ANN401 - Ray's own
    """The processes that Ray started here for a node; none where it runs elsewhere."""
    return [info.process for each in node.all_processes.values() for info in each]


def see_off(processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait for processes that Ray told to end: it does not, and would leave them half dead."""
    for process in processes:
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _look_for(address: ClusterAddress) -> None:
    """Find out in another process whether a head is there: Ray waits for ever where none is.

    Raises:
        ClusterError: there is none.
    """
    where = f"{address.host}:{address.port}"
    asking = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", where]
    use_token()
    try:
        socket.create_connection((address.host, address.port), CONNECT_S).close()
        asked = subprocess.run(asking, timeout=HEALTH_S, capture_output=True, check=False)
    except OSError as error:
        raise ClusterError(_reason(address, error)) from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError(_reason(address, OSError("what is there is no head"))) from error
    if asked.returncode:
        said = asked.stderr.decode(errors="replace").strip().splitlines() or ["it is not well"]
        raise ClusterError(_reason(address, OSError(said[-1])))


def _existing(address: ClusterAddress) -> dict[str, object]:
    return {"address": f"{address.host}:{address.port}"}


def _own(cpus: int | None, folder: str) -> dict[str, object]:
    # The person's token, or one of this run alone: nobody else on the machine may run code in the
    # cluster, and no file is written into the person's home.
    if not token_setup.AuthenticationTokenLoader.instance().has_token(ignore_auth_mode=True):
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    return {
        "address": "local",
        "num_cpus": cpus,
        "include_dashboard": False,
        "object_store_memory": OBJECT_STORE_BYTES,
        "_temp_dir": folder,
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
