"""The words on a plan's picture, in Chinese, in English, or in both.

Where the machine has no font with Chinese characters they would be empty boxes, so English stands
in their place and the page says why.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from flight.missions import PatrolPlan
from geofences.zones import Zone


class Language(StrEnum):
    """What a picture is written in."""

    CHINESE = "zh"
    ENGLISH = "en"
    BOTH = "both"


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {
    "aircraft": ("无人机", "Aircraft"),
    "sorties": ("架次", "Sorties"),
    "airborne": ("空中时间", "In the air"),
    "distance": ("航程", "Distance"),
    "energy": ("能耗", "Energy"),
    "seen": ("覆盖", "Seen"),
    "all": ("合计", "All"),
    "more_unit": ("其余架数", "more aircraft"),
    "cells_unit": ("个网格", "cells"),
    "last_landing": ("首飞至全部降落", "First take-off to last landing"),
    "coverage": ("覆盖率", "Coverage"),
    "area": ("面积", "Area"),
    "flight": ("高度与速度", "Height, speed"),
    "flight_ground": ("离地高度与速度", "Height above ground, speed"),
    "camera": ("相机与俯仰", "Camera, pitch"),
    "pixel": ("地面分辨率", "Pixel on the ground"),
    "chosen_cells": ("巡查网格", "Cells of this patrol"),
    "lane": ("航线（摄像）", "Lane, camera running"),
    "transit": ("往返航段", "Way out and back"),
    "fence": ("电子围栏", "Fence of the autopilot"),
    "first": ("航线起点（架次号）", "Lanes begin (sortie)"),
    "last": ("航线终点", "Last lane ends"),
    "target": ("巡检目标", "Looked at"),
    "hover": ("悬停点", "Hovers here"),
    "dock": ("机场", "Dock"),
    "no_fly": ("禁飞区", "No-fly zone"),
    "keep_in": ("许可飞行区", "Keep-in zone"),
    "ceiling": ("限高区", "Ceiling"),
    "roadway": ("道路", "Roadway"),
    "no_parking": ("禁停区", "No parking"),
    "no_vending": ("禁止摆卖区", "No vending"),
    "fire_lane": ("消防通道", "Fire lane"),
    "water": ("水域", "Water"),
    "restricted": ("限制区", "Restricted"),
    "advisory": ("提示区", "Advisory"),
    "foot": (
        "高度相对起飞点；坐标系 WGS-84；上北下南",
        "Heights above the take-off point; WGS-84; north is up",
    ),
}
_CHINESE_FROM = 0x2E80  # from here on characters need a Chinese font
_NO_FONT = "No Chinese font on this machine: install one, such as Noto Sans CJK SC."


@dataclass(frozen=True, slots=True)
class Words:
    """The words in the languages that are wanted and can be drawn.

    Attributes:
        chinese: Whether Chinese can be drawn and is wanted.
        english: Whether English is wanted; it stands in for Chinese that cannot be drawn.
        missing: Whether Chinese is wanted and cannot be drawn.
    """

    chinese: bool
    english: bool = True
    missing: bool = False

    @classmethod
    def of(cls, language: Language, *, font: bool) -> "Words":
        """The words of a language on a machine with or without a Chinese font."""
        wanted = language is not Language.ENGLISH
        chinese = wanted and font
        english = language is not Language.CHINESE or not chinese
        return cls(chinese, english, missing=wanted and not font)

    def __call__(self, key: str) -> str:
        """A word, in Chinese first."""
        zh, en = _WORDS[key]
        if key.endswith("_unit"):
            return zh if self.chinese else en
        return self.both(zh, en)

    def both(self, chinese: str, english: str, gap: str = "  ") -> str:
        """A text in the languages that are drawn."""
        if self.chinese and self.english:
            return f"{chinese}{gap}{english}"
        return chinese if self.chinese else english

    def stacked(self, key: str) -> str:
        """A word of a narrow column: one language above the other."""
        return self.both(*_WORDS[key], gap="\n")

    def title(self, name: str) -> str:
        """The headline."""
        return f"{self.both('无人机巡查方案', 'Patrol plan')}: {self.label(name)}"

    def subtitle(self, county: str, plan: PatrolPlan) -> str:
        """Where, which plan, and the day if its name has one."""
        number = self.both("方案编号", "Plan", gap=" ")
        day = _DAY.search(plan.name)
        shown = f"   ·   {day[0]}" if day else ""
        return f"{self.label(county)}   ·   {number} {plan.plan_id}{shown}"

    def foot(self) -> str:
        """The line below everything."""
        return f"{self('foot')}   {_NO_FONT}" if self.missing else self("foot")

    def zone(self, zone: Zone) -> str:
        """A zone's name, and its height where it is one."""
        named = self.chinese and zone.name_zh
        english = self.label(zone.name) if self.english or not named else ""
        name = " ".join(part for part in (zone.name_zh if named else "", english) if part)
        return name if zone.ceiling_m is None else f"{name} ≤ {zone.ceiling_m:g} m"

    def label(self, text: str) -> str:
        """A name in the languages that are drawn.

        Names are often bilingual, as in `1号机场 Dock 1`: the words of the other language are left
        out, unless nothing else would be left.
        """
        if self.chinese and self.english:
            return text
        words = text.split(" ")
        last = max((i for i, word in enumerate(words) if _is_chinese(word)), default=-1)
        if self.chinese:
            return " ".join(words[: last + 1]) or text
        latin = " ".join(words[last + 1 :]).strip()
        return latin or "".join(letter for letter in text if not _is_chinese(letter)).strip()


def _is_chinese(text: str) -> bool:
    return any(ord(letter) >= _CHINESE_FROM for letter in text)


def duration(seconds: float) -> str:
    """Hours where there are any, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
