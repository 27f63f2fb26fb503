"""The application says what the plan knows, leaves blank what it cannot, and hides no doubt."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from flight.missions import PatrolPlan, RallyPoint
from flight.papers.application import application
from flight.papers.content import BLANK, Checks, Facts, Heading, Paper, Paragraph, Picture, Table
from flight.papers.details import Details
from flight.papers.zone_touches import touches
from flight.planning.link_checks import farthest_m
from flight.planning.planner import plan_patrol
from geofences.active_times import ActivePeriod, ActiveTimes
from geofences.checks import Finding, Severity
from geofences.county import County
from geofences.heights import Height, HeightReference
from geofences.terrain import FlatTerrain, Terrain
from geofences.zones import ZoneIndex, ZoneKind
from tests.flight.planning.scenes import county, place, request, zone

POWER = replace(zone(shapely.box(250.0, 150.0, 330.0, 230.0)), name_zh="变电站")
GROUND = county([POWER])
PLAN = plan_patrol(GROUND, request(GROUND))
SAID = Details(
    applicant="柳桥镇综合执法队",
    phone="0558-0000000",
    model="M30T",
    registrations=("UAS00000001",),
    mass_class="轻型",
    starts_at=datetime(2026, 11, 25, 8, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
)


def paper(
    plan: PatrolPlan = PLAN,
    ground: County = GROUND,
    said: Details = SAID,
    terrain: Terrain | None = None,
) -> Paper:
    """The application for a plan."""
    return application(plan, ground, said, b"png", terrain)


def facts(made: Paper) -> dict[str, str]:
    """All names and values."""
    return {k: v for block in made.blocks if isinstance(block, Facts) for k, v in block.rows}


def text(made: Paper) -> str:
    """All running text and all points to check."""
    lines = [b.text for b in made.blocks if isinstance(b, Paragraph)]
    return "\n".join(lines + [i for b in made.blocks if isinstance(b, Checks) for i in b.items])


def table(made: Paper, heading: str) -> Table:
    """The first table that has a column."""
    return next(b for b in made.blocks if isinstance(b, Table) and heading in b.headings)


def test_the_paper_has_what_the_rules_ask_for() -> None:
    """Applicant, aircraft, airspace, zones, places, measures, links, checks, map and route."""
    headings = [block.text for block in paper().blocks if isinstance(block, Heading)]
    assert [heading[:2] for heading in headings] == [
        *(f"{n}、" for n in "一二三四五六七八九"),
        "附件",
        "附件",
    ]
    assert [block.png for block in paper().blocks if isinstance(block, Picture)] == [b"png"]


def test_what_is_said_is_filled_in_and_the_rest_is_blank() -> None:
    """Nothing is made up."""
    found = facts(paper())
    assert (found["申请单位（个人）"], found["飞行期间联系电话"]) == (
        "柳桥镇综合执法队",
        "0558-0000000",
    )
    assert found["联系人"] == found["操控员执照编号"] == BLANK
    # Said by the clock of a computer in another zone; the paper is read in Beijing's.
    assert found["计划开始时间"] == "2026年11月25日16时30分（北京时间）"
    nothing = facts(paper(said=Details()))
    assert nothing["申请单位（个人）"] == BLANK
    assert BLANK in nothing["计划开始时间"]
    assert "巡查" in nothing["飞行目的"]


def test_each_aircraft_has_a_row() -> None:
    """With its registration in the order given; unknown ones are blank."""
    rows = table(paper(), "实名登记标志").rows
    assert rows[0] == ("drone-1", "M30T", "轻型", "UAS00000001", BLANK, "dock-1")
    assert (rows[1][0], rows[1][3]) == ("drone-2", BLANK)


def test_corners_and_routes_are_in_degrees_minutes_and_seconds() -> None:
    """In WGS-84, said aloud, and not in shifted coordinates."""
    made = paper()
    corners = table(made, "角点")
    assert len(corners.rows) >= 3
    assert all(row[1].startswith("E115°3") for row in corners.rows)
    assert "WGS-84" in text(made)
    assert "CGCS2000" in text(made)
    assert "不是GCJ-02" in text(made)
    route = table(made, "相对高度").rows
    assert (route[0][0], route[0][3], route[0][4]) == ("1", "40米", "70米")
    assert len(set(route)) == len(route)


def test_heights_above_ground_are_told_only_where_they_are_known() -> None:
    """Otherwise they are left open and put on the list."""
    alone = plan_patrol(GROUND, request(GROUND, 1))
    assert "真高待核" in facts(paper())["飞行高度"]
    assert "未加载高程数据" in text(paper())
    known = paper(alone, terrain=FlatTerrain(25.0))
    assert facts(known)["飞行高度"] == "相对起飞点40米，海拔70米，真高45米"
    assert "未加载高程数据" not in text(known)
    assert "属于管制空域" in text(paper(terrain=FlatTerrain(-60.0)))


def test_zones_are_named_with_how_they_lie() -> None:
    """And the published range stays the authority's."""
    made = paper()
    assert table(made, "性质").rows == (
        ("变电站", "禁飞区", "全部高度", "长期", "与申请空域相交，航线不进入"),
    )
    assert "与1个禁飞区相交，航线均不进入" in text(made)
    assert "查询结果为准" in text(made)
    free = county()
    clear = paper(plan_patrol(free, request(free)), free)
    assert "未发现申请空域与禁飞区相交" in text(clear)
    crossed = replace(GROUND, zones=ZoneIndex([zone(shapely.box(0.0, 0.0, 300.0, 200.0))]))
    assert "航线穿越1个禁飞区，须经批准" in text(paper(ground=crossed))


