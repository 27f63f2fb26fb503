"""Status texts come whole, in chunks, or with chunks lost."""

from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.status_texts import StatusTexts


def chunk(text: str, text_id: int = 0, seq: int = 0) -> Message:
    """Return one STATUSTEXT."""
    return Message("STATUSTEXT", {"text": text, "id": text_id, "chunk_seq": seq})


def test_a_short_text_is_whole() -> None:
    """Most texts come in one message."""
    assert StatusTexts().receive(chunk("Arm: Need Position Estimate")) == (
        "Arm: Need Position Estimate"
    )


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_a_long_text_is_put_together(text: str) -> None:
    """Chunks of fifty, the last one shorter."""
    texts = StatusTexts()
    parts = [text[i : i + 50] for i in range(0, len(text) + 1, 50)]
    told = [texts.receive(chunk(part, 7, i)) for i, part in enumerate(parts)]
    assert told[-1] == text
    assert set(told[:-1]) <= {None}


def test_a_lost_chunk_leaves_a_gap_that_shows() -> None:
    """Better a text with a hole than none."""
    texts = StatusTexts()
    texts.receive(chunk("a" * 50, 3, 0))
    assert texts.receive(chunk("end", 3, 2)) == "a" * 50 + "…" + "end"


def test_texts_never_finished_are_forgotten() -> None:
    """A bad radio does not fill the memory, and later texts are still told."""
    texts = StatusTexts()
    for text_id in range(1, 200):
        assert texts.receive(chunk("b" * 50, text_id, 0)) is None
    assert texts.receive(chunk("fine", 1, 0)) == "fine"
