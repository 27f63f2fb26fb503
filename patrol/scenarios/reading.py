"""Reading scenario files, with errors that name the line and the key to mend."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from patrol.errors import ScenarioError
from patrol.scenarios.schema import Day

SHIPPED_FOLDER = Path(__file__).parent.parent / "days"


def shipped_days() -> dict[str, Path]:
    """Return the days that come with the program, by their names in order."""
    return {path.stem: path for path in sorted(SHIPPED_FOLDER.glob("*.yaml"))}


def find_days(name: str) -> tuple[Path, ...]:
    """Return the scenario files that a name stands for.

    Args:
        name: A file, a folder of them, the name of a shipped day, or `all` for all shipped days.

    Raises:
        ScenarioError: There is no such file, folder or day.
    """
    path, shipped = Path(name), shipped_days()
    if path.is_dir():
        found = tuple(sorted(path.glob("*.yaml")))
        if not found:
            raise ScenarioError(f"There is no scenario (*.yaml) in {path}.")
        return found
    if path.exists():
        return (path,)
    if name == "all":
        return tuple(shipped.values())
    if name in shipped:
        return (shipped[name],)
    raise ScenarioError(
        f"There is no scenario {name}: give a file, a folder, or one of the shipped days, which "
        "`patrol simulate --list-scenarios` names."
    )


def read_day(path: Path) -> Day:
    """Read a scenario file.

    Raises:
        ScenarioError: The file is missing, is no YAML, or breaks the schema; says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        # Tells the line of each key, which the content itself has forgotten.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error.strerror}); check the path."
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ScenarioError(f"{path}: is not YAML ({' '.join(str(error).split())}).") from error
    try:
        return Day.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        where = _where(root, first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise ScenarioError(f"{path}, {where}: {said}{more}.") from error


def _where(root: yaml.Node | None, location: Sequence[int | str]) -> str:
    """Name the line and the key of a place in the file, or of the nearest one that is there."""
    node = root
    line = 1 if root is None else root.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line + 1
    key = ".".join(str(part) for part in location) or "the whole file"
    return f"line {line}, {key}"
