"""From a detector's output to boxes, scores and classes: the two layouts in use."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Layout = Literal["raw", "end2end"]
Rows = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]


def layout_of(shape: tuple[int | None, ...], classes: int) -> Layout | None:
    """Tell the layout by the shape of the output, None where it is neither or could be both.

    Args:
        shape: of the output; None where an extent is free.
        classes: how many classes the model has.
    """
    if len(shape) != 3:
        return None
    raw = shape[1] == 4 + classes
    end2end = shape[2] == 6
    if raw == end2end:
        return None
    return "raw" if raw else "end2end"


def rows_of(
    output: NDArray[np.floating], layout: Layout, *, least: float, every_class: bool = False
) -> Rows:
    """Boxes x1 y1 x2 y2 in pixels of the input, scores and the model's own class numbers.

    Args:
        output: (4 + classes, anchors) columns of cx cy w h and scores for `raw`, (N, 6) rows of
            x1 y1 x2 y2 score class for `end2end`; of any float width.
        layout: which of the two.
        least: score below which a box is left out, and with it one whose score is no number.
        every_class: gives a `raw` box once for each class that reaches the least score, not once
            as its likeliest class.
    """
    values = np.asarray(output, np.float32)
    if layout == "end2end":
        values = values[values[:, 4] >= least]
        known = np.clip(np.nan_to_num(values[:, 5], nan=-1.0, posinf=-1.0), -1.0, 1e6)
        return values[:, :4], values[:, 4], known.astype(np.int32)
    if every_class:
        own, anchor = np.nonzero(values[4:] >= least)
        class_id, score, values = own.astype(np.int32), values[4 + own, anchor], values[:, anchor]
    else:
        # Of thousands of boxes a few dozen reach the score: only theirs are looked at closely.
        best = values[4:].max(axis=0)
        anchor = np.flatnonzero(best >= least)
        score, values = best[anchor], values[:, anchor]
        class_id = values[4:].argmax(axis=0).astype(np.int32)
    centre, half = values[:2].T, values[2:4].T / 2
    return np.concatenate([centre - half, centre + half], axis=1), score, class_id
