"""What a paper consists of, whatever program it is written for."""

from dataclasses import dataclass

BLANK = "＿＿＿＿＿＿＿＿"
"""Stands where a person must write something."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values side by side."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings.

    Attributes:
        headings: Of the columns.
        rows: As many cells each.
        widths: Share of the page that each column takes.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """What a person must still check, each with a box to tick."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in the text."""

    png: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | Checks | Picture | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper.

    Attributes:
        title: At its head.
        blocks: In reading order.
        foot: On every page.
    """

    title: str
    blocks: tuple[Block, ...]
    foot: str
