"""What can go wrong while training, exporting and scoring a detector.

VisionError
└── TrainingError
    ├── TrainingDataError   a picture, a label file or the manifest is missing or malformed
    └── CheckpointError     a checkpoint does not fit what is being trained
"""

from vision.errors import VisionError


class TrainingError(VisionError):
    """Root of everything that stops the making of a detector."""


class TrainingDataError(TrainingError):
    """A picture, a label file or the manifest is missing or malformed."""


class CheckpointError(TrainingError):
    """A checkpoint does not fit what is being trained."""
