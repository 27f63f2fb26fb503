"""Routes whose parameters filter: one that is misspelt must not widen what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from events_api.errors import UnprocessableError


class FilteredRoute(APIRoute):
    """A route that refuses parameters it does not know, and one that is given twice.

    `?staus=closed` would else answer with every event, and of `?status=closed&status=rejected`
    the last one alone would count.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the check before it."""
        handle = super().get_route_handler()
        known = known_parameters(self.dependant)

        async def checked(request: Request) -> Response:
            _check(request, known)
            return await handle(request)

        return checked


def known_parameters(dependant: Dependant) -> frozenset[str]:
    """Return the names of the parameters that a route reads from its address."""
    return frozenset(
        each.alias
        for each in get_flat_params(dependant)
        if isinstance(each.field_info, params.Query)
    )


def _check(request: Request, known: frozenset[str]) -> None:
    asked = [name for name, _ in request.query_params.multi_items()]
    for name in asked:
        if name not in known:
            raise UnprocessableError(
                f"The parameter {name} is not known here; known are "
                f"{', '.join(sorted(known)) or 'none'}."
            )
        if asked.count(name) > 1:
            raise UnprocessableError(
                f"The parameter {name} is given {asked.count(name)} times, and takes one value; "
                "ask once for each."
            )
