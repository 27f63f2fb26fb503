"""The words on a plan's picture, in Chinese and English, or in English alone.

Where the machine has no font with Chinese characters they would be empty boxes, so they are left
out.
"""

from dataclasses import dataclass

from flight.missions import PatrolPlan
from geofences.zones import Zone

_WORDS = {
    "time": ("时间", "Time"),
    "time_longest": ("总时间", "Time, all together"),
    "distance": ("航程", "Distance"),
    "lanes": ("航线", "Lanes"),
    "cells": ("单元网格", "Cells seen"),
    "cells_unit": ("个网格", "cells"),
    "coverage": ("覆盖率", "Coverage"),
    "together": ("合计", "Whole patrol"),
    "area": ("面积", "Area"),
    "flight": ("高度与速度", "Height, speed"),
    "camera": ("相机与俯仰", "Camera, pitch"),
    "chosen_cells": ("巡查网格", "Cells of this patrol"),
    "lane": ("航线（摄像）", "Lane, camera running"),
    "transit": ("往返航段", "Way out and back"),
    "fence": ("电子围栏", "Fence of the autopilot"),
    "first": ("航线起点", "First lane begins"),
    "last": ("航线终点", "Last lane ends"),
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
}
_CHINESE_FROM = 0x2E80  # from here on characters need a Chinese font


@dataclass(frozen=True, slots=True)
class Words:
    """The words in the languages that can be drawn."""

    chinese: bool

    def __call__(self, key: str) -> str:
        """A word, in Chinese first where that can be drawn."""
        zh, en = _WORDS[key]
        if key.endswith("_unit"):
            return zh if self.chinese else en
        return f"{zh}  {en}" if self.chinese else en

    def title(self, name: str) -> str:
        """The headline."""
        plain = label(name, chinese=self.chinese)
        return f"无人机巡查方案  Patrol plan: {plain}" if self.chinese else f"Patrol plan: {plain}"

    def subtitle(self, county: str, plan: PatrolPlan) -> str:
        """Where, and which plan."""
        where = label(county, chinese=self.chinese)
        number = "方案编号 Plan" if self.chinese else "Plan"
        return f"{where}   ·   {number} {plan.plan_id}"

    def zone(self, zone: Zone) -> str:
        """A zone's name."""
        english = label(zone.name, chinese=self.chinese)
        return f"{zone.name_zh} {english}" if self.chinese and zone.name_zh else english


def label(text: str, *, chinese: bool) -> str:
    """A name without the characters that cannot be drawn."""
    if chinese:
        return text
    return "".join(letter for letter in text if ord(letter) < _CHINESE_FROM).strip()


def duration(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
