"""The application for airspace that a patrol in China needs, made of its plan.

What the plan knows is filled in; what only the applicant knows is said in `Details` or left as a
blank; what this program cannot verify stands in a list to be ticked by hand. The rules behind it
are those of the Interim Regulation on unmanned aircraft flight (in force since 2024-01-01), article
19 above all. The form is our own: authorities that have one of their own get their data from here.
"""

import itertools
from collections.abc import Iterator, Sequence

import shapely

from flight.formats.plan_layers import route_points
from flight.missions import Action, Mission, PatrolPlan
from flight.papers.content import (
    BLANK,
    Block,
    Checks,
    Facts,
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Picture,
    Table,
)
from flight.papers.coordinates import latitude, longitude, place
from flight.papers.details import Details, filled, moment
from flight.papers.extent import Area, Heights, areas, heights
from flight.papers.measures import CONTACT_ROWS, HIGH_RETURN, LOST_LINK, RALLY, TO_CHECK
from flight.papers.zone_touches import Touch, touches
from flight.planning.comparison import Preparation, last_landing_s
from flight.planning.link_checks import farthest_m
from flight.planning.picture_words import Words
from flight.planning.summary import name_of
from geofences.county import County
from geofences.terrain import Terrain

PURPOSE = "城市管理网格巡查（空中影像采集），不载人、不载货、不投放物品。"
LEGAL_TRUE_HEIGHT_M = 120.0

_MOST_ROUTE_ROWS = 600  # about twenty pages: the rest goes as a map file
_ZH = Words(chinese=True, english=False)
_TITLE = "无人驾驶航空器飞行活动申请书"


def application(
    plan: PatrolPlan,
    county: County,
    details: Details,
    picture: bytes,
    terrain: Terrain | None = None,
) -> Paper:
    """Make the application for a plan.

    Args:
        plan: What is to be flown.
        county: Its zones and docks.
        details: What the applicant says.
        picture: The plan drawn as a PNG.
        terrain: The ground, where it is known: true heights are then told.

    Returns:
        The paper.
    """
    pieces = areas(plan)
    flown = heights(plan, terrain)
    found = touches(plan, _shape(pieces), county.zones, (details.starts_at, details.ends_at))
    where, task = _ZH.label(county.name), _ZH.label(name_of(county, plan))
    blocks: list[Block] = [
        *_applicant(details),
        *_overview(plan, county, details, pieces, flown),
        *_aircraft(plan, details),
        *_airspace(plan, pieces, flown),
        *_zones(found, flown),
        *_ground(plan, county),
        *_measures(plan),
        *_to_check(plan, found, flown),
        PageBreak(),
        Heading("附件一　飞行区域与航线示意图"),
        Picture(picture, f"{where}　{task}　（方案编号 {plan.plan_id}）"),
        PageBreak(),
        *_routes(plan),
    ]
    foot = f"方案编号 {plan.plan_id}　坐标系 WGS-84　未填写处以“{BLANK}”标出"
    return Paper(_TITLE, tuple(blocks), foot)


def _applicant(details: Details) -> Iterator[Block]:
    yield Heading("一、申请人与操控人员")
    yield Facts(
        (
            ("申请单位（个人）", filled(details.applicant)),
            ("统一社会信用代码（身份证号）", filled(details.identity)),
            ("联系人", filled(details.contact)),
            ("飞行期间联系电话", filled(details.phone)),
            ("现场负责人（操控人员）", filled(details.operator)),
            ("操控员执照编号", filled(details.operator_licence)),
            ("运营合格证编号（如需）", BLANK),
            ("责任保险保单号（如需）", BLANK),
        )
    )


def _overview(
    plan: PatrolPlan,
    county: County,
    details: Details,
    pieces: Sequence[Area],
    flown: Heights,
) -> Iterator[Block]:
    crew = {mission.vehicle_name for mission in plan.missions}
    minutes = last_landing_s(plan, Preparation(0.0, 0.0)) / 60.0
    where = _ZH.label(county.name)
    yield Heading("二、飞行活动概况")
    yield Facts(
        (
            ("任务名称", _ZH.label(name_of(county, plan))),
            ("飞行目的", details.purpose.strip() or PURPOSE),
            ("飞行区域", f"{where}，共{len(plan.cell_codes)}个单元网格，{_size(pieces)}"),
            ("计划开始时间", moment(details.starts_at)),
            ("计划结束时间", moment(details.ends_at)),
            (
                "飞行架次与时长",
                f"{len(plan.missions)}架次，自首次起飞至全部降落约{minutes:.0f}分钟",
            ),
            ("无人驾驶航空器数量", f"{len(crew)}架（同时在空不超过{len(crew)}架）"),
            ("飞行方式", "按预先规划的航线自动飞行，地面站全程监控，可随时人工接管"),
            ("飞行高度", _height_words(flown)),
            ("飞行速度", _speeds(plan)),
        )
    )


