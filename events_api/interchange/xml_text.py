"""Text as XML can hold it."""

from __future__ import annotations

import re

NOT_OF_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (section 2.2): control characters, surrogates, U+FFFE, U+FFFF."""


def xml_text(text: str) -> str:
    """Leave out what XML has no words for; a report may hold it."""
    return NOT_OF_XML.sub("", text)
