"""Everything that is counted, and whom a request is counted for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request

from events_api.rate_limits import Count, Rate, RateLimit, household


@dataclass(frozen=True, slots=True)
class Rates:
    """How often somebody may ask.

    Attributes:
        login_name: Signing in as one name; guessing at it from many addresses is slow too.
        login_address: Signing in from one address, which an office of thirty may share.
        public_report: Citizens' reports from one address, which thousands of telephones share.
        public_reports: Citizens' reports in all, so that no crowd of machines fills the disk.
        public_question: Questions by receipt number from one address; guessing at one is hopeless.
    """

    login_name: Rate = field(default=Rate(8, timedelta(seconds=30)))
    login_address: Rate = field(default=Rate(30, timedelta(seconds=10)))
    public_report: Rate = field(default=Rate(15, timedelta(seconds=30)))
    public_reports: Rate = field(default=Rate(300, timedelta(seconds=1)))
    public_question: Rate = field(default=Rate(60, timedelta(seconds=2)))


class Limits:
    """All that is counted.

    Args:
        rates: How often each may ask.
        clock: Gives the present.
        counted: Gives what counts something, by its name.
    """

    def __init__(
        self,
        rates: Rates,
        clock: Callable[[], datetime],
        counted: Callable[[str], Count],
    ) -> None:
        def limit(name: str, what: str) -> RateLimit:
            return RateLimit(getattr(rates, name), clock, what, counted(name))

        self.login_name = limit("login_name", "Signing in as this user")
        self.login_address = limit("login_address", "Signing in from this address")
        self.public_report = limit("public_report", "Reporting from this address")
        self.public_reports = limit("public_reports", "Reporting by all together")
        self.public_question = limit("public_question", "Asking from this address")


async def _household(request: Request) -> str:
    return household(request.client.host if request.client else None)


Household = Annotated[str, Depends(_household)]
"""The address that a request is counted by; behind a proxy on this machine, the one it names."""
