"""`patrol model`: which detectors there are."""

import json

from tests.patrol.conftest import Terminal
from vision.models.registry import load_model, shipped_models


def test_every_shipped_model_is_listed_with_what_it_sees(terminal: Terminal) -> None:
    """Name, input and classes, and `patrol9` is among them."""
    said = terminal("model", "list")
    assert said.code == 0
    for name in shipped_models():
        assert name in said.out
    assert "patrol9" in said.out
    assert "two_wheeler" in said.out


def test_a_machine_gets_the_hash_too(terminal: Terminal) -> None:
    """The hash is that of the weights, checked while listing."""
    rows = json.loads(terminal("model", "list", "--json").out)
    assert [row["name"] for row in rows] == list(shipped_models())
    files = load_model("patrol9")
    row = next(row for row in rows if row["name"] == "patrol9")
    assert row == {"name": "patrol9", "classes": list(files.class_names), "sha256": files.sha256}
    assert len(files.sha256) == 64
