"""The model card, written from the figures of the run that made the model."""

from collections.abc import Mapping, Sequence
from importlib import resources

from vision.training.classes import CLASS_NAMES
from vision.training.figures import (
    Row,
    Scoring,
    class_rows,
    reliability_rows,
    set_rows,
    size_rows,
    view_rows,
)
from vision.training.labels import TABLE


def card_text(
    shipped: Scoring,
    others: Sequence[Scoring],
    thresholds: Mapping[str, float],
    recipe: Mapping[str, int | str],
) -> str:
    """Fill the card's template with the tables.

    Args:
        shipped: The int8 model at the size the runtime takes by default.
        others: The same model at other sizes, and the float model.
        thresholds: As shipped.
        recipe: What the recipe settled, by its names in the template.
    """
    every = (shipped, *others)
    tables = {
        "CLASSES": _table(
            ("class", "pictures", "objects", "AP50", "threshold", "precision", "recall",
             "false alarms"),
            class_rows(shipped, thresholds),
        ),
        "VIEWS": _table(("class", "aerial", "overhead", "street"), view_rows(shipped)),
        "SETS": _table(("set", "class", "objects", "AP50"), set_rows(shipped)),
        "SIZES": _table(
            ("class", "pictures", *(f"{s.model} {s.side}" for s in every)),
            size_rows(every),
        ),
        "RELIABILITY": _table(
            ("classes", "score", "detections", "mean score", "share right"),
            reliability_rows(shipped),
        ),
        "KNOWLEDGE": _table(("set", *CLASS_NAMES), _knowledge_rows()),
        "REASONS": _reasons(),
    }  # fmt: skip
    texts = tables | {name: str(number) for name, number in recipe.items()}
    text = resources.files("vision.training").joinpath("card_template.md").read_text("utf-8")
    for name, value in texts.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _table(head: Row, rows: Sequence[Row]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _knowledge_rows() -> tuple[Row, ...]:
    return tuple(
        (
            row.dataset,
            *(
                "absent" if name in row.absent else "unknown" if name in row.unknown else "labelled"
                for name in CLASS_NAMES
            ),
        )
        for row in TABLE
    )


def _reasons() -> str:
    lines = []
    for row in TABLE:
        reasons: dict[str, list[str]] = {}
        for name, reason in (*row.absent.items(), *row.unknown.items()):
            reasons.setdefault(reason, []).append(name)
        parts = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        if parts:
            lines.append(f"- {row.dataset}: {parts}.")
    return "\n".join(lines)
