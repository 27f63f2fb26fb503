"""What-if variants as a chart: how long each takes until the last landing, and what it costs.

Values stand in columns under bilingual headings, so that a row needs no language.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from flight.planning.choosing import Choice, Merit, chosen_values, merits_of
from flight.planning.comparison import AXES, Outcome
from flight.planning.palette import aircraft_colour
from flight.planning.picture_page import INK, cjk_font, page_style, save_png
from flight.planning.picture_words import Language, Words

_ROW_IN = 0.42
_WIDTH_IN = 12.5
_TOP_IN, _FOOT_IN, _EDGE_IN = 1.5, 1.35, 0.35
_VALUE_IN, _FIGURE_IN, _MARKS_IN = 0.95, 0.98, 1.9
_DPI = 120
_PLAIN = 9.0  # smaller is written faintly
_GREY, _FAINT = "#C5CCD3", "#6B7680"
_MOST_ROWS = 60  # more cannot be told apart on one page
_REASON_LETTERS = 105

_AXIS_ZH = {"aircraft": "架数", "wind": "风向@风速", "speed": "速度", "height": "高度",
            "overlap": "旁向重叠"}  # fmt: skip
_MERIT_ZH = {
    Merit.CHOSEN: "推荐",
    Merit.QUICKEST: "最快",
    Merit.THRIFTIEST: "最省电",
    Merit.FEWEST: "电池最少",
    Merit.FINEST: "最清晰",
    Merit.FULLEST: "看得最全",
}
_COLUMNS = (
    ("电池", "Batteries"),
    ("电量 Wh", "Energy Wh"),
    ("覆盖", "Seen"),
    ("像素 cm", "Pixel cm"),
)


def variant_name(outcome: Outcome) -> str:
    """The values of a variant in a few words."""
    units = {axis.name: axis.unit for axis in AXES}
    named = outcome.variant.values.items()
    return (
        ", ".join(f"{name} {value} {units[name]}".rstrip() for name, value in named) or "as it is"
    )


@dataclass(frozen=True)
class _Page:
    """A page being drawn; inches count from the left and from the top."""

    figure: Figure
    width_in: float
    height_in: float
    words: Words

    def text(
        self, x_in: float, y_in: float, text: str, ha: str = "left", size: float = 9.5
    ) -> None:
        """Write somewhere."""
        at = (x_in / self.width_in, 1.0 - y_in / self.height_in)
        colour = _FAINT if size < _PLAIN else INK
        self.figure.text(*at, text, ha=ha, va="center", size=size, color=colour, linespacing=1.3)

    def heading(self, x_in: float, chinese: str, english: str) -> None:
        """Write over a column."""
        text = self.words.both(chinese, english, gap="\n")
        self.text(x_in, _TOP_IN - 0.35, text, ha="center", size=8.5)


def draw_comparison(
    outcomes: Sequence[Outcome],
    choice: Choice | None,
    name: str,
    path: Path,
    language: Language = Language.BOTH,
) -> None:
    """Draw a row for each variant, the shortest first and the impossible ones last.

    Args:
        outcomes: What was compared.
        choice: The best, drawn in colour.
        name: What was planned.
        path: Where the PNG goes.
        language: Of the words.

    Raises:
        PlanFileError: If the picture cannot be written.
    """
    rows = _sorted(outcomes)[:_MOST_ROWS]
    words = Words.of(language, font=cjk_font() is not None)
    height_in = _TOP_IN + _FOOT_IN + _ROW_IN * max(1, len(rows))
    with mpl.rc_context(page_style()):
        figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DPI, facecolor="white")
        page = _Page(figure, _WIDTH_IN, height_in, words)
        title = words.both("方案比较", "What if", gap="  ")
        page.text(_EDGE_IN, 0.45, f"{title}   {name}", size=16)
        names = list(outcomes[0].variant.values) if outcomes else []
        bars = _bars(page, rows, choice, len(names))
        _values(page, rows, names)
        _figures(page, rows, bars)
        for row, outcome in enumerate(rows):
            if outcome.plan is not None:
                said = _merits(merits_of(outcome, outcomes, choice), words)
                left_in = _WIDTH_IN - _EDGE_IN - _MARKS_IN + 0.1
                page.text(left_in, _row_in(row), said, size=_PLAIN)
        if choice is not None:
            _reason(page, choice)
        save_png(FigureCanvasAgg(figure), path)


def _sorted(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Ways by their longest time, each in all its winds together; the impossible ones last."""
    longest: dict[object, float] = {}
    for each in outcomes:
        key = chosen_values(each)
        longest[key] = max(longest.get(key, 0.0), each.total_s)
    return sorted(
        outcomes,
        key=lambda each: (each.plan is None, longest[chosen_values(each)], chosen_values(each)),
    )


