"""What the labels of each set of pictures say, and about which classes they stay silent.

A picture is labelled for some classes only. For every other class there are two cases. Where the
things cannot be in the picture, their absence is taught ("absent"). Where they may well be there
unlabelled, nothing is taught ("unknown"): that loss is masked. The table below decides, set by
set, from looking at contact sheets of each set; the reasons stand beside the decision.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vision.training.classes import CLASS_NAMES
from vision.training.errors import TrainingDataError


class View(StrEnum):
    """From where a set's pictures were taken; scores are reported by it."""

    AERIAL = "aerial"
    OVERHEAD = "overhead"
    STREET = "street"
    RENDERED = "rendered"


@dataclass(frozen=True)
class SetKnowledge:
    """What is known of one set beyond its label files.

    Attributes:
        dataset: Name of the set in the manifest.
        view: From where its pictures were taken.
        absent: Class -> why it is surely not in these pictures, although nobody labelled it.
        unknown: Class -> why it may be in these pictures without a label.
        draw_weight: How often one picture is drawn, relative to the other sets.
        scale_range: Smallest and largest resize factor in training, of the stored picture.
        aspect_range: Range of an extra horizontal stretch.
        any_way_up: Whether a quarter turn of the picture is still a possible picture.
    """

    dataset: str
    view: View
    absent: dict[str, str]
    unknown: dict[str, str]
    draw_weight: float
    scale_range: tuple[float, float]
    aspect_range: tuple[float, float] = (0.9, 1.1)
    any_way_up: bool = False


_TIDY = "looked through: a kept road or square, nothing of the kind to be seen"
_FROM_ABOVE = "from this height it would be visible, and is not there"
_PASSERS_BY = "people and vehicles stand about unlabelled"
_RARE_NONE = "looked through: none; its camera would show it"
_MAYBE = "may stand in the background unlabelled"

TABLE = (
    SetKnowledge(
        "minsk_dji_aerial",
        View.AERIAL,
        absent={
            "garbage": _FROM_ABOVE,
            "smoke": _FROM_ABOVE,
            "fire": _FROM_ABOVE,
            "pothole": _TIDY,
            "stall": _FROM_ABOVE,
        },
        unknown={"person": "walkers of a few pixels are not labelled"},
        draw_weight=4.0,
        scale_range=(0.6, 2.5),
        any_way_up=True,
    ),
    SetKnowledge(
        "kit_ais_munich_aerial",
        View.AERIAL,
        absent={
            "garbage": _FROM_ABOVE,
            "smoke": _FROM_ABOVE,
            "fire": _FROM_ABOVE,
            "pothole": _TIDY,
            "stall": _FROM_ABOVE,
        },
        unknown={"person": "walkers of a few pixels are not labelled"},
        draw_weight=2.0,
        scale_range=(0.5, 3.5),
        any_way_up=True,
    ),
    SetKnowledge(
        "traffic_overhead_atl",
        View.OVERHEAD,
        absent={
            "garbage": _TIDY,
            "smoke": _RARE_NONE,
            "fire": "head lamps at night are no fire: a wanted negative",
            "pothole": _TIDY,
            "stall": _RARE_NONE,
        },
        unknown={"person": "people at the roadside are not labelled"},
        draw_weight=1.0,
        scale_range=(0.5, 1.5),
    ),
    SetKnowledge(
        "street_manaus_mix",
        View.STREET,
        absent={
            "garbage": _TIDY,
            "smoke": _RARE_NONE,
            "fire": "lamps at night are no fire: a wanted negative",
            "pothole": _TIDY,
        },
        unknown={
            "person": "in the cyclists' clips only the cyclists are labelled",
            "car": "in the cyclists' clips only the cyclists are labelled",
            "truck_bus": "in the cyclists' clips only the cyclists are labelled",
            "stall": "street cameras of a town: a kiosk or cart may be there",
        },
        draw_weight=1.6,
        scale_range=(0.45, 1.5),
    ),
    SetKnowledge(
        "fire_smoke_mix",
        View.STREET,
        absent={"pothole": "rooms, fronts of houses, woods: no broken carriageway"},
        unknown={
            "person": _PASSERS_BY,
            "two_wheeler": _PASSERS_BY,
            "car": _PASSERS_BY,
            "truck_bus": "fire engines stand about unlabelled",
            "garbage": "burnt rubbish cannot be told from garbage",
            "stall": _MAYBE,
        },
        draw_weight=2.2,
        scale_range=(0.5, 1.7),
        # The clips were stretched to squares; most were 4:3 or 16:9 before.
        aspect_range=(0.9, 1.8),
    ),
    SetKnowledge(
        "garbage_street",
        View.STREET,
        absent={"smoke": _RARE_NONE, "fire": _RARE_NONE},
        unknown={
            "person": _PASSERS_BY,
            "two_wheeler": _PASSERS_BY,
            "car": _PASSERS_BY,
            "truck_bus": _PASSERS_BY,
            "pothole": "the pavements around the containers are broken here and there",
            "stall": _MAYBE,
        },
        draw_weight=2.0,
        scale_range=(0.35, 1.9),
    ),
    SetKnowledge(
        "pothole_web_a",
        View.STREET,
        absent={
            "garbage": "close views of carriageways; leaves and gravel are no garbage",
            "smoke": _RARE_NONE,
            "fire": _RARE_NONE,
        },
        unknown={
            "person": _PASSERS_BY,
            "two_wheeler": _PASSERS_BY,
            "car": _PASSERS_BY,
            "truck_bus": _PASSERS_BY,
            "stall": _MAYBE,
        },
        draw_weight=1.2,
        scale_range=(0.35, 1.9),
    ),
    SetKnowledge(
        "rendered",
        View.RENDERED,
        absent={},
        unknown={},
        draw_weight=1.1,
        scale_range=(0.5, 2.2),
    ),
)


def knowledge_of(dataset: str) -> SetKnowledge:
    """Return the row of the table for a set.

    Raises:
        TrainingDataError: The set is not in the table.
    """
    for row in TABLE:
        if row.dataset == dataset:
            return row
    raise TrainingDataError(
        f"set {dataset!r} has no row in vision/training/labels.py; "
        "say there which classes are absent from it and which are unknown"
    )


def known_classes(dataset: str, labelled: frozenset[str]) -> NDArray[np.bool_]:
    """Say for which classes a picture's missing boxes mean absence.

    Args:
        dataset: The picture's set.
        labelled: Classes that were labelled on this very picture.

    Returns:
        bool, (classes,): True where labelled or surely absent, False where unknown.

    Raises:
        TrainingDataError: The set is not in the table, or a class is in no column of its row.
    """
    row = knowledge_of(dataset)
    for name in CLASS_NAMES:
        if name not in labelled and name not in row.absent and name not in row.unknown:
            raise TrainingDataError(
                f"set {dataset!r}: class {name!r} is neither labelled, absent nor unknown"
            )
    return np.array([name in labelled or name in row.absent for name in CLASS_NAMES])


# Close views of fires, containers and carriageways, in which people and vehicles are large: what
# the COCO network does not see in them is not there. Left unknown to the end, persons would be
# called everywhere on such pictures, since nothing there ever says no.
COMPLETED_BY_TEACHER = frozenset({"fire_smoke_mix", "garbage_street", "pothole_web_a"})
"""Sets in which the traffic classes count as labelled once the teacher has filled them in."""
