"""What can go wrong with the ground.

    GroundError
    ├── InvalidGeometryError   a shape, coordinate or code that cannot be what it says it is
    ├── InvalidTimeError       a time without a zone, or a period that ends before it starts
    ├── ClosedAirspaceError    flight is permitted somewhere, but not at that time
    ├── UnknownCellError       a code that no cell of the grid has
    ├── AboveHorizonError      a pixel that does not look at the ground
    ├── TerrainGapError        a pixel that looks across ground of unknown height
    ├── FileFormatError        a file that cannot be read as a county
    └── ElevationFileError     a file that cannot be read as heights of the ground

Every message is a sentence that names the thing and says what to do about it.
"""

from __future__ import annotations


class GroundError(Exception):
    """The root of everything that the ground refuses."""


class InvalidGeometryError(GroundError):
    """A coordinate, shape or code is impossible."""


class InvalidTimeError(GroundError):
    """A time or a period is impossible, or does not say which clock it is of."""


class ClosedAirspaceError(GroundError):
    """No zone that permits flight does so at the asked time."""


class UnknownCellError(GroundError):
    """No cell has the asked code."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"No cell of this grid has the code {code!r}; check it against the imported cells."
        )
        self.code = code


class TerrainGapError(GroundError):
    """A ray crosses ground whose height is not known, so where it ends cannot be told."""


class AboveHorizonError(GroundError):
    """A pixel looks at the sky, or so flat that its place on the ground means nothing."""


class FileFormatError(GroundError):
    """A file is not a county that we can read."""


class ElevationFileError(GroundError):
    """A file is not heights of the ground, or does not say enough to be used as such."""
