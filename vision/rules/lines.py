"""Where in a YAML text a value stands, so that errors can point at the line to mend."""

from collections.abc import Iterator, Sequence

import yaml


def line_of(text: str, location: Sequence[int | str]) -> int:
    """The line, from 1, of the value at a location, or of the nearest thing around it.

    Parts of the location that the text does not have, such as a key that is missing or the name
    of a model, are passed over.

    Args:
        text: well-formed YAML.
        location: keys and indices from the outside in.
    """
    node = yaml.compose(text, yaml.SafeLoader)
    line = node.start_mark.line if node is not None else 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, node = key.start_mark.line, value
                    break
        elif isinstance(node, yaml.SequenceNode) and part in range(len(node.value)):
            node = node.value[int(part)]
            line = node.start_mark.line
    return int(line) + 1


def doubled_keys(text: str) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one mapping, with their line; YAML would take the last silently."""
    root = yaml.compose(text, yaml.SafeLoader)
    waiting = [] if root is None else [root]
    # An alias leads to a node again, and may lead into itself.
    looked: set[yaml.Node] = set()
    while waiting:
        node = waiting.pop()
        if node in looked:
            continue
        looked.add(node)
        if isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    yield key.start_mark.line + 1, str(key.value)
                seen.add(key.value)
                waiting.append(value)
