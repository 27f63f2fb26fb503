"""The map page and the API's description for people, from files of our own."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from events_api.access import anybody

WEB = Path(__file__).parents[1] / "web"

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; "
    "img-src 'self' blob: data:; media-src blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

router = APIRouter(include_in_schema=False, dependencies=[Depends(anybody)])


@router.get("/")
async def get_page() -> FileResponse:
    """Return the map page; it asks for a token itself."""
    return _html(WEB / "page" / "index.html", PAGE_POLICY)


@router.get("/report")
async def get_report_page() -> FileResponse:
    """Return the form by which citizens report without an account."""
    return _html(WEB / "report" / "index.html", PAGE_POLICY)


@router.get("/docs")
async def get_docs() -> FileResponse:
    """Return the interactive description of the API."""
    return _html(WEB / "docs" / "index.html", DOCS_POLICY)


def mount_files(app: FastAPI) -> None:
    """Serve the scripts, styles and vendored libraries of the pages."""
    for name in ("page", "report", "docs", "vendor"):
        app.mount(f"/web/{name}", StaticFiles(directory=WEB / name), name=f"web-{name}")


def _html(path: Path, policy: str) -> FileResponse:
    return FileResponse(path, headers={**COMMON_HEADERS, "Content-Security-Policy": policy})
