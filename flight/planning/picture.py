"""A plan as a picture to hang on the wall: a map with its legend and figures beside it."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from flight.missions import PatrolPlan
from flight.planning.palette import CELL_COLOURS, ZONE_COLOURS, aircraft_colour
from flight.planning.picture_map import (
    FENCE_STYLE,
    NO_FLY_FACE,
    TRANSIT_STYLE,
    PlanMap,
    Style,
)
from flight.planning.picture_page import INK, cjk_font, page_style, save_png
from flight.planning.picture_words import Words, duration
from flight.planning.summary import PlanSummary, SummaryRow, summarize
from geofences.county import County
from geofences.zones import ZoneKind

_PAGE_IN = (16.5, 10.2)
_DPI = 110
_GREY = "#52606D"
_LINE_SPACING = 0.0285
_MOST_ROWS = 3  # more have no room beside the legend; the map shows them all the same


def draw_plan(county: County, plan: PatrolPlan, path: Path) -> None:
    """Draw a plan over its county.

    Args:
        county: Cells, zones and docks.
        plan: What is flown.
        path: Where the PNG goes.

    Raises:
        UnknownCellError: If the county does not have one of the plan's cells.
        PlanFileError: If the picture cannot be written.
    """
    words = Words(chinese=cjk_font() is not None)
    with mpl.rc_context(page_style()):
        figure = Figure(figsize=_PAGE_IN, dpi=_DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        kinds = PlanMap(figure.add_axes((0.015, 0.03, 0.655, 0.86)), county, plan, words).draw()
        side = figure.add_axes((0.69, 0.03, 0.295, 0.86))
        _draw_side(side, plan, summarize(county, plan), kinds, words)
        figure.text(0.015, 0.95, words.title(plan.name), size=24, va="center")
        figure.text(0.015, 0.912, words.subtitle(county.name, plan), size=12, va="center")
        save_png(canvas, path)


def _draw_side(
    axes: Axes, plan: PatrolPlan, summary: PlanSummary, kinds: list[ZoneKind], words: Words
) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    y = 0.985
    for index, row in enumerate(summary.rows[:_MOST_ROWS]):
        axes.add_line(Line2D([0.0, 0.1], [y, y], linewidth=4, color=aircraft_colour(index)))
        axes.text(0.13, y, f"{row.aircraft}  ·  {row.dock_id}", size=13, va="center")
        y = _facts(axes, _row_facts(row, words), y - 0.034)
    axes.axhline(y + 0.008, color="#C5CCD3", linewidth=1)
    axes.text(0.0, y - 0.018, words("together"), size=13, va="center")
    y = _facts(axes, _whole_facts(plan, summary, words), y - 0.052)
    axes.legend(
        handles=_handles(kinds, words),
        loc="upper left",
        bbox_to_anchor=(-0.02, y + 0.012),
        frameon=False,
        fontsize=10.5,
        labelspacing=0.5,
        handlelength=2.6,
        borderpad=0.0,
    )


def _row_facts(row: SummaryRow, words: Words) -> tuple[tuple[str, str], ...]:
    return (
        (words("time"), duration(row.duration_s)),
        (words("distance"), f"{row.distance_m / 1000:.2f} km"),
        (words("lanes"), str(row.lanes)),
        (words("cells"), str(row.cells)),
        (words("coverage"), f"{row.coverage:.1%}"),
    )


def _whole_facts(
    plan: PatrolPlan, summary: PlanSummary, words: Words
) -> tuple[tuple[str, str], ...]:
    return (
        (words("time_longest"), duration(summary.duration_s)),
        (words("distance"), f"{summary.distance_m / 1000:.2f} km"),
        (words("area"), f"{summary.area_m2 / 1e4:.2f} ha, {summary.cells} {words('cells_unit')}"),
        (words("coverage"), f"{summary.coverage:.1%}"),
        (words("flight"), _flight(plan)),
        (words("camera"), f"{plan.camera.name}, {plan.gimbal_pitch_deg:g}°"),
    )


def _flight(plan: PatrolPlan) -> str:
    if not plan.missions:
        return "-"
    return f"{plan.missions[0].height_home_m:g} m, {plan.missions[0].speed_mps:g} m/s"


def _facts(axes: Axes, facts: tuple[tuple[str, str], ...], y: float) -> float:
    for name, value in facts:
        axes.text(0.0, y, name, size=11, va="center", alpha=0.7)
        axes.text(1.0, y, value, size=11.5, va="center", ha="right")
        y -= _LINE_SPACING
    return y - 0.012


def _handles(kinds: list[ZoneKind], words: Words) -> list[Line2D | Patch]:
    face, edge = CELL_COLOURS
    grey: Style = {"color": _GREY}
    lines: tuple[tuple[str, Style], ...] = (
        ("lane", {"linewidth": 2.6}),
        ("transit", {"linewidth": 1.3, "linestyle": TRANSIT_STYLE}),
        ("fence", {"linewidth": 1.0, "linestyle": FENCE_STYLE}),
        ("first", {"marker": "o", "linestyle": ""}),
        ("last", {"marker": "s", "linestyle": ""}),
        ("dock", {"marker": "H", "markersize": 12, "linestyle": "", "color": INK}),
    )
    return [
        Patch(facecolor=face, edgecolor=edge, label=words("chosen_cells")),
        *(Line2D([], [], label=words(key), **(grey | style)) for key, style in lines),
        *(_zone_handle(kind, words) for kind in sorted(kinds, key=list(ZoneKind).index)),
    ]


def _zone_handle(kind: ZoneKind, words: Words) -> Patch:
    colour, name = ZONE_COLOURS[kind], words(str(kind))
    if kind is ZoneKind.NO_FLY:
        return Patch(facecolor=NO_FLY_FACE, edgecolor=colour, hatch="////", label=name)
    return Patch(facecolor=colour, edgecolor=colour, alpha=0.6, label=name)
