"""`patrol audit`: what was done, and the first row that is not as it was written."""

import json

import pytest

from events_api.roles import Role
from patrol.serving import own_database
from patrol.settings import Settings
from tests.patrol.conftest import Terminal


@pytest.fixture
def audited(terminal: Terminal) -> Terminal:
    """A terminal at a machine on which four tokens were issued and one revoked."""
    for number in range(4):
        terminal("token", "add", f"uav-{number}", "--role", Role.MACHINE.value)
    terminal("token", "revoke", "uav-3")
    return terminal


def tamper(terminal: Terminal, *statements: str) -> None:
    """Change the database as somebody who has its file would."""
    with own_database(Settings(terminal.home)) as database, database.write() as session:
        connection = session.connection()
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_keeps_{verb}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_sound_audit_prints_its_end(audited: Terminal) -> None:
    """To be noted elsewhere, and given as an anchor the next time."""
    said = audited("audit", "verify")
    assert (said.code, "5 rows are as written" in said.out) == (0, True)
    anchor = said.out.splitlines()[-1]
    assert audited("audit", "verify", "--anchor", anchor).code == 0


def test_a_machine_is_told_in_json(audited: Terminal) -> None:
    """Sound or not, and where it ends."""
    (row,) = audited("audit", "verify", "--json").lines
    assert (row["sound"], row["broken"]) == (True, None)
    tamper(audited, "UPDATE audit SET actor = 'x' WHERE number = 2")
    said = audited("audit", "verify", "--json")
    assert (said.code, said.lines[0]["sound"]) == (1, False)
    assert "row 2 was changed" in str(said.lines[0]["broken"])


def test_the_first_broken_row_is_named(audited: Terminal) -> None:
    """With what to do."""
    tamper(audited, "DELETE FROM audit WHERE number = 3")
    said = audited("audit", "verify")
    assert said.code == 1
    assert "row 3 is missing: row 4 follows row 2; 2 before it are as written" in said.err
    assert "newest backup" in said.err


def test_an_anchor_finds_rows_cut_off_the_end(audited: Terminal) -> None:
    """Even with the head set back, which the chain alone cannot see."""
    anchor = audited("audit", "verify").out.splitlines()[-1]
    tamper(
        audited,
        "DELETE FROM audit WHERE number > 3",
        "UPDATE audit_head SET number = 3, sha256 = (SELECT sha256 FROM audit WHERE number = 3)",
    )
    assert audited("audit", "verify").code == 0
    said = audited("audit", "verify", "--anchor", anchor)
    assert (said.code, "row 4 is missing: the anchor names row 5" in said.err) == (1, True)


@pytest.mark.parametrize("anchor", ["", "5", "5:abc", "x:" + "0" * 64])
def test_what_is_no_anchor_is_refused(audited: Terminal, anchor: str) -> None:
    """The sentence says where to find one."""
    said = audited("audit", "verify", "--anchor", anchor)
    assert (said.code, "is not NUMBER:SHA256" in said.err) == (1, True)


def test_what_was_done_is_shown_newest_first(audited: Terminal) -> None:
    """Who did it, what and to what, with all that is sealed."""
    rows = json.loads(audited("audit", "show", "--json").out)
    assert [(row["number"], row["action"], row["subject"]) for row in rows] == [
        (5, "token.revoked", "token:uav-3"),
        *((number, "token.issued", f"token:uav-{number - 1}") for number in (4, 3, 2, 1)),
    ]
    assert rows[1]["content"] == {"role": "machine", "scope": "everywhere"}
    assert rows[0]["sha256"] in audited("audit", "verify").out
    shown = audited("audit", "show", "--limit", "2")
    assert "token:uav-3" in shown.out
    assert "uav-0" not in shown.out
    assert "There are more" in shown.err


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--subject", "token:uav-3"), [5, 4]),
        (("--action", "token.revoked"), [5]),
        (("--action", "token", "--subject", "token:uav-0"), [1]),
        (("--action", "tok"), []),
        (("--actor", "console", "--limit", "1"), [5]),
        (("--actor", "nobody"), []),
        (("--since", "2999-01-01"), []),
        (("--since", "2000-01-01T00:00Z", "--action", "token.revoked"), [5]),
    ],
)
def test_the_audit_is_looked_through(
    audited: Terminal, options: tuple[str, ...], numbers: list[int]
) -> None:
    """By who, what, to what and since when; several narrow it down together."""
    rows = json.loads(audited("audit", "show", "--json", *options).out)
    assert [row["number"] for row in rows] == numbers


def test_a_time_that_is_none_is_refused(audited: Terminal) -> None:
    """With how one is written."""
    said = audited("audit", "show", "--since", "yesterday")
    assert (said.code, "'yesterday' is no time; write 2026-07-01" in said.err) == (1, True)
