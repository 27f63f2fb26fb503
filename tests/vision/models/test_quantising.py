"""What makes int8 of a model keeps to itself."""

import os
import subprocess
import sys

import pytest

REPORTS = (
    "import vision.models.quantising\n"
    "from nncf.telemetry.wrapper import NNCFTelemetry, telemetry\n"
    "print(isinstance(telemetry, NNCFTelemetry))\n"
)


def test_nobody_is_told_that_a_model_is_quantised() -> None:
    """NNCF would report each use to its makers, and never does so beside pytest."""
    pytest.importorskip("nncf")
    silent = ("NNCF_CI", "NNCF_DEV")
    asked = {name: value for name, value in os.environ.items() if name not in silent}
    command = [sys.executable, "-c", REPORTS]
    said = subprocess.run(command, env=asked, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False"]