def test_zones_have_their_heights_and_times() -> None:
    """As far as they can be told."""
    area = PLAN.missions[0].fence.inclusion
    limits = replace(
        POWER,
        lower=Height(50.0, HeightReference.GROUND),
        upper=Height(300.0, HeightReference.SEA_LEVEL),
        times=ActiveTimes((ActivePeriod(datetime(2027, 1, 1, tzinfo=UTC)),)),
    )
    zones = [
        limits,
        replace(zone(shapely.box(0, 0, 50, 50), ZoneKind.CEILING, 60.0), zone_id="c"),
        replace(zone(shapely.box(0, 0, 50, 50), ZoneKind.RESTRICTED), zone_id="r"),
        replace(zone(shapely.box(0, 0, 50, 50), ZoneKind.WATER), zone_id="w"),
        replace(zone(shapely.box(9000, 0, 9100, 50)), zone_id="far"),
        replace(zone(shapely.box(-400, -300, -350, -250)), zone_id="near"),
    ]
    start, end = SAID.starts_at, SAID.ends_at
    found = {
        each.zone.zone_id: each for each in touches(PLAN, area, ZoneIndex(zones), (start, end))
    }
    assert set(found) == {"no_fly-1", "c", "r", "near"}
    assert found["no_fly-1"].limits == "真高50米至海拔300米"
    assert found["no_fly-1"].times == "分时段，飞行时段内不生效"
    assert (found["c"].limits, found["r"].kind) == ("真高60米以下", "限制区（地面管理）")
    assert found["near"].relation.startswith("邻近，相距约")
    untimed = touches(PLAN, area, ZoneIndex(zones[:1]))
    assert untimed[0].times == "分时段，须核对"
    assert touches(PLAN, shapely.Polygon(), ZoneIndex(zones)) == ()


def test_what_was_not_verified_is_said() -> None:
    """Several aircraft, article 19, the platform's deadline."""
    said = text(paper())
    for words in ("第三十一条", "本软件未核实", "第十九条", "前一日12时前", "UOM", "高速公路"):
        assert words in said
    alone = county(docks=((-150.0, -50.0),))
    assert "第三十一条" not in text(paper(plan_patrol(alone, request(alone, 1)), alone))


def test_rally_points_are_where_aircraft_may_land_otherwise() -> None:
    """Without any the row is blank."""
    assert table(paper(), "海拔").rows[-1] == ("备降点", BLANK, BLANK, BLANK)
    first = replace(PLAN.missions[0], rally=(RallyPoint(place(0.0, 0.0), 30.0),))
    rows = table(paper(replace(PLAN, missions=(first,))), "海拔").rows
    assert [row[0] for row in rows] == ["起降点", "备降点"]
    assert rows[-1][2] == "E115°37′12.00″，N33°09′36.00″"


def test_a_route_of_thousands_of_points_goes_into_a_map_file() -> None:
    """Nobody reads forty pages of coordinates."""
    long = replace(PLAN.missions[0], items=PLAN.missions[0].items * 60)
    made = paper(replace(PLAN, missions=(long, long)))
    assert "见随附的KML航线文件" in text(made)
    assert sum(len(b.rows) for b in made.blocks if isinstance(b, Table)) < 700


@pytest.mark.parametrize("name", ["示例县 Sample County", "Sample County"])
def test_names_are_chinese_where_they_have_chinese(name: str) -> None:
    """Bilingual names lose their English."""
    area = facts(paper(ground=replace(GROUND, name=name)))["飞行区域"]
    assert area.startswith(name.split(" ", maxsplit=1)[0])
    assert ("County" in area) == ("示例县" not in name)


def test_how_far_the_radio_must_reach_is_told() -> None:
    """The farthest place of any flight from its dock."""
    reach = facts(paper())["航线距起降点最远"]
    assert reach == f"约{max(map(farthest_m, PLAN.missions)) / 1000.0:.1f}千米"


def test_a_return_above_the_ceiling_is_not_hidden() -> None:
    """Nor is where else an aircraft may return to."""
    assert "真高可能超过120米" not in text(paper())
    high = Finding("return.above_ceiling", Severity.WARNING, "m", "Too high. Heed it.", None)
    assert "2．失联返航按" in text(paper(replace(PLAN, findings=(high,))))
    rally = (RallyPoint(place(100.0, 100.0), 40.0),)
    missions = (replace(PLAN.missions[0], rally=rally), *PLAN.missions[1:])
    assert "起降点与备降点中距离最近的一处" in text(paper(replace(PLAN, missions=missions)))
