"""What of the program is installed: told apart by its source, wherever it lies."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vision.engine.installation import program_version, sources_digest


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Installs a package into a folder of its own, and returns the digest of its source."""

    def found(folder: str, source: str) -> str:
        package = tmp_path / folder / "gp_made_up"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "more.py").write_text(source)
        monkeypatch.setattr(sys, "path", [str(tmp_path / folder)])
        sys.path_importer_cache.clear()
        return sources_digest(["gp_made_up"])

    return found


def test_the_source_counts_and_not_where_it_lies(install: Callable[[str, str], str]) -> None:
    """The same in two folders is the same; one letter more is not."""
    first = install("one", "a = 1\n")
    assert install("two", "a = 1\n") == first
    assert install("three", "a = 12\n") != first


def test_what_is_missing_counts_for_nothing() -> None:
    """It differs from what is there."""
    assert sources_digest(["gp_not_there"]) == sources_digest([])
    assert sources_digest(["vision"]) not in {sources_digest([]), sources_digest(["geofences"])}
    assert program_version()
