"""The tables of pictures and clips, and of what they belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base
from events_api.store.models import EventRow


class EvidenceRow(Base):
    """A picture or clip; its bytes lie in a file named by the hash.

    One that is sealed, such as an original before blurring, is opened by named roles only. Of one
    that was removed, as the rules of retention say, the row alone is left.
    """

    __tablename__ = "evidence"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[datetime]
    stored_by: Mapped[str] = mapped_column(String(100))
    sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    removed_at: Mapped[datetime | None]

    @property
    def is_shown_picture(self) -> bool:
        """Whether it is a picture that every reader may see."""
        is_here = self.removed_at is None and not self.sealed
        return is_here and self.media_type.startswith("image/")


class EvidenceUseRow(Base):
    """Which events a picture or clip belongs to: who may see one of them may open it."""

    __tablename__ = "evidence_uses"

    sha256: Mapped[str] = mapped_column(ForeignKey("evidence.sha256"), primary_key=True)
    event_number: Mapped[int] = mapped_column(
        ForeignKey(EventRow.number), primary_key=True, autoincrement=False
    )
