"""Everything that can go wrong while seeing, one family.

Each message is a sentence that names the thing and says what to do about it, so that the
command line can print it as it stands.
"""


class VisionError(Exception):
    """Root of every error the vision part raises on purpose."""


class SourceError(VisionError):
    """Frames cannot be had from a source: missing, unreadable, unreachable or stalled."""


class ModelError(VisionError):
    """A detector cannot be made from the files it was given."""


class DeviceError(ModelError):
    """A device has no such name, is not there, or cannot run the model."""


class RulesError(VisionError):
    """A rule file breaks the schema or contradicts itself."""


class PoseError(VisionError):
    """No camera pose can be had: telemetry is unreadable, or does not cover the moment asked."""


class EvidenceError(VisionError):
    """A picture cannot be encoded or stored as evidence."""


class SceneError(VisionError):
    """A virtual scene or camera is given impossible contents."""


class ClusterError(VisionError):
    """A cluster cannot be reached, started or used."""