def _aircraft(plan: PatrolPlan, details: Details) -> Iterator[Block]:
    names = list(dict.fromkeys(mission.vehicle_name for mission in plan.missions))
    marks = [*details.registrations, *[""] * len(names)]
    docks = {mission.vehicle_name: mission.dock_id for mission in plan.missions}
    yield Heading("三、无人驾驶航空器")
    yield Table(
        ("编号", "型号", "类别", "实名登记标志", "产品序列号", "起降点"),
        tuple(
            (
                name,
                filled(details.model),
                filled(details.mass_class),
                filled(mark),
                BLANK,
                docks[name] or BLANK,
            )
            for name, mark in zip(names, marks, strict=False)
        ),
        (0.12, 0.18, 0.14, 0.22, 0.2, 0.14),
    )


def _airspace(plan: PatrolPlan, pieces: Sequence[Area], flown: Heights) -> Iterator[Block]:
    yield Heading("四、申请空域")
    yield Paragraph(
        "水平范围为下列各点依次连线所围区域，包含全部航线及其电子围栏；坐标为WGS-84大地坐标，"
        "度分秒格式。CGCS2000与WGS-84的差异为分米级以下，对本申请可视为一致；本表坐标不是GCJ-02"
        "（火星坐标），不得直接叠加在加密底图上。"
    )
    for number, piece in enumerate(pieces, start=1):
        name = f"空域{number}" if len(pieces) > 1 else "申请空域"
        yield Paragraph(
            f"{name}：面积约{piece.area_m2 / 1e6:.2f}平方千米，{len(piece.corners)}个角点。"
        )
        rows = [
            (f"{n}", longitude(corner.lon_deg), latitude(corner.lat_deg))
            for n, corner in enumerate(piece.corners, start=1)
        ]
        yield Table(("角点", "经度", "纬度"), tuple(rows), (0.16, 0.42, 0.42))
    ceiling_m = max((m.fence.ceiling_height_home_m for m in plan.missions), default=0.0)
    limit = f"自动驾驶仪电子围栏的高度上限为相对起飞点{ceiling_m:.0f}米"
    yield Paragraph(f"垂直范围：自地面起，航线高度{_height_words(flown)}；{limit}。")


def _zones(found: Sequence[Touch], flown: Heights) -> Iterator[Block]:
    yield Heading("五、空域性质核对")
    controlled = [each for each in found if each.closed and each.flown]
    inside = [each for each in found if each.closed and each.inside]
    if controlled:
        verdict = f"航线穿越{len(controlled)}个禁飞区，须经批准后方可飞行。"
    elif inside:
        verdict = (
            f"申请空域边界与{len(inside)}个禁飞区相交，航线均不进入；自动驾驶仪电子围栏已将其排除。"
        )
    else:
        verdict = "在本软件所载区域数据范围内，未发现申请空域与禁飞区相交。"
    yield Paragraph(
        verdict
        + "本软件所载区域数据不等同于公布的管制空域范围，是否属于适飞空域，以设区的市级以上人民"
        "政府公布的范围和无人驾驶航空器一体化综合监管服务平台（UOM）的查询结果为准。"
    )
    if flown.ground_m is None:
        yield Paragraph("未加载高程数据，真高未逐点核算；提交前须确认全程真高不超过120米。")
    elif flown.ground_m[1] > LEGAL_TRUE_HEIGHT_M:
        yield Paragraph(f"注意：航线最大真高{flown.ground_m[1]:.0f}米，超过120米，属于管制空域。")
    if found:
        rows = [
            (each.zone.name_zh or each.zone.name, each.kind, each.limits, each.times, each.relation)
            for each in found
        ]
        headings = ("区域", "性质", "高度范围", "生效时间", "与本次飞行的关系")
        yield Table(headings, tuple(rows), (0.26, 0.13, 0.18, 0.18, 0.25))


def _ground(plan: PatrolPlan, county: County) -> Iterator[Block]:
    yield Heading("六、起降点与备降点")
    used = dict.fromkeys((mission.dock_id, mission.home) for mission in plan.missions)
    names = {dock.dock_id: (dock.name, f"{dock.alt_amsl_m:.1f}米") for dock in county.docks}
    rows = []
    for dock_id, home in used:
        name, altitude = names.get(dock_id, (dock_id or "起降点", BLANK))
        rows.append(("起降点", _ZH.label(name), place(home), altitude))
    points = dict.fromkeys(point for mission in plan.missions for point in mission.rally)
    rows += [
        ("备降点", f"备降点{n}", place(point.position), BLANK)
        for n, point in enumerate(points, start=1)
    ]
    if not points:
        rows.append(("备降点", BLANK, BLANK, BLANK))
    yield Table(("类别", "名称", "位置", "海拔"), tuple(rows), (0.13, 0.25, 0.47, 0.15))


