"""Tests of `geofences.errors`."""

from __future__ import annotations

import pickle

import pytest

from geofences import errors


@pytest.mark.parametrize(
    "kind",
    [
        errors.InvalidGeometryError,
        errors.UnknownCellError,
        errors.AboveHorizonError,
        errors.FileFormatError,
    ],
)
def test_all_errors_of_the_ground_have_one_root(kind: type[Exception]) -> None:
    """Callers can catch everything that the ground refuses by one name."""
    assert issubclass(kind, errors.GroundError)


def test_an_unknown_cell_says_which() -> None:
    """The code is in the message and on the error."""
    error = errors.UnknownCellError("341299001001999")
    assert "'341299001001999'" in str(error)
    assert error.code == "341299001001999"


def test_errors_survive_another_process() -> None:
    """An error raised in a worker arrives as it was."""
    error = errors.FileFormatError("There is no file a.gpkg; check the path.")
    assert str(error) == str(pickle.loads(pickle.dumps(error)))  # noqa: S301
