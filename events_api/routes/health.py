"""Whether the API lives."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from events_api.access import anybody
from events_api.runtime import RuntimeDep
from events_api.schemas import Health
from events_api.store import feed

router = APIRouter(tags=["health"])


@router.get("/healthz", dependencies=[Depends(anybody)])
def get_health(runtime: RuntimeDep) -> Health:
    """Say that the API answers and its database can be read; no token needed."""
    with runtime.database.read() as session:
        feed.last_id(session)
    return Health(status="ok", time=runtime.settings.clock())