def _measures(plan: PatrolPlan) -> Iterator[Block]:
    yield Heading("七、应急处置与失联措施")
    told = list(LOST_LINK)
    if any(mission.rally for mission in plan.missions):
        told.insert(1, RALLY)
    if any(finding.code == "return.above_ceiling" for finding in plan.findings):
        told.insert(1, HIGH_RETURN)
    for number, text in enumerate(told, start=1):
        yield Paragraph(f"{number}．{text}")
    yield Heading("八、通信与监控")
    reach_km = max((farthest_m(mission) for mission in plan.missions), default=0.0) / 1000.0
    yield Facts((*CONTACT_ROWS, ("航线距起降点最远", f"约{reach_km:.1f}千米")))


def _to_check(plan: PatrolPlan, found: Sequence[Touch], flown: Heights) -> Iterator[Block]:
    yield Heading("九、申请单位须自行核对的事项")
    yield Paragraph("以下事项软件不能代为核实，请逐项核对并在方框内打勾。")
    items = list(TO_CHECK)
    crew = {mission.vehicle_name for mission in plan.missions}
    if len(crew) > 1:
        items.insert(
            0,
            f"本方案使用{len(crew)}架无人驾驶航空器。多机或分布式操作、在人员密集区上空飞行是否须另行"
            "申请（《暂行条例》第三十一条），本软件未核实，须向空中交通管理机构确认。",
        )
    if flown.ground_m is None:
        items.insert(0, "全程真高不超过120米（软件未加载高程数据，未核算）。")
    if any(each.active is None and not each.zone.times.always for each in found):
        items.insert(0, "第五节中分时段生效的区域在飞行时段内是否生效。")
    yield Checks(tuple(items))
    yield Paragraph("申请人（签章）：" + BLANK + "　　　　日期：" + BLANK)


def _routes(plan: PatrolPlan) -> Iterator[Block]:
    yield Heading("附件二　航线坐标")
    yield Paragraph("高度为相对起飞点高度；已知起飞点海拔时同时给出海拔高度。坐标系WGS-84。")
    left = _MOST_ROUTE_ROWS
    for number, mission in enumerate(plan.missions, start=1):
        rows = _route_rows(mission)
        yield Paragraph(
            f"架次{number}：{mission.vehicle_name}，起降点{mission.dock_id or BLANK}，"
            f"航程{mission.distance_m / 1000:.2f}千米，飞行约{mission.duration_s / 60:.0f}分钟，"
            f"{_start(mission)}。"
        )
        if len(rows) > left:
            yield Paragraph("航点较多，其余坐标见随附的KML航线文件。")
            return
        left -= len(rows)
        headings = ("序号", "经度", "纬度", "相对高度", "海拔高度")
        yield Table(headings, rows, (0.1, 0.28, 0.28, 0.17, 0.17))


def _route_rows(mission: Mission) -> tuple[tuple[str, ...], ...]:
    base_m = mission.home_alt_amsl_m
    # Above home a route has a waypoint and the return: one point for a reader.
    points = [point for point, _ in itertools.groupby(route_points(mission))]
    return tuple(
        (
            str(number),
            longitude(at.lon_deg),
            latitude(at.lat_deg),
            f"{height_m:.0f}米",
            BLANK[:4] if base_m is None else f"{base_m + height_m:.0f}米",
        )
        for number, (at, height_m) in enumerate(points, start=1)
    )


def _start(mission: Mission) -> str:
    hovers = sum(1 for item in mission.items if item.action is Action.HOVER)
    begin = f"首次起飞后{mission.start_s / 60:.0f}分钟起飞" if mission.start_s else "首批起飞"
    return f"{begin}，悬停{hovers}处" if hovers else begin


def _shape(pieces: Sequence[Area]) -> shapely.Geometry:
    rings = [[(corner.lon_deg, corner.lat_deg) for corner in piece.corners] for piece in pieces]
    return shapely.union_all([shapely.Polygon(ring) for ring in rings])


def _size(pieces: Sequence[Area]) -> str:
    return f"申请空域合计约{sum(piece.area_m2 for piece in pieces) / 1e6:.2f}平方千米"


def _height_words(flown: Heights) -> str:
    words = [f"相对起飞点{_span(flown.home_m)}米"]
    words.append(f"海拔{_span(flown.amsl_m)}米" if flown.amsl_m else "海拔待核")
    words.append(f"真高{_span(flown.ground_m)}米" if flown.ground_m else "真高待核")
    return "，".join(words)


def _span(values: tuple[float, float]) -> str:
    low, high = round(values[0]), round(values[1])
    return f"{low}" if low == high else f"{low}至{high}"


def _speeds(plan: PatrolPlan) -> str:
    speeds = [mission.speed_mps for mission in plan.missions]
    fastest = max(speeds, default=0.0)
    return f"不超过{fastest:g}米/秒（{fastest * 3.6:.0f}千米/小时）"
