"""What an applicant says that no plan knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from flight.papers.content import BLANK

_BEIJING = timezone(timedelta(hours=8))  # one clock for all of China, without summer time


@dataclass(frozen=True, slots=True)
class Details:
    """What an applicant says; everything left empty becomes a blank to fill in by hand.

    Attributes:
        applicant: Unit or person that applies.
        identity: Its unified social credit code or identity number.
        contact: Who can be reached.
        phone: Where, during the flights.
        operator: Who is in charge of the flights on site.
        operator_licence: Their licence.
        purpose: What the flights are for.
        model: Of the aircraft.
        registrations: Real-name registration marks, one for each aircraft.
        mass_class: 微型, 轻型, 小型, 中型 or 大型.
        starts_at: Take-off of the first flight.
        ends_at: Landing of the last one at the latest.
    """

    applicant: str = ""
    identity: str = ""
    contact: str = ""
    phone: str = ""
    operator: str = ""
    operator_licence: str = ""
    purpose: str = ""
    model: str = ""
    registrations: tuple[str, ...] = ()
    mass_class: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def filled(text: str) -> str:
    """A text, or a blank where it is empty."""
    return text.strip() or BLANK


def moment(when: datetime | None) -> str:
    """A moment as Chinese papers write it, by the clocks of Beijing, or a blank.

    Args:
        when: With its time zone, which may be that of a computer elsewhere.
    """
    if when is None:
        return f"{BLANK}年＿＿月＿＿日＿＿时＿＿分（北京时间）"
    there = when.astimezone(_BEIJING)
    day = f"{there.year}年{there.month}月{there.day}日"
    return f"{day}{there.hour:02d}时{there.minute:02d}分（北京时间）"
