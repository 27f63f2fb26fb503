"""`patrol deliver`: what waits goes out, what is refused is named, nothing is lost."""

from events_api.client import EventApiClient
from events_api.outbox import Outbox
from events_api.roles import Role
from events_api.schemas import Report
from tests.patrol.conftest import LiveApi, Terminal
from tests.patrol.reports import PICTURE, report


def put(terminal: Terminal, *reports: Report) -> None:
    """Keep reports in the machine's outbox."""
    with Outbox(terminal.home / "outbox") as outbox:
        for each in reports:
            outbox.put(each, [PICTURE])


def pending(terminal: Terminal) -> int:
    """Return how many reports wait."""
    with Outbox(terminal.home / "outbox") as outbox:
        return outbox.pending()


def test_an_empty_outbox_is_no_failure(terminal: Terminal) -> None:
    """Nothing waits, so nobody needs to answer."""
    said = terminal("deliver")
    assert (said.code, said.out, said.err) == (0, "0 reports delivered, 0 wait.\n", "")


def test_what_waits_is_delivered_once(terminal: Terminal, live_api: LiveApi) -> None:
    """All of it becomes events, and a second delivery finds nothing to do."""
    put(terminal, report(lat_deg=33.16), report(lat_deg=33.17))
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert terminal("deliver").out == "2 reports delivered, 0 wait.\n"
    assert terminal("deliver").out == "0 reports delivered, 0 wait.\n"
    with EventApiClient(live_api.url, live_api.tokens[Role.ACCEPTOR]) as client:
        assert len(list(client.events())) == 2


def test_while_nobody_answers_everything_waits(terminal: Terminal) -> None:
    """The sentence names the address and says how to start the API."""
    put(terminal, report())
    said = terminal("deliver")
    assert (said.code, said.out) == (1, "0 reports delivered, 1 wait.\n")
    assert "No event API answers at http://127.0.0.1:9" in said.err
    assert "`patrol serve`" in said.err
    assert pending(terminal) == 1


def test_a_wrong_token_is_told_and_everything_waits(terminal: Terminal, live_api: LiveApi) -> None:
    """The reports go out once a person has given another token."""
    put(terminal, report())
    terminal.speak_to(live_api.url, "wrong")
    said = terminal("deliver", "--json")
    assert said.code == 1
    assert said.lines == [{"delivered": 0, "waiting": 1, "refused": []}]
    assert "turns this token away" in said.err
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert terminal("deliver").out == "1 reports delivered, 0 wait.\n"


def test_a_refused_report_is_named_and_set_aside(terminal: Terminal, live_api: LiveApi) -> None:
    """The others go out; the refused one is told with the API's reason each time."""
    bad = report(code="99999")
    put(terminal, bad, report())
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    said = terminal("deliver")
    assert (said.code, said.out) == (1, "1 reports delivered, 0 wait.\n")
    assert f"Refused: report {bad.report_id}: " in said.err
    assert "99999" in said.err
    (row,) = terminal("deliver", "--json").lines
    assert [each["report"] for each in row["refused"]] == [str(bad.report_id)]  # type: ignore[attr-defined]


def test_a_refused_report_is_tried_again_if_asked(terminal: Terminal, live_api: LiveApi) -> None:
    """--revive puts it back in the line; what the API still refuses is set aside again."""
    bad = report(code="99999")
    put(terminal, bad)
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    terminal("deliver")
    terminal.speak_to("http://127.0.0.1:9", "any")
    assert terminal("deliver", "--revive").out == "0 reports delivered, 1 wait.\n"
    terminal.speak_to(live_api.url, live_api.tokens[Role.MACHINE])
    assert "99999" in terminal("deliver").err
