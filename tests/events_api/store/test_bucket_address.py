"""Addresses of buckets as people write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.errors import AddressError
from events_api.store.bucket_address import Bucket, parse_bucket


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        (
            "s3://evidence/county?endpoint=https://minio.example:9000",
            Bucket("evidence", "county/", "minio.example:9000", True, "us-east-1"),
        ),
        (
            "s3://evidence?endpoint=http://10.0.0.7:9000&region=cn-north-1",
            Bucket("evidence", "", "10.0.0.7:9000", False, "cn-north-1"),
        ),
        ("s3://evidence/a/b/", Bucket("evidence", "a/b/", "s3.amazonaws.com", True, "us-east-1")),
    ],
)
def test_an_address_names_store_bucket_and_prefix(text: str, bucket: Bucket) -> None:
    """Amazon's where it names none."""
    assert parse_bucket(text) == bucket


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evidence",
        "http://evidence/",
        "s3://",
        "s3://E",
        "s3://key:secret@evidence/",
        "s3://evidence?endpoint=minio:9000",
        "s3://evidence?endpoint=ftp://minio",
        "s3://evidence?endpoint=http://",
        "s3://evidence?endpoint=http://key:secret@minio",
        "s3://evidence?endpoint=http://minio:99999",
        "s3://evidence?endpoint=http://minio/path",
        "s3://evidence?endpiont=http://minio",
        "s3://evidence?x",
        "s3://evidence/../other",
        "s3://evidence/a b",
    ],
)
def test_what_is_none_is_refused_with_an_example(text: str) -> None:
    """And is not repeated: somebody may have written keys into it."""
    with pytest.raises(AddressError, match="Give one such as s3://evidence/county") as refused:
        parse_bucket(text)
    assert "secret" not in str(refused.value)


@given(st.text() | st.text().map(lambda end: f"s3://evidence{end}"))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """In no other way."""
    with contextlib.suppress(AddressError):
        assert parse_bucket(text).prefix in {"", parse_bucket(text).prefix.strip("/") + "/"}
