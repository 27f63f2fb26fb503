"""`patrol model eval`: how well a detector finds what labelled pictures show."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.progress import progress
from patrol.errors import UsageError
from patrol.fault_files import prepare_folder, write_faults
from patrol.settings import read_settings
from vision.engine.devices import parse_device
from vision.engine.model_detector import ModelDetector
from vision.engine.placement import CPU
from vision.engine.settings import EngineSettings
from vision.models.class_map import read_class_map, shown
from vision.models.registry import load_model
from vision.training.alike import unlike
from vision.training.faults import FaultBook
from vision.training.labelled import LabelledSet, read_labelled
from vision.training.scoring import LEAST_SCORE, ClassScore, mean_ap50, score_detector

_LEARNED = "train"
_DRAWN = (
    "False alarms and missed objects are drawn in {}, in red; green is what is labelled, blue what "
    "is labelled as another class."
)
_COLUMNS = {
    "class": "left",
    "objects": "right",
    "AP50": "right",
    "by view": "left",
    "threshold": "right",
    "precision": "right",
    "recall": "right",
    "false alarms": "right",
    "calibration error": "right",
}


def evaluate(
    name: Annotated[str, typer.Argument(help="A shipped model, your own, or a path to one.")],
    data: Annotated[
        Path,
        typer.Option(
            help="Folder of labelled pictures, with a manifest.csv, YOLO's data.yaml or COCO's "
            "json; or a data.yaml itself."
        ),
    ],
    split: Annotated[str, typer.Option(help="Which of their splits.")] = "val",
    classes: Annotated[
        Path | None,
        typer.Option(help="YAML that says what classes of the labels are: `lorry: truck_bus`."),
    ] = None,
    input_width: Annotated[int, typer.Option(help="Detector input; 0: as it watches.", min=0)] = 0,
    tile: Annotated[int, typer.Option(help="Cut large pictures into tiles.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Of the processor; 0: all.", min=0)] = 0,
    device: Annotated[str, typer.Option(help="What it runs on, as of `patrol watch`.")] = CPU,
    unseen: Annotated[
        bool,
        typer.Option(
            "--unseen",
            help="Leave out pictures that are nearly the same as one of the split train.",
        ),
    ] = False,
    faults: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures of the surest false alarms and of what was missed."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Score a detector on labelled pictures: AP50 by class and view, and whether scores hold.

    A class is scored only on pictures that are labelled for it.
    """
    own = read_class_map(classes) if classes else None
    files = load_model(name, read_settings(os.environ, Path.home()).models_folder)
    usual = ModelDetector(files)
    weak = dict.fromkeys(usual.class_names, LEAST_SCORE)
    settings = EngineSettings(
        input_width_px=input_width,
        tile_px=tile,
        threads=threads,
        device=parse_device(device),
        continue_share=1.0,
        every_class=True,
    )
    detector = ModelDetector(replace(files, thresholds=weak), settings)
    if faults is not None:
        prepare_folder(faults)
    with progress(notices(), silent=as_json) as tell:
        labelled = read_labelled(data, split, own, tell)
        if unseen:
            labelled = _unseen(labelled, read_labelled(data, _LEARNED, own, tell))
        level = dict(zip(usual.class_names, usual.thresholds, strict=True))
        book = FaultBook(labelled.names, level)
        look = None if faults is None else book.take
        scores = score_detector(detector, labelled, usual.thresholds, tell, look)
    if faults is not None:
        write_faults(faults, book, labelled.names)
        notices().print(_DRAWN.format(faults), soft_wrap=True, markup=False)
    if as_json:
        print_json(_summary(files.name, split, labelled, scores))
        return
    _show(files.name, labelled, scores)


