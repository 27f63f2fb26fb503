"""`patrol figures`: a month as a table, JSON and CSV."""

import httpx

from events_api.roles import Role
from tests.events_api.factories import report_json
from tests.patrol.conftest import LiveApi, Terminal


def test_figures_are_counted_and_written(terminal: Terminal, live_api: LiveApi) -> None:
    """As a table, JSON and CSV."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.SUPERVISOR])
    headers = {"Authorization": f"Bearer {live_api.tokens[Role.SUPERVISOR]}"}
    httpx.post(f"{live_api.url}/reports", json=report_json(), headers=headers)
    said = terminal("figures", "--by", "town", "--csv", "f.csv")
    assert "341299001" in said.out
    assert "Asia/Shanghai" in said.out
    lines = (terminal.folder / "f.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("month,key,reported,closed,in_time,overtime,without_limit,repeat")
    assert [line.split(",")[1:4] for line in lines[1:]] == [
        ["341299001", "1", "0"],
        ["all", "1", "0"],
    ]
    (counted,) = terminal("figures", "--month", "2020-01", "--json").lines
    assert (counted["month"], counted["groups"]) == ("2020-01", [])
    assert "no month" in terminal("figures", "--month", "May").err
    assert "ends in .csv" in terminal("figures", "--csv", "f.xls").err


def test_who_has_no_token_is_told_where_to_put_one(terminal: Terminal, live_api: LiveApi) -> None:
    """And who has a wrong one, where it came from."""
    for token, words in (("", "GRIDPATROL_TOKEN is not set"), ("wrong", "The token that is sent")):
        terminal.speak_to(live_api.url, token)
        said = terminal("figures")
        assert (said.code, words in said.err) == (1, True), said.err
