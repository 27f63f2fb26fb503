"""Papers as Word documents: everything is there, blanks are seen, names break nothing."""

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from flight.errors import PlanFileError
from flight.papers.content import (
    BLANK,
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
from flight.papers.word import write_paper


def picture() -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(file)
    return file.getvalue()


BLOCKS: tuple[Block, ...] = (
    Heading("一、申请人"),
    Facts((("申请单位", "柳桥镇"), ("电话", BLANK))),
    Paragraph(f"签章：{BLANK}　日期：{BLANK}"),
    Table(("角点", "经度"), (("1", "E115°"), ("2", "E116°")), (0.3, 0.7)),
    Checks(("已在UOM查询。",)),
    PageBreak(),
    Picture(picture(), "示意图"),
)


def written(folder: Path, *blocks: Block) -> Any:
    """A document of some blocks, read back."""
    write_paper(Paper("申请书", blocks, "方案 1"), folder / "a.docx")
    return Document(str(folder / "a.docx"))


def test_every_block_stands_in_the_document(tmp_path: Path) -> None:
    """In its order, with title and foot."""
    document = written(tmp_path, *BLOCKS)
    texts = [paragraph.text for paragraph in document.paragraphs if paragraph.text.strip()]
    assert texts == [
        "申请书",
        "一、申请人",
        f"签章：{BLANK}　日期：{BLANK}",
        "□　已在UOM查询。",
        "示意图",
    ]
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert cells == [
        ["申请单位", "柳桥镇"],
        ["电话", BLANK],
        ["角点", "经度"],
        ["1", "E115°"],
        ["2", "E116°"],
    ]
    assert len(document.inline_shapes) == 1
    assert document.sections[0].footer.paragraphs[0].text.startswith("方案 1　第")
    assert round(document.sections[0].page_width.cm, 1) == 21.0


def test_blanks_are_marked_and_nothing_else_is(tmp_path: Path) -> None:
    """In yellow, so that none is overlooked."""
    document = written(tmp_path, *BLOCKS)
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    runs += [r for t in document.tables for c in t._cells for p in c.paragraphs for r in p.runs]
    marked = [run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert marked == [BLANK] * 3


def test_headings_of_long_tables_are_repeated(tmp_path: Path) -> None:
    """On every page; tables of facts have none."""
    facts, table = written(tmp_path, *BLOCKS).tables
    assert "tblHeader" in table.rows[0]._tr.xml
    assert "tblHeader" not in facts.rows[0]._tr.xml


@settings(max_examples=30)
@given(st.text(max_size=20))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """What XML cannot hold is left out."""
    folder = tmp_path_factory.mktemp("word")
    document = written(folder, Paragraph(text), Facts(((text, text),)))
    assert len(document.tables) == 1


def test_a_document_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(PlanFileError, match=r"nowhere/a\.docx cannot be written"):
        write_paper(Paper("a", (), ""), tmp_path / "nowhere" / "a.docx")
