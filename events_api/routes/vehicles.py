"""Aircraft positions, in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from events_api.access import READERS, SENDERS, Asking, allow
from events_api.feed_scope import sees_vehicles
from events_api.runtime import RuntimeDep
from events_api.schemas import VehicleNow, VehiclePosition

router = APIRouter(tags=["vehicles"])

Name = Annotated[str, Path(min_length=1, max_length=100)]


@router.put("/vehicles/{name}/position", dependencies=[Depends(allow(SENDERS))])
async def put_position(name: Name, position: VehiclePosition, runtime: RuntimeDep) -> VehicleNow:
    """Say where an aircraft is; everybody on the live stream hears of it."""
    now = runtime.vehicles.put(name, position)
    runtime.feed.tell("vehicle", name, now.model_dump(mode="json"))
    await runtime.replicas.tell_vehicle(now)
    return now


@router.get("/vehicles", dependencies=[Depends(allow(READERS))])
async def list_vehicles(runtime: RuntimeDep, asking: Asking) -> tuple[VehicleNow, ...]:
    """List the last known position of every aircraft heard of since the server started.

    A body is shown none: where the aircraft are is not its business.
    """
    return runtime.vehicles.all() if sees_vehicles(asking.scope) else ()
