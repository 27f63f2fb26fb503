"""What goes over the wire in Open311 GeoReport v2, as the API's description says it.

The answers themselves are written in `interchange/open311.py`, in JSON and in XML alike.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class GeoReportError(BaseModel):
    """What went wrong; every failure is a list of these."""

    code: int
    description: str


class Endpoint(BaseModel):
    """One way to reach the services."""

    specification: str
    url: str
    changeset: str
    type: Literal["production", "test"]
    formats: list[str]


class Discovery(BaseModel):
    """Where the services are (Open311 service discovery)."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(BaseModel):
    """A matter, as GeoReport lists it."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime", "batch", "blackbox"]
    keywords: str
    group: str


class ServiceDefinition(BaseModel):
    """What a service asks for beside a place and words: nothing, here."""

    service_code: str
    attributes: Annotated[list[str], Field(max_length=0)]


class ExtendedAttributes(BaseModel):
    """What GeoReport has no words for."""

    number: int
    level: str
    score: float
    ce50_m: float | None
    ce90_m: float | None
    observation_count: int


class Note(BaseModel):
    """One step in the life of a request."""

    datetime: str
    type: str
    description: str


class RequestShown(BaseModel):
    """An event, as GeoReport lists it; the last two are told with `extensions=true`."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str | None
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None
    extended_attributes: ExtendedAttributes | None = None
    notes: list[Note] | None = None


class RequestReceipt(BaseModel):
    """What became of a request that was sent."""

    service_request_id: str
    service_notice: str
    account_id: str | None


class TokenAnswer(BaseModel):
    """Which request a token stands for."""

    service_request_id: str
    token: str
