"""Completes the description of the API that FastAPI draws from the routes.

What every route has in common is said once, here: which problems an operation may answer with
follows from what it takes, its summary is the first paragraph of what it says of itself, and its
examples stand in `examples.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from events_api.problems import Problem

EXAMPLES = Path(__file__).parent / "examples.yaml"

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
OF_FASTAPI = ("HTTPValidationError", "ValidationError")

BAD_REQUEST = "The request cannot be read"
UNAUTHENTICATED = "No token was sent, or one that is not in force"
FORBIDDEN = "The token's role or scope does not allow it"
NOT_FOUND = "There is no such thing in the token's scope"
TOO_LARGE = "The body is larger than this API takes"
UNAVAILABLE = "Something that is needed is away just now; `Retry-After` says when to come"
UNPROCESSABLE = "Something in the request does not fit; the detail says what and where"

API_KEY = {"type": "apiKey", "in": "query", "name": "api_key"}
"""A token as GeoReport's clients send it; with POST it stands in the form."""

Operation = dict[str, Any]


@cache
def examples() -> Mapping[str, Any]:
    """Return the examples of each operation: of its request, and of its answer."""
    found: Mapping[str, Any] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return found["operations"]  # type: ignore[no-any-return]


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Complete a description in place, and return it."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for name in OF_FASTAPI:
        schemas.pop(name, None)
    document["components"]["securitySchemes"][API_KEY["name"]] = API_KEY
    for path, operation in operations(document):
        _summarise(operation)
        if "open311" in operation["tags"]:
            # GeoReport has errors and a key of its own; its routes declare the errors.
            operation["responses"].pop("422", None)
            if "security" in operation:
                operation["security"].append({API_KEY["name"]: []})
        else:
            _add_problems(path, operation)
        _add_examples(operation, examples().get(operation["operationId"], {}))
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Give every operation with its path."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _summarise(operation: Operation) -> None:
    summary, _, rest = operation.get("description", "").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).removesuffix(".")
    if rest:
        operation["description"] = rest
    else:
        operation.pop("description", None)


def _add_problems(path: str, operation: Operation) -> None:
    answers = operation["responses"]
    takes_body = "requestBody" in operation
    may_not_fit = "422" in answers
    is_ogc = "ogc" in operation["tags"]  # answers 400 to every parameter that does not fit (7.4)
    common = {
        "400": BAD_REQUEST if takes_body or is_ogc or "parameters" in operation else None,
        "401": UNAUTHENTICATED if "security" in operation else None,
        "403": FORBIDDEN if "security" in operation else None,
        "404": NOT_FOUND if "{" in path else None,
        "413": TOO_LARGE if takes_body else None,
        "422": UNPROCESSABLE if may_not_fit and not is_ogc else None,
        "503": UNAVAILABLE,
    }
    if is_ogc:
        answers.pop("422", None)
    for status, words in common.items():
        if words is not None:
            known = answers.get(status, {}).get("description", words)
            answers[status] = {
                "description": words if known == "Validation Error" else known,
                "content": PROBLEM,
            }
    for status, answer in answers.items():
        if status >= "400":
            answer["content"] = PROBLEM
        if status in {"429", "503"}:
            answer["headers"] = {
                "Retry-After": {"description": "seconds", "schema": {"type": "integer"}}
            }


def _add_examples(operation: Operation, given: Mapping[str, Any]) -> None:
    if "request" in given:
        _put_example(operation["requestBody"]["content"], given["request"])
    for parameter in operation.get("parameters", ()):
        value = given.get("parameters", {}).get(parameter["name"])
        if value is not None:
            parameter["example"] = value
    answer = operation["responses"].get(str(given.get("status", 200)), {})
    if "response" in given and "content" in answer:
        _put_example(answer["content"], given["response"])


def _put_example(content: dict[str, Any], example: object) -> None:
    # An example for each media type, or one for the only kind there is.
    by_type = example if isinstance(example, dict) and example.keys() <= content.keys() else None
    for media_type, kind in content.items():
        kind["example"] = example if by_type is None else by_type.get(media_type)
