"""What of the live stream is told to whom."""

from __future__ import annotations

from typing import Any

from events_api.roles import Scope, ScopeKind

FOR_ALL = frozenset({"cells", "rules"})
"""The ground and the rules are nobody's secret."""


def for_scope(scope: Scope, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return what somebody with this scope is told of a message; none when it is not theirs."""
    if kind in FOR_ALL:
        return payload
    if kind == "vehicle":
        return payload if sees_vehicles(scope) else None
    if kind == "event.left":
        # Told to those whose it was, and not where it went.
        left = scope.holds(*payload["was"]) and not scope.holds(*payload["is"])
        return {"event_id": payload["event_id"]} if left else None
    return payload if scope.holds(payload["cell_code"], payload.get("body")) else None


def sees_vehicles(scope: Scope) -> bool:
    """Whether the aircraft are shown: to a body, which may be a contractor, they are not."""
    return scope.kind is not ScopeKind.BODY
