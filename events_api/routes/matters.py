"""The rules in force: matters, limits, bodies and working calendars."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from events_api.access import READERS, allow
from events_api.catalogue.calendar_files import CalendarFile
from events_api.catalogue.matters import Catalogue, Matter
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Utc, Wire
from events_api.store.rulebook import RulesInForce

router = APIRouter(tags=["matters"], dependencies=[Depends(allow(READERS))])


class CatalogueInForce(Wire):
    """The catalogue, and who brought it into force; nobody did with the shipped one."""

    sha256: str
    put_at: Utc | None
    put_by: str | None
    catalogue: Catalogue


@router.get("/matters")
def list_matters(runtime: RuntimeDep) -> tuple[Matter, ...]:
    """List the classes of events that reports may name."""
    return _in_force(runtime).catalogue.matters


@router.get("/catalogue")
def get_catalogue(runtime: RuntimeDep, response: Response) -> CatalogueInForce:
    """Return the whole catalogue in force: matters, limits with their sources, and bodies."""
    rules = _in_force(runtime)
    file = rules.catalogue_file
    response.headers["ETag"] = f'"{file.sha256}"'
    return CatalogueInForce(
        sha256=file.sha256, put_at=file.put_at, put_by=file.put_by, catalogue=rules.catalogue
    )


@router.get("/calendars")
def list_calendars(runtime: RuntimeDep) -> tuple[CalendarFile, ...]:
    """List the working calendars in force, one for each year; examples say that they are."""
    return _in_force(runtime).calendars


def _in_force(runtime: Runtime) -> RulesInForce:
    with runtime.database.read() as session:
        return runtime.rules.now(session)
