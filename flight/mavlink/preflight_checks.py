"""What telemetry, read-backs and parameters say before a start, as findings."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from flight.mavlink.protocol.mission_items import DEGREE_E7, WireItem
from flight.mavlink.safety_parameters import LostLinkRule, Values, shown
from flight.missions import Mission
from flight.preflight import Expectations, PreflightFinding, PreflightReport, Verdict
from flight.states import VehicleState
from geofences.geodesy import distance_m

_FIX_3D = 3
_G, _A, _B = Verdict.GOOD, Verdict.ATTENTION, Verdict.BLOCKING


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was asked of an aircraft.

    Attributes:
        state: Its newest telemetry.
        values: Its parameters by name.
        lost_link: What it will do without a link.
        rally: The rally points on board; None if it would not say.
    """

    state: VehicleState
    values: Values
    lost_link: LostLinkRule
    rally: Sequence[WireItem] | None


def report(mission: Mission, seen: Inspection, expected: Expectations) -> PreflightReport:
    """Judge what was asked of an aircraft.

    Args:
        mission: On board and read back.
        seen: The answers.
        expected: What the operator demands.
    """
    state = seen.state
    findings = (
        _sensors(state),
        _position(state),
        _home(state, mission, expected.home_tolerance_m),
        _battery(state, expected),
        _on_board(mission),
        _rally(mission, seen.rally),
        _lost_link(seen.lost_link, expected),
    )
    return PreflightReport(findings, shown(seen.values))


def _sensors(state: VehicleState) -> PreflightFinding:
    if state.sensors_bad:
        bad = ", ".join(state.sensors_bad)
        return PreflightFinding("sensors", _A, f"not healthy: {bad}; it may refuse to arm.")
    return PreflightFinding("sensors", _G, "all that are in use are healthy.")


def _position(state: VehicleState) -> PreflightFinding:
    satellites = "?" if state.satellites is None else str(state.satellites)
    text = f"fix of type {state.gps_fix}, {satellites} satellites"
    if state.gps_fix < _FIX_3D or state.position is None:
        return PreflightFinding("position", _A, f"{text}: no place yet; arming waits for it.")
    if state.estimate_good is False:
        return PreflightFinding(
            "position", _A, f"{text}, but the filter does not use it yet; arming waits for it."
        )
    known = "used by the filter" if state.estimate_good else "the filter does not say"
    return PreflightFinding("position", _G, f"{text}, {known}.")


def _home(state: VehicleState, mission: Mission, tolerance_m: float) -> PreflightFinding:
    if state.position is None:
        return PreflightFinding("home", _A, "not known before the first fix; set when it arms.")
    away_m = distance_m(state.position, mission.home)
    if away_m > tolerance_m:
        return PreflightFinding(
            "home",
            _B,
            f"it stands {away_m:,.0f} m from the home of mission {mission.mission_id}, more than "
            f"the {tolerance_m:g} m allowed. Is it the right aircraft and the right plan?",
        )
    return PreflightFinding("home", _G, f"it stands {away_m:.0f} m from the mission's home.")


def _battery(state: VehicleState, expected: Expectations) -> PreflightFinding:
    left = state.battery_percent
    if left is None:
        return PreflightFinding(
            "battery", _A, f"charge not told, {state.battery_v:.1f} V; look yourself."
        )
    text = f"{left:.0f} % left, {state.battery_v:.1f} V"
    if left < expected.battery_percent:
        return PreflightFinding(
            "battery",
            _B,
            f"{text}; the mission takes {expected.battery_percent:.0f} %. Change the battery.",
        )
    if left < expected.spare_battery_percent:
        return PreflightFinding("battery", _A, f"{text}; that cuts into the reserve.")
    return PreflightFinding("battery", _G, f"{text}.")


def _on_board(mission: Mission) -> PreflightFinding:
    fence = mission.fence
    return PreflightFinding(
        "mission and fence",
        _G,
        f"{len(mission.items)} items and {fence.vertex_count} fence vertices read back as planned; "
        f"ceiling {fence.ceiling_height_home_m:g} m above home.",
    )


def _rally(mission: Mission, rally: Sequence[WireItem] | None) -> PreflightFinding:
    if rally is None:
        return PreflightFinding("rally points", _A, "it does not say whether it has any.")
    if not rally:
        return PreflightFinding("rally points", _G, "none: it returns to its home.")
    points = [shapely.Point(item.y / DEGREE_E7, item.x / DEGREE_E7) for item in rally]
    outside = [n for n, point in enumerate(points, start=1) if not _allowed(mission, point)]
    if outside:
        return PreflightFinding(
            "rally points",
            _B,
            f"number {', '.join(map(str, outside))} of {len(rally)} lies outside the fence, and a "
            "return may go there. Remove them from the autopilot.",
        )
    return PreflightFinding("rally points", _G, f"{len(rally)}, all inside the fence.")


def _allowed(mission: Mission, point: shapely.Point) -> bool:
    fence = mission.fence
    barred = any(shapely.intersects(polygon, point) for polygon in fence.exclusions)
    return bool(shapely.intersects(fence.inclusion, point)) and not barred


def _lost_link(rule: LostLinkRule, expected: Expectations) -> PreflightFinding:
    wanted = expected.lost_link
    if wanted is not None and wanted is not rule.policy:
        return PreflightFinding(
            "lost link",
            _B,
            f"declared is to {wanted.value}, but {rule.text} Set the autopilot's parameters so, "
            "or declare what it does.",
        )
    return PreflightFinding("lost link", _G, rule.text)
