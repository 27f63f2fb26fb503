"""`patrol plan application`: the papers for the airspace authority."""

from docx import Document

from tests.patrol.builders import CODES, edited
from tests.patrol.conftest import Terminal


def test_an_application_is_written_with_what_was_said(county_terminal: Terminal) -> None:
    """The picture is in it, and the number of blanks is told."""
    county_terminal("plan", "--cell", CODES[0], "--aircraft", "uav-1@dock-1")
    said = county_terminal(
        "plan",
        "application",
        "plan.json",
        "--applicant",
        "柳桥镇",
        "--mass-class",
        "轻型",
        "--at",
        "2026-11-25T08:30+08:00",
    )
    assert said.code == 0
    assert "Application written to 申请.docx; " in said.out
    assert "blanks are left to fill in" in said.out
    document = Document(str(county_terminal.folder / "申请.docx"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for words in ("柳桥镇", "轻型", "2026年11月25日08时30分（北京时间）", "uav-1"):
        assert words in cells
    assert len(document.inline_shapes) == 1


def test_a_plan_that_must_not_fly_gets_no_application(county_terminal: Terminal) -> None:
    """Nor does a mass class that does not exist."""
    county_terminal("plan", "--cell", CODES[0], "--aircraft", "uav-1@dock-1")
    said = county_terminal("plan", "application", "plan.json", "--mass-class", "heavy")
    assert (said.code, "write one of 微型, 轻型" in said.err) == (1, True)
    edited(county_terminal.folder / "plan.json", "missions.0.items.0.height_home_m", 500.0)
    said = county_terminal("plan", "application", "plan.json")
    assert (said.code, "this plan must not fly" in said.err) == (1, True)
    assert not (county_terminal.folder / "申请.docx").exists()
