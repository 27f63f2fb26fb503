"""`python -m vision.training`: make the shipped detector, from COCO weights to its card."""

import argparse
import logging
import time
from pathlib import Path

import torch

from vision.training.stages import real_training_pictures, train_on_real

_LOG = logging.getLogger("vision.training")


def main() -> None:
    """Read the command line and run the recipe; stages already done are not done again."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    started_s = time.monotonic()

    def report(step: int, parts: dict[str, float]) -> None:
        values = " ".join(f"{name} {value:.3f}" for name, value in parts.items())
        _LOG.info("step %d after %.0f s: %s", step, time.monotonic() - started_s, values)

    pictures = real_training_pictures(options.data, options.weights)
    _LOG.info("%d real pictures read and filled in", len(pictures))
    train_on_real(pictures, options.weights, options.work, report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m vision.training", description=__doc__)
    shared = Path("../shared")
    parser.add_argument("--data", type=Path, default=shared / "data/events_v1")
    parser.add_argument("--weights", type=Path, default=shared / "weights")
    parser.add_argument("--work", type=Path, default=Path("/tmp/gridpatrol_training"))  # noqa: S108
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
