"""What-if variants as a chart: how long each takes until the last landing, and what it costs."""

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from flight.planning.comparison import AXES, Choice, Outcome
from flight.planning.palette import aircraft_colour
from flight.planning.picture_page import page_style, save_png

_ROW_IN = 0.46
_WIDTH_IN = 11.5
_MARGINS_IN = 1.9
_DPI = 120
_GREY = "#C5CCD3"
_MOST_ROWS = 60  # more cannot be told apart on one page


def variant_name(outcome: Outcome) -> str:
    """The values of a variant in a few words."""
    units = {axis.name: axis.unit for axis in AXES}
    named = outcome.variant.values.items()
    return (
        ", ".join(f"{name} {value} {units[name]}".rstrip() for name, value in named) or "as it is"
    )


def draw_comparison(
    outcomes: Sequence[Outcome], choice: Choice | None, title: str, path: Path
) -> None:
    """Draw a bar for each variant that can be flown, the shortest first.

    Args:
        outcomes: What was compared.
        choice: The best, drawn in colour.
        title: The headline.
        path: Where the PNG goes.

    Raises:
        PlanFileError: If the picture cannot be written.
    """
    flown = sorted((each for each in outcomes if each.plan), key=lambda each: each.total_s)
    flown = flown[:_MOST_ROWS]
    with mpl.rc_context(page_style()):
        height_in = _MARGINS_IN + _ROW_IN * max(1, len(flown))
        figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI, facecolor="white")
        axes = figure.add_axes((0.27, 0.9 / height_in, 0.42, 1.0 - _MARGINS_IN / height_in))
        figure.text(0.02, 1.0 - 0.4 / height_in, title, size=15, va="center")
        for row, outcome in enumerate(flown):
            best = choice is not None and choice.holds(outcome)
            colour = aircraft_colour(1 if best else 0)
            setup_min = outcome.setup_s / 60.0
            axes.barh(row, setup_min, color=_GREY, height=0.62)
            axes.barh(
                row, outcome.total_s / 60.0 - setup_min, left=setup_min, color=colour, height=0.62
            )
            axes.text(1.02, row, _figures(outcome), transform=_beside(axes), va="center", size=9)
        axes.set_yticks(range(len(flown)), [_label(each, choice) for each in flown], size=9.5)
        axes.set_ylim(len(flown) - 0.4, -0.6)
        axes.set_xlabel("minutes to the last landing (grey: set-up)")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if choice is not None:
            figure.text(0.02, 0.25 / height_in, f"Best: {choice.reason}", size=10, va="center")
        save_png(FigureCanvasAgg(figure), path)


def _beside(axes: mpl.axes.Axes) -> mpl.transforms.Transform:
    """Across by share of the chart, down by rows."""
    return mpl.transforms.blended_transform_factory(axes.transAxes, axes.transData)


def _label(outcome: Outcome, choice: Choice | None) -> str:
    best = choice is not None and choice.holds(outcome)
    return f"{'★ ' if best else ''}{variant_name(outcome)}"


def _figures(outcome: Outcome) -> str:
    energy = "" if outcome.energy_wh is None else f"{outcome.energy_wh:.0f} Wh, "
    size = f"{outcome.ground_sample_cm:.1f} cm" if math.isfinite(outcome.ground_sample_cm) else "-"
    return (
        f"{outcome.total_s / 60.0:.1f} min, {_counted(outcome.batteries)}, {energy}"
        f"{outcome.coverage:.1%}, {size}/pixel"
    )


def _counted(batteries: int) -> str:
    return "1 battery" if batteries == 1 else f"{batteries} batteries"
