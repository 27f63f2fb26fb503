"""Where the shared pictures, videos and polygons lie, if they are on this machine."""

from pathlib import Path

from benchmarks.result import BenchmarkUnavailableError

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """Return a file of the shared data.

    Raises:
        BenchmarkUnavailableError: it is not here.
    """
    found = SHARED / path
    if not found.exists():
        raise BenchmarkUnavailableError(
            f"This benchmark needs ../shared/{path}, which is not on this machine."
        )
    return found
