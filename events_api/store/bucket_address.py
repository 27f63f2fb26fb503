"""Where a bucket of an S3-compatible store is: read from a person's text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from events_api.errors import AddressError

EXAMPLE = "s3://evidence/county?endpoint=https://minio.example:9000"
OF_AMAZON = "https://s3.amazonaws.com"
BUCKET_FORM = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX_FORM = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9_.-]*/)*")
ASKED = frozenset({"endpoint", "region"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and who may use it.

    Attributes:
        name: The bucket's name.
        prefix: What all keys begin with; empty, or ends with a slash.
        host: The store, as host or host:port.
        is_secure: Whether it is spoken to by HTTPS.
        region: Its region; many stores have only one.
        access_key: Whom the store knows us as.
        secret_key: How the store knows that it is us.
        session_token: Of keys that hold for a while only; else empty.
    """

    name: str
    prefix: str
    host: str
    is_secure: bool
    region: str
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)


def parse_bucket(text: str) -> Bucket:
    """Read the address of a bucket; keys are no part of it.

    Raises:
        AddressError: It is none.
    """
    try:
        parts = urlsplit(text)
        asked = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
        store = urlsplit(asked.get("endpoint", OF_AMAZON))
        is_port_good = store.port is None or store.port > 0
    except ValueError:
        raise _no_address("it cannot be read") from None
    if parts.scheme != "s3" or not BUCKET_FORM.fullmatch(parts.netloc):
        raise _no_address("it does not begin with s3:// and the name of a bucket")
    if not set(asked) <= ASKED:
        raise _no_address(f"only {' and '.join(sorted(ASKED))} can be asked for after the ?")
    is_store = store.scheme in {"http", "https"} and store.hostname and is_port_good
    if not is_store or store.username or store.path.strip("/") or store.query:
        raise _no_address("endpoint is no http or https address of a host")
    prefix = f"{parts.path.strip('/')}/".removeprefix("/")
    if not PREFIX_FORM.fullmatch(prefix):
        raise _no_address("its path has signs that keys should not have")
    return Bucket(
        name=parts.netloc,
        prefix=prefix,
        host=store.netloc,
        is_secure=store.scheme == "https",
        region=asked.get("region", "us-east-1"),
    )


def _no_address(why: str) -> AddressError:
    return AddressError(f"This is no address of a bucket: {why}. Give one such as {EXAMPLE}.")
