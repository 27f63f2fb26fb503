"""Papers as Word documents."""

import io
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from flight.formats.numbers import xml_text
from flight.formats.writing import write_bytes
from flight.papers.content import (
    Block,
    Checks,
    Facts,
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Picture,
    Table,
)

Part = Any  # python-docx has no types

_SONG, _HEI, _LATIN = "宋体", "黑体", "Times New Roman"
_PAGE_CM, _MARGIN_CM = (21.0, 29.7), 2.3
_WIDTH_CM = _PAGE_CM[0] - 2 * _MARGIN_CM
_LINE = "＿"
_BOX = "□"


def write_paper(paper: Paper, path: Path) -> None:
    """Write a paper as a Word document on A4.

    Args:
        paper: What it says.
        path: Where; it should end in `.docx`.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    document = Document()
    _page(document, paper)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, paper.title, size=20, font=_HEI, bold=True)
    for block in paper.blocks:
        _block(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    write_bytes(buffer.getvalue(), path)


def _page(document: Part, paper: Paper) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(11)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _SONG)
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(_PAGE_CM[0]), Cm(_PAGE_CM[1])
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(_MARGIN_CM))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, f"{paper.foot}　第", size=8.5)
    _page_number(foot)
    _run(foot, "页", size=8.5)
    properties = document.core_properties
    properties.title, properties.author = xml_text(paper.title), "Gridpatrol"
    properties.language = "zh-CN"


def _block(document: Part, block: Block) -> None:
    match block:
        case Heading():
            made = document.add_paragraph(style="Heading 2")
            made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(12), Pt(4)
            _run(made, block.text, size=14, font=_HEI, bold=True)
        case Paragraph():
            made = document.add_paragraph()
            made.paragraph_format.space_after = Pt(4)
            _run(made, block.text)
        case Facts():
            _table(document, (), block.rows, (0.34, 0.66))
        case Table():
            _table(document, block.headings, block.rows, block.widths)
        case Checks():
            for text in block.items:
                made = document.add_paragraph()
                made.paragraph_format.left_indent = Cm(0.75)
                made.paragraph_format.first_line_indent = Cm(-0.75)
                made.paragraph_format.space_after = Pt(3)
                _run(made, f"{_BOX}　{text}")
        case Picture():
            document.add_picture(io.BytesIO(block.png), width=Cm(_WIDTH_CM))
            caption = document.add_paragraph()
            caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(caption, block.caption, size=9.5)
        case PageBreak():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _table(
    document: Part,
    headings: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    widths: tuple[float, ...],
) -> None:
    lines = [headings, *rows] if headings else list(rows)
    table = document.add_table(len(lines), len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for number, (line, row) in enumerate(zip(lines, table.rows, strict=True)):
        heading = bool(headings) and number == 0
        for text, cell, share in zip(line, row.cells, widths, strict=True):
            cell.width = Cm(_WIDTH_CM * share)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            _run(paragraph, text, size=10, bold=heading)
    if headings:
        _repeat(table.rows[0])
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _run(
    paragraph: Part, text: str, *, size: float = 11, font: str = _SONG, bold: bool = False
) -> None:
    """Add text; what has to be filled in by hand is marked in yellow."""
    blank = False
    for piece in _pieces(xml_text(text)):
        run = paragraph.add_run(piece)
        run.bold = bold
        run.font.size, run.font.name = Pt(size), _LATIN
        run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        blank = piece.startswith(_LINE)
        if blank:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _pieces(text: str) -> list[str]:
    """A text cut where blanks begin and end."""
    pieces: list[str] = []
    for letter in text:
        if pieces and pieces[-1].startswith(_LINE) == (letter == _LINE):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _repeat(row: Part) -> None:
    """Let a table's headings stand on each of its pages."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no other way


def _page_number(paragraph: Part) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(8.5)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run.element.append(mark)
