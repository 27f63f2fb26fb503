"""Where values cross between the rooms: a flight's pose to a camera's, a sighting to a report."""

from datetime import datetime
from uuid import UUID

from events_api.schemas import CellShare, MatterKey, Position, Report, ReportKind, VehiclePosition
from flight.flight_log import PoseSample
from flight.states import VehicleState
from geofences.geodesy import LonLat
from geofences.view import CameraPose, PoseErrors
from vision.sightings import Sighting

# One sigma of what a light drone commonly carries: a satellite receiver without corrections, a
# barometer that drifts, a magnetic compass and a three-axis gimbal (`docs/decisions/0005`).
DEFAULT_POSE_ERRORS = PoseErrors(horizontal_m=1.2, vertical_m=1.0, heading_deg=2.5, pitch_deg=0.7)


def camera_pose(sample: PoseSample, errors: PoseErrors, gimbal_pitch_deg: float) -> CameraPose:
    """Return the camera's pose at a moment of a flight, over ground as high as the take-off point.

    A gimbal that does not tell its angles is taken to look ahead of the aircraft at
    `gimbal_pitch_deg`, level with the horizon.
    """
    pitch_deg = sample.gimbal_pitch_deg
    heading_deg = sample.gimbal_heading_deg
    return CameraPose(
        time_s=sample.time_boot_s,
        position=LonLat(sample.lon_deg, sample.lat_deg),
        height_ground_m=sample.height_home_m,
        heading_deg=sample.heading_deg if heading_deg is None else heading_deg,
        pitch_deg=gimbal_pitch_deg if pitch_deg is None else pitch_deg,
        roll_deg=0.0,
        errors=errors,
    )


def report_of(sighting: Sighting, kind: ReportKind, place: str = "") -> Report:
    """Return the report that tells the event API of a sighting.

    Args:
        sighting: what the pipeline confirmed.
        kind: who reports, a drone or a fixed camera.
        place: the source's declared place, for sightings without a position.
    """
    position = sighting.position
    return Report(
        report_id=UUID(sighting.sighting_id),
        kind=kind,
        source=sighting.source,
        pass_id=sighting.pass_id,
        track_id=sighting.track_id,
        matter=MatterKey(standard_ref=sighting.matter.standard_ref, code=sighting.matter.code),
        class_name=sighting.class_name,
        score=min(max(sighting.score, 0.0), 1.0),
        observed_at=sighting.observed_at,
        position=Position(lon_deg=position.lon_deg, lat_deg=position.lat_deg) if position else None,
        ce50_m=sighting.ce50_m,
        ce90_m=sighting.ce90_m,
        cell_code=sighting.cells[0].code if sighting.cells else None,
        cells=tuple(
            CellShare(code=each.code, probability=min(each.probability, 1.0))
            for each in sighting.cells
        ),
        zone_id=sighting.zone_id or None,
        place=place or None,
        why=sighting.why,
        evidence=tuple(each.sha256 for each in sighting.evidence),
    )


def vehicle_position(state: VehicleState, observed_at: datetime) -> VehiclePosition | None:
    """Return what the map shows of an aircraft; None before its first fix."""
    if state.position is None:
        return None
    return VehiclePosition(
        position=Position(lon_deg=state.position.lon_deg, lat_deg=state.position.lat_deg),
        alt_amsl_m=state.alt_amsl_m,
        height_home_m=state.height_home_m,
        heading_deg=state.heading_deg % 360.0,
        speed_mps=state.ground_speed_mps,
        battery_percent=state.battery_percent,
        mode=state.mode,
        observed_at=observed_at,
    )
