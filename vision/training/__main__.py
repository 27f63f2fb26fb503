"""`python -m vision.training`: make the shipped detector, from COCO weights to its card.

The recipe has these steps, each resumed or skipped when its result is in the work folder:
fill in missing traffic labels, learn from real pictures, render pictures, learn from both,
export to int8 OpenVINO, score it on the validation pictures, write metadata and card.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import torch

from vision.errors import VisionError
from vision.training.shipping import MODEL_NAME
from vision.training.stages import Places, make_detector


def main() -> int:
    """Read the command line and run the recipe."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    try:
        make_detector(Places(options.data, options.weights, options.work, options.output))
    except VisionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m vision.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = Path("../shared")
    work = Path(tempfile.gettempdir()) / "gridpatrol_training"
    output = Path(__file__).parents[1] / "models" / MODEL_NAME
    for name, default, meaning in (
        ("--data", shared / "data/events_v1", "real pictures, with manifest.csv"),
        ("--weights", shared / "weights", "folder of the COCO weights"),
        ("--work", work, "checkpoints, rendered pictures and exports"),
        ("--output", output, "where the model, its metadata and its card go"),
    ):
        parser.add_argument(name, type=Path, default=default, help=f"{meaning} [{default}]")
    parser.add_argument("--threads", type=int, default=2, help="of the processor [2]")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
