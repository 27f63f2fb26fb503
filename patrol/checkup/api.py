"""The event API as this machine reaches it."""

from collections.abc import Iterator
from datetime import timedelta

from events_api.client import EventApiClient
from events_api.errors import ApiDownError, ClientError, WrongTokenError
from patrol.checkup.findings import Found, State, Visit

PATIENCE_S = 5.0
CLOCKS_APART = timedelta(seconds=30)
"""Further apart, times of what a drone sees and of what is done about it contradict each other."""


def look_at_api(visit: Visit) -> Iterator[Found]:
    """Say whether the event API answers, whether its clock is ours, and what the token is good for.

    What a token may do is looked at only where one is set.
    """
    settings = visit.settings
    with EventApiClient(settings.api_url, settings.token, timeout_s=PATIENCE_S) as client:
        try:
            health = client.health()
        except ApiDownError as error:
            yield Found("api", State.BROKEN, str(error))
            return
        yield Found("api", State.OK, f"The event API answers at {settings.api_url}.")
        apart = abs(health.time - visit.now)
        if apart > CLOCKS_APART:
            said = f"The clocks of the event API and of this machine are {apart} apart."
            yield Found("clock", State.WARNING, said, "Set both by the same time server (NTP).")
        if not settings.token:
            remedy = "`patrol token add` issues one; without it nothing can be sent or read."
            yield Found("token", State.WARNING, "GRIDPATROL_TOKEN is not set.", remedy)
            return
        yield _token(client)


def _token(client: EventApiClient) -> Found:
    try:
        holder = client.holder()
    except WrongTokenError as error:
        remedy = "Set GRIDPATROL_TOKEN to one that is in force; `patrol token list` names them."
        return Found("token", State.BROKEN, str(error), remedy)
    except ClientError as error:
        return Found("token", State.BROKEN, str(error))
    said = f"The token is that of {holder.name}: {holder.role}, {holder.scope}."
    return Found("token", State.OK, said)
