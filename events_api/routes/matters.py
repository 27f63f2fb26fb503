"""The catalogue of matters."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from events_api.access import READERS, allow
from events_api.catalogue.matters import Matter
from events_api.runtime import RuntimeDep

router = APIRouter(tags=["matters"], dependencies=[Depends(allow(READERS))])


@router.get("/matters")
async def list_matters(runtime: RuntimeDep) -> tuple[Matter, ...]:
    """List the classes of events that reports may name."""
    return runtime.catalogue.matters
