"""What of this program is installed: machines that work together must have the same."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

PROGRAM = "gridpatrol"


def program_version() -> str:
    """The version that was installed; empty where the source runs without being installed."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return ""


def sources_digest(packages: Sequence[str]) -> str:
    """SHA-256 over the Python sources of packages, wherever they are installed.

    Args:
        packages: names, as they are imported; of one that is missing nothing is counted.
    """
    digest = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        for folder in map(Path, (spec.submodule_search_locations or ()) if spec else ()):
            for path in sorted(folder.rglob("*.py")):
                digest.update(f"{package}/{path.relative_to(folder).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
