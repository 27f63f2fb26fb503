"""YAML files that people write: read into a checked form, or refused with file, line and key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from events_api.errors import CatalogueError

SHOWN_PROBLEMS = 10
NAMING_KEYS = ("code", "id", "date", "body")
"""What tells a reader which entry of a list is meant."""

Form = TypeVar("Form", bound=BaseModel)


def read_form(text: str, name: str, form: type[Form]) -> Form:
    """Read a YAML text into `form`.

    Args:
        text: The file's content.
        name: What to call the file in a refusal.
        form: A model of the whole file.

    Raises:
        CatalogueError: The text is no YAML, writes a key twice, or breaks the form; every problem
            stands on a line of its own with file, line and key.
    """
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        repeats = [] if node is None else list(_repeats(node, ()))
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CatalogueError(f"{name} is not YAML: {_one_line(error)}.") from error
    refuse(name, repeats)
    try:
        return form.model_validate(content)
    except ValidationError as error:
        problems = [_problem(node, problem["loc"], problem["msg"]) for problem in error.errors()]
    refuse(name, problems)
    raise AssertionError("a failed validation has problems")


def refuse(name: str, problems: Sequence[str]) -> None:
    """Raise the problems of a file, if there are any.

    Raises:
        CatalogueError: There are.
    """
    if not problems:
        return
    lines = [f"\n  {name}:{problem}" for problem in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - len(lines)
    lines += [f"\n  and {more} more"] if more else []
    count = f"{len(problems)} problem(s), nothing was changed"
    raise CatalogueError(f"{name} has {count}:{''.join(lines)}")


def line_of(text: str, path: Sequence[int | str]) -> int:
    """Return the line, counted from 1, on which the value at a path stands."""
    return _line(yaml.compose(text, Loader=yaml.CSafeLoader), path)


def _problem(node: yaml.Node | None, path: Sequence[int | str], message: str) -> str:
    said = message.removeprefix("Value error, ").removesuffix(".")
    where = ".".join(map(str, path)) or "the whole file"
    return f"{_line(node, path)}: {where}{_name(node, path)}: {said}."


def _line(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    line = 1
    for found in _walk(node, path):
        line = found.start_mark.line + 1
    return line


def _name(node: yaml.Node | None, path: Sequence[int | str]) -> str:
    """Return ` (code 06010)` where the innermost entry on the path says such a thing of itself."""
    name = ""
    for found in _walk(node, path):
        keys = {key.value: value for key, value in _pairs(found)}
        told = [f"{key} {keys[key].value}" for key in NAMING_KEYS if _is_scalar(keys.get(key))]
        name = f" ({told[0]})" if told else name
    return name


def _walk(node: yaml.Node | None, path: Sequence[int | str]) -> Iterator[yaml.Node]:
    """Give the nodes on a path, as far as it leads."""
    for part in path:
        if node is None:
            return
        yield node
        node = _child(node, part)
    if node is not None:
        yield node


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    return next((value for key, value in _pairs(node) if key.value == part), None)


def _pairs(node: yaml.Node) -> list[tuple[Any, Any]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _is_scalar(node: yaml.Node | None) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _repeats(node: yaml.Node, path: tuple[int | str, ...]) -> Iterator[str]:
    """Give the keys that one mapping has twice: YAML would silently keep the last."""
    seen: set[str] = set()
    for key, value in _pairs(node):
        name = str(key.value)
        if name in seen:
            where = ".".join(map(str, (*path, name)))
            yield f"{key.start_mark.line + 1}: {where}: is written twice."
        seen.add(name)
        yield from _repeats(value, (*path, name))
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _repeats(value, (*path, index))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(".")
