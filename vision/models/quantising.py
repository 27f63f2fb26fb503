"""Int8 by NNCF. This module needs the extra `models`; load it only where int8 is asked for.

It is the only one that imports NNCF, which would tell its makers of every use, without asking:
what it takes for its own makers' machines keeps it silent, and must stand before the import.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Sequence

import numpy as np
import openvino
from numpy.typing import NDArray

from vision.models.exporting import decoding_of

os.environ.setdefault("NNCF_CI", "1")

import nncf

__all__ = ["nncf", "to_int8"]


def to_int8(model: openvino.Model, inputs: Sequence[NDArray[np.float32]]) -> openvino.Model:
    """Quantise all but the decoding of the boxes, by the values that these inputs bring about.

    Args:
        model: a float model.
        inputs: float32 (1, 3, H, W) RGB in 0..1, of sizes that the model takes.
    """
    logging.getLogger("nncf").setLevel(logging.ERROR)
    # How far it is, it says where results are expected.
    with contextlib.redirect_stdout(sys.stderr):
        return nncf.quantize(
            model,
            nncf.Dataset(list(inputs)),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
            ignored_scope=nncf.IgnoredScope(names=decoding_of(model), validate=False),
        )
