"""A plan as a picture to hang on the wall: a map with its figures and legend beside it."""

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
    Shown,
    Style,
)
from flight.planning.picture_page import INK, cjk_font, page_style, save_png
from flight.planning.picture_words import Language, Words, duration
from flight.planning.summary import PlanSummary, SummaryRow, name_of, summarize
from geofences.county import County
from geofences.zones import ZoneKind

_PAGE_IN = (16.5, 10.2)
_DPI = 110
_GREY = "#52606D"
_RULE = "#C5CCD3"
_MOST_ROWS = 8  # more have no room above the legend; the map shows them all the same
_ROW = 0.047
_FACT = 0.0275
_LEGEND_ROW = 0.0252  # of one column in the larger type
_ROUNDING = 0.005
# Right ends of the columns: sorties, time, distance, energy, seen.
_COLUMNS = (0.40, 0.57, 0.745, 0.885, 1.0)


def draw_plan(
    county: County, plan: PatrolPlan, path: Path, language: Language = Language.BOTH
) -> None:
    """Draw a plan over its county.

    Without a font with Chinese characters the picture is in English, and says so at its foot.

    Args:
        county: Cells, zones and docks.
        plan: What is flown.
        path: Where the PNG goes.
        language: Chinese, English or both.

    Raises:
        UnknownCellError: If the county does not have one of the plan's cells.
        PlanFileError: If the picture cannot be written.
    """
    words = Words.of(language, font=cjk_font() is not None)
    with mpl.rc_context(page_style()):
        figure = Figure(figsize=_PAGE_IN, dpi=_DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        shown = PlanMap(figure.add_axes((0.015, 0.045, 0.655, 0.845)), county, plan, words).draw()
        side = figure.add_axes((0.69, 0.045, 0.295, 0.845))
        _draw_side(side, plan, summarize(county, plan), shown, words)
        figure.text(0.015, 0.95, words.title(name_of(county, plan)), size=24, va="center")
        figure.text(0.015, 0.912, words.subtitle(county.name, plan), size=12, va="center")
        figure.text(0.015, 0.02, words.foot(), size=9, va="center", color=_GREY)
        save_png(canvas, path)


def _draw_side(
    axes: Axes, plan: PatrolPlan, summary: PlanSummary, shown: Shown, words: Words
) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    y = _table(axes, summary, words)
    for name, value in _whole_facts(plan, summary, words):
        axes.text(0.0, y, name, size=10.5, va="center", alpha=0.7)
        axes.text(1.0, y, value, size=11, va="center", ha="right")
        y -= _FACT
    handles = _handles(shown, words)
    narrow = len(handles) * _LEGEND_ROW > y
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.02, y + 0.01),
        frameon=False,
        fontsize=8.6 if narrow else 10.0,
        ncols=2 if narrow else 1,
        columnspacing=0.8,
        labelspacing=0.5,
        handlelength=2.2,
        borderpad=0.0,
    )


def _table(axes: Axes, summary: PlanSummary, words: Words) -> float:
    """Draw a row for each aircraft and one for all; return where what follows begins."""
    headings = ("sorties", "airborne", "distance", "energy", "seen")
    y = 0.975
    axes.text(0.0, y, words.stacked("aircraft"), size=9, va="center", alpha=0.7)
    for key, right in zip(headings, _COLUMNS, strict=True):
        axes.text(right, y, words.stacked(key), size=9, va="center", ha="right", alpha=0.7)
    y -= 0.03
    axes.axhline(y, color=_RULE, linewidth=1)
    y -= 0.027
    for index, row in enumerate(summary.rows[:_MOST_ROWS]):
        axes.add_line(Line2D([0.0, 0.045], [y, y], linewidth=5, color=aircraft_colour(index)))
        axes.text(0.06, y + 0.008, words.label(row.aircraft), size=11, va="center")
        below = f"{', '.join(row.dock_ids)} · {row.cells} {words('cells_unit')}"
        axes.text(0.06, y - 0.0125, words.label(below), size=8.5, va="center", alpha=0.7)
        _figures(axes, y, _row_figures(row, share_seen(row, summary)))
        y -= _ROW
    if len(summary.rows) > _MOST_ROWS:
        more = f"{words('more_unit')}: {len(summary.rows) - _MOST_ROWS}"
        axes.text(0.06, y, more, size=10, va="center", alpha=0.7)
        y -= _ROW * 0.7
    axes.axhline(y + 0.016, color=_RULE, linewidth=1)
    y -= 0.012
    axes.text(0.0, y, words("all"), size=11, va="center")
    _figures(axes, y, _all_figures(summary))
    return y - 0.045


