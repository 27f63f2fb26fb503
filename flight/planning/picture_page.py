"""What every picture has in common: fonts that the machine has, and files written whole."""

import io
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg

from flight.errors import PlanFileError
from flight.formats.writing import write_bytes

INK = "#1F2933"

_CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Droid Sans Fallback",
)
_PNG_IS_THE_SAME = {"Software": None}  # else the file names the version that drew it


def cjk_font() -> str | None:
    """A font with Chinese characters that this machine has; None without one."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((font for font in _CJK_FONTS if font in known), None)


def page_style() -> dict[str, Any]:
    """Settings of matplotlib for a page."""
    families = [font for font in (cjk_font(), "DejaVu Sans") if font is not None]
    return {
        "font.family": families,
        # Names are text: two dollar signs in one would be read as a formula, and fail as one.
        "text.parse_math": False,
        "hatch.linewidth": 0.9,
        "text.color": INK,
        "axes.labelcolor": INK,
    }


def save_png(canvas: FigureCanvasAgg, path: Path) -> None:
    """Write a picture whole or not at all.

    Raises:
        PlanFileError: If it cannot be written; what stood there stays.
    """
    picture = io.BytesIO()
    canvas.print_png(picture, metadata=_PNG_IS_THE_SAME)
    try:
        write_bytes(picture.getvalue(), path)
    except PlanFileError as error:
        raise PlanFileError(f"The picture {error}") from error
