"""Faults of a detector as files: sheets to look through, and a table of all that is on them."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2

from patrol.errors import UsageError
from vision.training.fault_sheet import fault_sheet
from vision.training.faults import Fault, FaultBook

TABLE = "faults.csv"
_COLUMNS = ("class", "kind", "picture", "score", "overlap", "left", "top", "right", "bottom")


def prepare_folder(folder: Path) -> None:
    """Make sure that faults can be written, before a long look at pictures; no table is left.

    Raises:
        UsageError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        table = folder / TABLE
        was_there = table.exists()
        table.open("a").close()
        if not was_there:
            table.unlink()
    except OSError as error:
        raise UsageError(
            f"{folder}: no faults can be written there ({error.strerror}); name another folder "
            "with --faults."
        ) from error


def write_faults(folder: Path, book: FaultBook, names: Sequence[str]) -> None:
    """Write `CLASS-false.jpg`, `CLASS-missed.jpg` and the table; older ones are replaced.

    Args:
        folder: that was prepared.
        book: the faults.
        names: of the classes, by the numbers that the labels have.

    Raises:
        UsageError: a file cannot be written.
        TrainingDataError: a picture cannot be read.
    """
    try:
        for name in names:
            for kind in ("false", "missed"):
                (folder / f"{name}-{kind}.jpg").unlink(missing_ok=True)
        with (folder / TABLE).open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(_COLUMNS)
            for name in book.class_names:
                kinds = {"false": book.false_alarms(name), "missed": book.missed(name)}
                for kind, faults in kinds.items():
                    table.writerows(_row(kind, each) for each in faults)
                    if faults:
                        sheet = fault_sheet(faults, names.index(name))
                        data = cv2.imencode(".jpg", sheet)[1].tobytes()
                        (folder / f"{name}-{kind}.jpg").write_bytes(data)
    except OSError as error:
        raise UsageError(f"{folder}: the faults cannot be written ({error.strerror}).") from error


def _row(kind: str, fault: Fault) -> list[str]:
    score = "" if kind == "missed" else f"{fault.score:.3f}"
    box = [f"{value:.1f}" for value in fault.xyxy_px.tolist()]
    return [fault.class_name, kind, str(fault.picture.path), score, f"{fault.overlap:.3f}", *box]
