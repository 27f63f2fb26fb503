import numpy as np
import openvino
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openvino import opset13 as ops

from vision.models.embedded import names_in, told_by, told_in


def model_that_tells(place: str, values: dict[str, str]) -> openvino.Model:
    """A model with information inside, as exports write it."""
    parameter = ops.parameter([1, 3, 32, 32], np.float32)
    model = openvino.Model([ops.relu(parameter)], [parameter])
    for key, value in values.items():
        model.set_rt_info(value, [place, key])
    return model


@pytest.mark.parametrize("place", ["framework", "model_info"])
def test_what_an_export_writes_inside_is_read(place: str) -> None:
    """Names in Python's writing, sizes as height and width."""
    model = model_that_tells(
        place,
        {
            "names": "{0: 'person', 1: \"driver's cab\"}",
            "task": "detect",
            "imgsz": "[384, 640]",
            "license": "MIT",
        },
    )
    told = told_in(model)
    assert told.names == names_in(model) == ("person", "driver's cab")
    assert told.task == "detect"
    assert told.input_wh_px == (640, 384)
    assert told.licence == "MIT"


def test_a_silent_model_tells_nothing() -> None:
    """Empty, not an error: a file beside it may tell."""
    assert names_in(model_that_tells("framework", {})) == ()


def test_text_is_never_run() -> None:
    """What would be a program stays text: no names, or a strange one."""
    assert told_by({"names": "__import__('os').system('true')"}).names == ()
    assert told_by({"names": "{0: open('x')}"}).names == ("open('x')",)


@pytest.mark.parametrize("imgsz", ["640", 640, [640, 640], "(640, 640)"])
def test_a_size_is_read_in_each_of_its_forms(imgsz: object) -> None:
    """One number stands for a square."""
    assert told_by({"imgsz": imgsz}).input_wh_px == (640, 640)


@given(st.one_of(st.text(), st.integers(), st.lists(st.integers()), st.none(), st.booleans()))
def test_nonsense_tells_nothing_and_never_fails(value: object) -> None:
    """A file of unknown origin may hold anything."""
    told = told_by({"names": value, "imgsz": value, "task": value, "thresholds": value})
    assert told.input_wh_px is None or min(told.input_wh_px) > 0
    assert all(isinstance(name, str) for name in told.names)
    assert told.thresholds == {}


def test_our_own_metadata_is_understood() -> None:
    """Exported from here and added again, thresholds and width stay."""
    told = told_by({"names": ["car"], "input_wh_px": [960, 544], "thresholds": {"car": 0.4}})
    assert told.input_wh_px == (960, 544)
    assert told.thresholds == {"car": 0.4}
