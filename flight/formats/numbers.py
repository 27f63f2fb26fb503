"""Numbers and texts as files of other programs can hold them."""

import numpy as np

_LOWEST_PRINTED = 0x20
_ALLOWED_BELOW = "\t\n\r"
_NOT_CHARACTERS = ("\ufffe", "\uffff")


def plain(number: float) -> str:
    """A number in as many digits as it needs, never as a power of ten.

    What is read back from it is the same number, to the last bit.
    """
    # Adding zero turns -0.0 into 0.0, which some readers take for text.
    return np.format_float_positional(float(number) + 0.0, trim="-")


def xml_text(text: str) -> str:
    """A text without the characters that XML 1.0 cannot hold at all (section 2.2)."""
    return "".join(letter for letter in text if _fits_xml(letter))


def _fits_xml(letter: str) -> bool:
    printed = ord(letter) >= _LOWEST_PRINTED or letter in _ALLOWED_BELOW
    lone_surrogate = 0xD800 <= ord(letter) <= 0xDFFF
    return printed and not lone_surrogate and letter not in _NOT_CHARACTERS
