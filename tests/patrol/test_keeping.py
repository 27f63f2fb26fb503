"""Evidence of a pass lies in a folder of its own, whatever the source is called."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.errors import UsageError
from patrol.keeping import folder_name, pass_folders


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_folder_has_a_plain_name(source: str, pass_id: str) -> None:
    """No separators, never empty, never the folder above."""
    name = folder_name(source, pass_id)
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>| \0')


def test_an_address_becomes_readable() -> None:
    """As far as it can be."""
    assert folder_name("rtsp://gate:8554/a", "p1") == "rtsp-gate-8554-a-p1"


def test_a_folder_without_evidence_is_told(tmp_path: Path) -> None:
    """With what to name in its place."""
    with pytest.raises(UsageError, match="no evidence was kept there"):
        pass_folders(tmp_path)
