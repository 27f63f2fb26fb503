"""A slip is asked about by the word that was probably meant."""

from patrol.meant import meant


def test_the_nearest_word_is_asked_about_and_none_that_is_far() -> None:
    """How near it must be is said where it is asked."""
    known = ("smoke", "smoke_plume", "fire")
    assert meant("somke", known, 0.75) == "did you mean smoke?"
    assert meant("somke", known, 0.9) == ""
    assert meant("elephant", known, 0.6) == ""
