"""The API's description of itself: complete, and its examples fit their own schemas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from events_api.app import create_app
from events_api.openapi.document import examples, operations
from events_api.settings import ApiSettings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description, as a server gives it."""
    return create_app(ApiSettings("sqlite://", Path("nowhere"))).openapi()


def given(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Give every example of an operation, with where it stands and its schema."""
    contents = [("request", operation.get("requestBody", {}).get("content", {}))]
    contents += [
        (status, each.get("content", {})) for status, each in operation["responses"].items()
    ]
    for where, content in contents:
        for media_type, kind in content.items():
            if kind.get("example") is not None:
                yield f"{where} {media_type}", kind["schema"], kind["example"]
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            yield parameter["name"], parameter["schema"], parameter["example"]


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    """By a name of its own, a sentence and a tag, and by an example of what goes in or out."""
    names = []
    for path, operation in operations(document):
        names.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["tags"], path
        if operation["operationId"] != "delete_session":  # nothing goes in or out
            assert list(given(operation)), operation["operationId"]
    assert len(names) == len(set(names))
    assert set(examples()) <= set(names)


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    """In requests, answers and parameters."""
    count = 0
    for _, operation in operations(document):
        for where, schema, example in given(operation):
            judge = jsonschema_rs.validator_for({**schema, "components": document["components"]})
            faults = [error.message for error in judge.iter_errors(example)]
            assert not faults, (operation["operationId"], where, faults)
            count += 1
    assert count > 100


def test_every_example_found_its_place(document: dict[str, Any]) -> None:
    """None is told of a parameter or an answer that there is not."""
    for _, operation in operations(document):
        told = examples().get(operation["operationId"], {})
        places = [where for where, _, _ in given(operation)]
        assert set(told.get("parameters", {})) <= set(places), operation["operationId"]
        status = str(told.get("status", 200))
        for part, beginning in (("request", "request "), ("response", f"{status} ")):
            if part in told:
                assert any(where.startswith(beginning) for where in places), (part, operation)


def test_every_answer_with_a_body_has_a_schema(document: dict[str, Any]) -> None:
    """And every refusal is a problem, or a list of errors in GeoReport."""
    for path, operation in operations(document):
        is_georeport = "open311" in operation["tags"]
        for status, answer in operation["responses"].items():
            if status in {"204", "304"}:
                assert "content" not in answer, (path, status)
                continue
            for media_type, kind in answer["content"].items():
                assert kind["schema"], (path, status, media_type)
                if status >= "400":
                    expected = is_georeport or media_type == "application/problem+json"
                    assert expected, (path, status, media_type)


def test_who_needs_a_token_is_told_what_happens_without(document: dict[str, Any]) -> None:
    """401 and 403 wherever a token is asked for, and nowhere else."""
    for path, operation in operations(document):
        answers = operation["responses"].keys()
        if "open311" in operation["tags"]:
            assert {"400", "403", "404"} <= answers, path
        elif "security" in operation:
            assert {"401", "403"} <= answers, path
        elif path != "/sessions":
            assert not answers & {"401", "403"}, path
