"""What is wrong with a value in a file of sources, said to who wrote the file."""

from collections.abc import Iterable

from pydantic_core import ErrorDetails

from patrol.meant import meant

_NUMBERS = ("float_type", "float_parsing", "int_type", "int_parsing", "int_from_float")
_LISTS = ("list_type", "tuple_type")
_TABLES = ("model_type", "model_attributes_type", "dict_type")


def said_of(error: ErrorDetails, keys: Iterable[str]) -> str:
    """What is wrong and what to write, where pydantic says it in words of its own trade.

    Args:
        error: of pydantic.
        keys: that may stand where the value does.
    """
    kind, given, known = error["type"], error["input"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(str(error["loc"][-1]), sorted(keys))
    if kind in _TABLES:
        return "write keys with values here, such as {name: gate, url: rtsp://10.1.4.20/stream1}"
    said = {
        "missing": "is missing",
        "greater_than_equal": f"{given!r} is less than {known.get('ge')}",
        "less_than_equal": f"{given!r} is more than {known.get('le')}",
        "literal_error": f"{given!r} is not {known.get('expected')}",
        "string_pattern_mismatch": f"{given!r} has a slash, a backslash or a line break, or begins "
        "with a blank or a colon; give another one",
        "string_type": f"put {given!r} into quotation marks"
        if isinstance(given, (int, float))
        else f"write a text in place of {given!r}",
        **dict.fromkeys(_NUMBERS, f"{given!r} is no number"),
        **dict.fromkeys(_LISTS, f"write a list in place of {given!r}"),
    }
    return said.get(kind, error["msg"].removeprefix("Value error, "))


def _unknown_key(key: str, keys: list[str]) -> str:
    hint = meant(key, keys, 0.6) or f"there are {', '.join(keys)}"
    return f"there is no such key; {hint}"