def _row_in(row: int) -> float:
    return _TOP_IN + _ROW_IN * (row + 0.5)


def _bars(page: _Page, rows: Sequence[Outcome], choice: Choice | None, values: int) -> float:
    """Draw the bars; return where their part of the page ends."""
    left_in = _EDGE_IN + values * _VALUE_IN + 0.1
    right_in = _WIDTH_IN - _EDGE_IN - _MARKS_IN - len(_COLUMNS) * _FIGURE_IN
    tall_in = _ROW_IN * max(1, len(rows))
    axes = page.figure.add_axes(
        (
            left_in / _WIDTH_IN,
            1.0 - (_TOP_IN + tall_in) / page.height_in,
            (right_in - left_in) / _WIDTH_IN,
            tall_in / page.height_in,
        )
    )
    longest_min = max((each.total_s for each in rows if each.plan), default=60.0) / 60.0
    for row, outcome in enumerate(rows):
        _bar(axes, row, outcome, best=choice is not None and choice.holds(outcome))
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.22 * longest_min)
    axes.set_yticks([])
    axes.tick_params(labelsize=8.5, colors=_FAINT)
    zh, en = "至全部降落的分钟数（灰色为准备）", "minutes to the last landing (grey: set-up)"
    axes.set_xlabel(page.words.both(zh, en), size=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return right_in


def _bar(axes: Axes, row: int, outcome: Outcome, *, best: bool) -> None:
    if outcome.plan is None:
        why = textwrap.shorten(outcome.refusal, _REASON_LETTERS, placeholder=" …")
        axes.text(0.0, row, f" × {why}", va="center", size=8.5, color="#B42318", clip_on=False)
        return
    colour = aircraft_colour(1 if best else 0)
    setup_min, total_min = outcome.setup_s / 60.0, outcome.total_s / 60.0
    axes.barh(row, setup_min, color=_GREY, height=0.6)
    axes.barh(row, total_min - setup_min, left=setup_min, color=colour, height=0.6)
    axes.text(total_min, row, f" {total_min:.1f}", va="center", size=9)


def _values(page: _Page, rows: Sequence[Outcome], names: Sequence[str]) -> None:
    """The values of each row, under the names of the axes."""
    axes = {axis.name: axis for axis in AXES}
    for column, name in enumerate(names):
        x_in = _EDGE_IN + (column + 0.5) * _VALUE_IN
        unit = f" {axes[name].unit}".rstrip()
        page.heading(x_in, f"{_AXIS_ZH[name]}{unit}", f"{name.capitalize()}{unit}")
        for row, outcome in enumerate(rows):
            page.text(x_in, _row_in(row), outcome.variant.values[name], ha="center")


def _figures(page: _Page, rows: Sequence[Outcome], left_in: float) -> None:
    for column, headings in enumerate(_COLUMNS):
        x_in = left_in + (column + 0.5) * _FIGURE_IN
        page.heading(x_in, *headings)
        for row, outcome in enumerate(rows):
            if outcome.plan is not None:
                page.text(x_in, _row_in(row), _told(outcome)[column], ha="center")


def _told(outcome: Outcome) -> tuple[str, ...]:
    size_cm = outcome.ground_sample_cm
    return (
        str(outcome.batteries),
        "-" if outcome.energy_wh is None else f"{outcome.energy_wh:.0f}",
        f"{outcome.coverage:.1%}",
        f"{size_cm:.1f}" if math.isfinite(size_cm) else "-",
    )


def _merits(merits: Sequence[Merit], words: Words) -> str:
    """What a row is the best in, a star before the one that is chosen."""
    named = [words.both(_MERIT_ZH[merit], merit.value, gap=" ") for merit in merits]
    star = "★ " if Merit.CHOSEN in merits else ""
    return star + ("\n" if words.chinese and words.english else ", ").join(named[:2])


def _reason(page: _Page, choice: Choice) -> None:
    zh = f"推荐：{choice.reason_zh}"
    said = page.words.both(zh, f"Best: {choice.reason}", gap="\n")
    page.text(_EDGE_IN, page.height_in - 0.4, said)
