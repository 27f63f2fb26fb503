"""How a person says that a map file is to be read, where the file itself does not say or errs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geofences.datum import Datum


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said about a file beside the file.

    Attributes:
        crs: its reference system, such as `EPSG:4547`, in place of what it declares; empty to
            believe the file.
        datum: what its longitudes and latitudes are counted in, and are converted from; None
            where nothing is said, which reads them as WGS-84.
        axes_swapped: whether latitude, or the northing, is written first.
        layer: which of its layers has the cells; empty for the one called `cells`, or the only one.
        columns: our field of a cell (`code`, `name`, `town`, `village`) to the file's column.
        encoding: of its texts; empty to find out.
        code_pattern: what a cell code must match; empty for what the file names, or the usual one.
    """

    crs: str = ""
    datum: Datum | None = None
    axes_swapped: bool = False
    layer: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    code_pattern: str = ""


AS_DECLARED = Reading()
"""Nothing is said; the file speaks for itself."""
