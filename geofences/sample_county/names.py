"""Invented names of towns and villages, in Chinese and in pinyin."""

from __future__ import annotations

import random
from typing import NamedTuple


class PlaceName(NamedTuple):
    """A name in both languages."""

    chinese: str
    pinyin: str

    def with_suffix(self, suffix: str) -> str:
        """Both names in one, such as 柳桥村 Liuqiao."""
        return f"{self.chinese}{suffix} {self.pinyin}"


DEMO_VILLAGE = PlaceName("柳桥", "Liuqiao")

TOWNS = (
    PlaceName("示例城关", "Shili Chengguan"),
    PlaceName("清溪", "Qingxi"),
    PlaceName("石门", "Shimen"),
    PlaceName("长堰", "Changyan"),
    PlaceName("鹤鸣", "Heming"),
    PlaceName("白露", "Bailu"),
    PlaceName("望湖", "Wanghu"),
    PlaceName("金穗", "Jinsui"),
    PlaceName("双塔", "Shuangta"),
    PlaceName("云集", "Yunji"),
    PlaceName("梅岭", "Meiling"),
    PlaceName("枫林", "Fenglin"),
    PlaceName("南河", "Nanhe"),
    PlaceName("稻香", "Daoxiang"),
    PlaceName("古渡", "Gudu"),
    PlaceName("青荷", "Qinghe"),
)

_FIRST = (
    ("杨", "Yang"),
    ("李", "Li"),
    ("王", "Wang"),
    ("赵", "Zhao"),
    ("高", "Gao"),
    ("大", "Da"),
    ("小", "Xiao"),
    ("东", "Dong"),
    ("西", "Xi"),
    ("前", "Qian"),
    ("后", "Hou"),
    ("新", "Xin"),
    ("三", "San"),
    ("红", "Hong"),
    ("黄", "Huang"),
)
_SECOND = (
    ("庄", "zhuang"),
    ("楼", "lou"),
    ("营", "ying"),
    ("湾", "wan"),
    ("寨", "zhai"),
    ("塘", "tang"),
    ("岗", "gang"),
    ("店", "dian"),
    ("坡", "po"),
    ("桥", "qiao"),
    ("庙", "miao"),
    ("圩", "wei"),
)


def village_names(rng: random.Random) -> list[PlaceName]:
    """Names for 180 villages, none twice, in an order that `rng` decides."""
    names = [
        PlaceName(first + second, first_pinyin + second_pinyin)
        for first, first_pinyin in _FIRST
        for second, second_pinyin in _SECOND
    ]
    rng.shuffle(names)
    return names
