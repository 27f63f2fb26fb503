"""Reports as a drone would make them."""

import uuid
from datetime import UTC, datetime

from events_api.outbox import Blob
from events_api.schemas import MatterKey, Position, Report, ReportKind

PICTURE = Blob(b"\xff\xd8\xff\xe0 a picture \xff\xd9", "image/jpeg")


def report(code: str = "06010", lat_deg: float = 33.16) -> Report:
    """Return a report of litter with one picture."""
    return Report(
        report_id=uuid.uuid4(),
        kind=ReportKind.DRONE,
        source="uav-1",
        matter=MatterKey(standard_ref="GB/T 47678.5-2026", code=code),
        class_name="garbage",
        score=0.8,
        observed_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
        position=Position(lon_deg=115.62, lat_deg=lat_deg),
        ce50_m=1.0,
        ce90_m=2.0,
        evidence=(PICTURE.sha256,),
    )