def _figures(axes: Axes, y: float, texts: tuple[str, ...]) -> None:
    for text, right in zip(texts, _COLUMNS, strict=True):
        axes.text(right, y, text, size=10.5, va="center", ha="right")


def share_seen(row: SummaryRow, summary: PlanSummary) -> str:
    """What an aircraft sees of the cells; nothing where the whole is told of something else.

    Of streets and places, the share of the cells' ground would stand above one of what was wanted.
    """
    together = sum(each.coverage for each in summary.rows)
    return "-" if together < summary.coverage - _ROUNDING else f"{row.coverage:.1%}"


def _row_figures(row: SummaryRow, seen: str) -> tuple[str, ...]:
    return (
        str(row.sorties),
        duration(row.airborne_s),
        f"{row.distance_m / 1000:.2f} km",
        _energy(row.energy_wh),
        seen,
    )


def _all_figures(summary: PlanSummary) -> tuple[str, ...]:
    return (
        str(summary.sorties),
        duration(summary.airborne_s),
        f"{summary.distance_m / 1000:.2f} km",
        _energy(summary.energy_wh),
        f"{summary.coverage:.1%}",
    )


def _energy(energy_wh: float | None) -> str:
    return "-" if energy_wh is None else f"{energy_wh:.0f} Wh"


def _whole_facts(
    plan: PatrolPlan, summary: PlanSummary, words: Words
) -> tuple[tuple[str, str], ...]:
    return (
        (words("last_landing"), duration(summary.last_landing_s)),
        (words("area"), f"{summary.area_m2 / 1e4:.2f} ha, {summary.cells} {words('cells_unit')}"),
        (words("flight_ground" if _follows(plan) else "flight"), _flight(plan)),
        (words("camera"), f"{words.label(plan.camera.name)}, {plan.gimbal_pitch_deg:g}°"),
        (words("pixel"), f"{summary.ground_sample_cm:.1f} cm"),
    )


def _follows(plan: PatrolPlan) -> bool:
    return any(mission.height_ground_m is not None for mission in plan.missions)


def _flight(plan: PatrolPlan) -> str:
    if not plan.missions:
        return "-"
    heights = {mission.looks_from_m for mission in plan.missions}
    speeds = {mission.speed_mps for mission in plan.missions}
    return f"{_span(heights)} m, {_span(speeds)} m/s"


def _span(values: set[float]) -> str:
    low, high = round(min(values), 1), round(max(values), 1)
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _handles(shown: Shown, words: Words) -> list[Line2D | Patch]:
    face, edge = CELL_COLOURS
    grey: Style = {"color": _GREY}
    lines: dict[str, Style] = {
        "lane": {"linewidth": 2.6},
        "transit": {"linewidth": 1.3, "linestyle": TRANSIT_STYLE},
        "fence": {"linewidth": 1.0, "linestyle": FENCE_STYLE},
        "first": {"marker": "o", "linestyle": ""},
        "last": {"marker": "s", "linestyle": ""},
        "target": {"marker": "*", "markersize": 11, "linestyle": "", "color": INK},
        "hover": {"marker": "D", "linestyle": ""},
        "dock": {"marker": "H", "markersize": 12, "linestyle": "", "color": INK},
    }
    return [
        Patch(facecolor=face, edgecolor=edge, label=words("chosen_cells")),
        *(
            Line2D([], [], label=words(key), **(grey | style))
            for key, style in lines.items()
            if key in shown.marks
        ),
        *(_zone_handle(kind, words) for kind in sorted(shown.kinds, key=list(ZoneKind).index)),
    ]


def _zone_handle(kind: ZoneKind, words: Words) -> Patch:
    colour, name = ZONE_COLOURS[kind], words(str(kind))
    if kind is ZoneKind.NO_FLY:
        return Patch(facecolor=NO_FLY_FACE, edgecolor=colour, hatch="////", label=name)
    return Patch(facecolor=colour, edgecolor=colour, alpha=0.6, label=name)