def _unseen(labelled: LabelledSet, learned: LabelledSet) -> LabelledSet:
    """What is not nearly the same as a picture of training.

    Raises:
        UsageError: these are the pictures of training.
        TrainingDataError: all are alike.
    """
    paths = {picture.path for picture in learned.pictures}
    if not paths.isdisjoint(picture.path for picture in labelled.pictures):
        raise UsageError(
            f"--unseen compares with the split {_LEARNED!r}, and these pictures are of it; name "
            "another --split."
        )
    left = unlike(labelled, learned.pictures)
    count = len(labelled.pictures) - len(left.pictures)
    notices().print(f"Pictures nearly the same as one of training, which are left out: {count}.")
    return left


def _summary(
    name: str, split: str, labelled: LabelledSet, scores: Sequence[ClassScore]
) -> dict[str, Any]:
    return {
        "model": name,
        "split": split,
        "pictures": len(labelled.pictures),
        "map50": _figure(mean_ap50(scores)),
        "left_out": list(labelled.left_out),
        "unreadable": [str(path) for path in labelled.unreadable],
        "unlabelled": labelled.unlabelled,
        "classes": [_row(score) for score in scores],
    }


def _row(score: ClassScore) -> dict[str, Any]:
    return {
        "class": score.name,
        "seen": score.seen,
        "pictures": score.pictures,
        "objects": score.objects,
        "ap50": _figure(score.ap50),
        "views": {
            view: {"objects": count, "ap50": _figure(ap50)}
            for view, (count, ap50) in score.views.items()
        },
        "threshold": round(score.threshold, 4),
        "precision": _figure(score.precision),
        "recall": _figure(score.recall),
        "false_alarms": {"pictures": score.absent, "alarmed": score.alarmed},
        "calibration_error": _figure(score.calibration_error),
        "calibration": [
            {"from": low, "to": min(high, 1.0), "count": count, "mean_score": _figure(mean),
             "share_right": _figure(share)}
            for low, high, count, mean, share in score.bins
            if count
        ],
    }  # fmt: skip


def _show(name: str, labelled: LabelledSet, scores: Sequence[ClassScore]) -> None:
    rows = [_cells(score) for score in scores]
    # What no row has a word on would take the room that the others need.
    columns = [heading for heading in _COLUMNS if any(row[heading] for row in rows)]
    made = table(f"{name} on {len(labelled.pictures)} pictures", {h: _COLUMNS[h] for h in columns})
    for row in rows:
        made.add_row(*(row[heading] or "–" for heading in columns))
    terminal().print(made)
    terminal().print(f"Mean AP50 of the classes with objects: {_shown(mean_ap50(scores))}.")
    for remark in _remarks(labelled):
        notices().print(remark, soft_wrap=True, markup=False)


def _cells(score: ClassScore) -> dict[str, str]:
    views = (f"{view} {_shown(ap50)} ({n})" for view, (n, ap50) in score.views.items())
    return {
        "class": score.name,
        "objects": str(score.objects),
        "AP50": _shown(score.ap50),
        "by view": ", ".join(views),
        "threshold": f"{score.threshold:.2f}" if score.seen else "not seen",
        "precision": _shown(score.precision),
        "recall": _shown(score.recall),
        "false alarms": f"{score.alarmed} of {score.absent}" if score.absent else "",
        "calibration error": _shown(score.calibration_error),
    }


def _remarks(labelled: LabelledSet) -> list[str]:
    """What the figures are not about."""
    remarks = []
    if labelled.left_out:
        remarks.append(f"Not scored, as no rule asks for them: {shown(labelled.left_out)}.")
    if labelled.unreadable:
        names = shown(map(str, labelled.unreadable), most=3)
        remarks.append(f"Left out, as they are missing or damaged: {names}.")
    if labelled.unlabelled:
        remarks.append(
            f"Pictures without a file of labels, taken for showing nothing: {labelled.unlabelled}."
        )
    return remarks


def _figure(value: float) -> float | None:
    return None if value != value else round(value, 4)  # noqa: PLR0124 - NaN is unequal to itself


def _shown(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"  # noqa: PLR0124 - likewise
