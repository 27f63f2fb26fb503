"""What a foreign model's class names mean among the classes that rules ask for.

Names that are left out of the table mean nothing here: a dog is seen by a COCO model, and no rule
asks for dogs. A person can say otherwise in a file of their own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from vision.errors import ModelError

OUR_CLASSES = (
    "person",
    "two_wheeler",
    "car",
    "truck_bus",
    "garbage",
    "smoke",
    "fire",
    "pothole",
    "stall",
)
"""The classes that the shipped rules ask for."""

_MEANS: Mapping[str, tuple[str, ...]] = {
    "person": (
        "person", "pedestrian", "people", "human", "man", "woman", "child",
        "人", "行人", "人员",
    ),
    "two_wheeler": (
        "two_wheeler", "twowheeler", "bicycle", "bike", "motorcycle", "motorbike", "motor",
        "scooter", "cyclist", "motorcyclist", "rider", "ebike", "tricycle", "awning_tricycle",
        "两轮车", "二轮车", "非机动车", "自行车", "电动车", "电动自行车", "摩托车", "三轮车",
    ),
    "car": (
        "car", "van", "suv", "taxi", "pickup", "minivan",
        "汽车", "小汽车", "轿车", "小轿车", "面包车", "出租车",
    ),
    "truck_bus": (
        "truck_bus", "truck", "bus", "lorry", "trolleybus", "coach", "trailer", "minibus",
        "卡车", "货车", "客车", "公交车", "大巴",
    ),
    "garbage": (
        "garbage", "trash", "litter", "rubbish", "waste", "garbage_heap",
        "垃圾", "垃圾堆", "暴露垃圾",
    ),
    "smoke": ("smoke", "烟", "烟雾", "浓烟"),
    "fire": ("fire", "flame", "flames", "火", "火焰", "明火"),
    "pothole": ("pothole", "potholes", "坑洞", "坑槽", "坑洼"),
    "stall": ("stall", "vendor", "street_vendor", "vendor_cart", "摊位", "摊贩", "流动摊贩"),
}  # fmt: skip
# COCO's, and VisDrone's: there the person upon it has a box of its own.
_RIDERLESS = frozenset({"bicycle", "bike", "motorcycle", "motorbike", "motor", "自行车", "摩托车"})
_OURS_OF = {word: ours for ours, words in _MEANS.items() for word in words}
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class ClassMap:
    """What becomes of a model's classes.

    Attributes:
        kept: the model's name -> the name that rules ask for.
        left_out: names of the model that mean nothing here, in its order.
        unasked: names that classes were given and no shipped rule asks for.
        riderless: names of two-wheelers that come without their riders, as COCO's do.
    """

    kept: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    riderless: tuple[str, ...] = ()


def ours_of(name: str) -> str | None:
    """What a class name means among ours, whatever its case, spaces and dashes; None if nothing."""
    return _OURS_OF.get(plain_name(name))


def map_classes(
    names: Iterable[str],
    own: Mapping[str, str | None] | None = None,
    whose: str = "The model has",
) -> ClassMap:
    """Say what becomes of each class name, by a person's own words first.

    Args:
        names: the class names of a model, or of labels.
        own: such a name -> ours or a new one; None leaves it out.
        whose: how a sentence begins that says what names there are.

    Raises:
        ModelError: the person's words name a class that is not among the names.
    """
    listed, own = tuple(names), own or {}
    strange = [name for name in own if name not in listed]
    if strange:
        raise ModelError(
            f"{whose} no class {strange[0]!r}, only {shown(listed)}. Correct the file of classes."
        )
    means = {name: own[name] if name in own else ours_of(name) for name in listed}
    kept = {name: to for name, to in means.items() if to is not None}
    bare = [n for n, to in kept.items() if to == "two_wheeler" and plain_name(n) in _RIDERLESS]
    new = sorted({to for to in kept.values() if to not in OUR_CLASSES})
    left_out = tuple(name for name in listed if means[name] is None)
    return ClassMap(kept, left_out, tuple(new), tuple(bare) if "person" in kept.values() else ())


def read_class_map(path: Path) -> dict[str, str | None]:
    """Read a person's file of classes: one line `model's name: ours` each, `null` leaves out.

    Raises:
        ModelError: it cannot be read, or holds something else.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read as YAML; mend it.") from error
    if not isinstance(content, dict) or not content:
        raise ModelError(f"{path}: give one line `name in the model: {OUR_CLASSES[2]}` a class.")
    own: dict[str, str | None] = {}
    for name, to in content.items():
        if to is not None and not (isinstance(to, str) and _NAME.fullmatch(to)):
            raise ModelError(
                f"{path}: {name}: {to!r} is no class name; give one of {shown(OUR_CLASSES)}, "
                "a new one of small letters, or null to leave the class out."
            )
        own[str(name)] = to
    return own


def plain_name(name: str) -> str:
    """A class name in small letters, with underscores for spaces and dashes."""
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def shown(names: Iterable[str], most: int = 12) -> str:
    """Names in one line, the first few where there are many."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
