"""Flames break into pieces and come and go, and are one fire."""

from tests.vision.rules.judging import FIRE, Pass, rule
from vision.rules.schema import load_rules


def test_flames_in_pieces_are_one_fire() -> None:
    """Pieces that come and go count together by the frames in which any of them burns."""
    fire = rule("presence", ["fire"], once_per_view=True, min_seconds=2, min_looks=8)
    watch = Pass((fire,))
    for i in range(60):
        watch.see((i // 4 + 1, 100 + 90 * (i // 4 % 3), 100, FIRE))
    assert len(watch.found) == 1


def test_a_flash_is_no_fire() -> None:
    """Half a second of something that looks like fire, again and again, stays unsaid."""
    watch = Pass(load_rules(), hz=10)
    for i in range(300):
        watch.see(*([(i // 20 + 1, 100, 100, FIRE)] if i % 20 < 5 else []))
    assert watch.found == []


def test_a_finding_says_in_how_many_frames_flicker_told_it() -> None:
    """The score is then of something else: whoever reads it must know."""
    watch = Pass((rule("presence", ["fire"], once_per_view=True, min_seconds=2),))
    for step in range(12):
        watch.see((1, 0, 0, FIRE), flicker_from=0 if step % 2 else None)
    (finding,) = watch.found
    assert "fire in 11 of 11 frames" in finding.why
    assert finding.why.endswith("; in 5 told by its flicker, as sure as the smoke beside it")
