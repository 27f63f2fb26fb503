"""What a person probably meant by a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(word: str, known: Iterable[str], alike: float) -> str:
    """Ask about the known word that is nearest; empty where none is near.

    Args:
        word: as it was written.
        known: words that would have been understood.
        alike: how near a known word must be, from 0 to 1.
    """
    near = get_close_matches(word, list(known), n=1, cutoff=alike)
    return f"did you mean {near[0]}?" if near else ""
