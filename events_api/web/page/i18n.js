// Every word of the page, in both languages, and how times and distances are written.

export const STRINGS = {
  en: {
    title: "Gridpatrol",
    signOut: "Sign out",
    otherLanguage: "中文",
    skipToList: "Skip to the events",
    figureEvents: "Events loaded",
    figureHazards: "Hazards",
    figureOverdue: "Overdue",
    figureVehicles: "Aircraft",
    figureCells: "Cells",
    linkConnecting: "Connecting",
    linkLive: "Live",
    linkLost: "No connection, retrying",
    mapLabel: "Map",
    mapButtons: "Map view",
    mapMissing: "This browser cannot draw the map (WebGL 2 is missing). The list works without it.",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    viewActivity: "Show events and aircraft",
    viewCounty: "Show all cells",
    eventsHeading: "Events",
    classFilter: "Show on the map and in the list",
    moreHere: "Of what is open here the newest 500 are shown. Zoom in to see all.",
    noEvents: "No events yet. They appear here as they are reported.",
    noneShown: "No events of the chosen kinds.",
    back: "All events",
    newEvent: "New event: {matter}, {place}",
    eventMoved: "{status}: {matter}, {place}",
    since: "since {time}",
    body: "Responsible body",
    level: "Level",
    grade: "Grade",
    extendedUntil: "Extended until",
    suspendedUntil: "Suspended until",
    until: "until {time}",
    duplicateOf: "Repeats",
    duplicates: "Repeated by",
    showEvent: "Show event {id}",
    life: "What was done",
    legend: "Marks on the map",
    legendNew: "New",
    legendHand: "In hand",
    legendLook: "To verify",
    legendDone: "Finished",
    legendWarning: "Due soon",
    legendOverdue: "Overdue",
    deadline: "Deadline",
    responsible: "Responsible body (proposed)",
    overdueBy: "{step} overdue by {span}",
    dueIn: "{step} due in {span}",
    dueAt: "{step} due {time}",
    clockPaused: "{step}: clock paused",
    spanMinutes: "{minutes} min",
    spanHours: "{hours} h {minutes} min",
    spanDays: "{days} days",
    cell: "Cell",
    village: "Village",
    town: "Town",
    score: "Score",
    error: "Position error",
    errorValue: "±{metres} m (90 %)",
    noPosition: "No position",
    status: "Status",
    observed: "Observed",
    observations: "Seen",
    times: "{count} ×",
    coordinates: "Coordinates",
    place: "Place",
    zone: "Zone",
    source: "Source",
    why: "Why it was reported",
    otherCells: "Cells it may lie in",
    evidenceAlt: "Snapshot of {matter}; faces and plates are blurred",
    evidenceMissing: "The snapshot could not be loaded.",
    history: "Observations",
    track: "track {track}",
    localExtension: "local extension",
    loading: "Loading",
    notLoaded: "This event could not be loaded: {reason}",
    height: "{metres} m",
    battery: "{percent} %",
    tokenHeading: "Sign in to Gridpatrol",
    tokenWhy: "You see the events of your scope.",
    userName: "Name",
    password: "Password",
    byToken: "Sign in by a token instead",
    tokenLabel: "Token",
    tokenGo: "Sign in",
    tokenWrong: "Not signed in: {reason}",
    status_reported: "Reported",
    status_accepted: "Accepted",
    status_dispatched: "Dispatched",
    status_handling: "Handling",
    status_awaiting_verification: "To verify",
    status_closed: "Closed",
    status_rejected: "Rejected",
    status_suspended: "Suspended",
    status_duplicate: "Duplicate",
    step_accept: "Acceptance",
    step_dispatch: "Dispatch",
    step_handle: "Handling",
    step_verify: "Verification",
    transition_accept: "Accepted",
    transition_reject: "Rejected",
    transition_link_duplicate: "Linked as a duplicate",
    transition_dispatch: "Dispatched",
    transition_return_to_acceptor: "Returned to the acceptor",
    transition_start: "Handling begun",
    transition_return_to_dispatcher: "Returned to the dispatcher",
    transition_extend: "Extended",
    transition_suspend: "Suspended",
    transition_resume: "Resumed",
    transition_finish: "Reported done",
    transition_confirm_gone: "Verified: gone",
    transition_find_still_there: "Verified: still there",
    transition_reopen: "Reopened",
    transition_escalate: "Escalated",
    transition_grade: "Graded",
    transition_classify: "Classified",
    role_collector: "collector",
    role_acceptor: "acceptor",
    role_dispatcher: "dispatcher",
    role_handler: "handler",
    role_supervisor: "supervisor",
    role_administrator: "administrator",
    role_machine: "machine",
    grade_A: "A, urgent",
    grade_B: "B, major",
    grade_C: "C, general",
    level_village: "Village",
    level_town: "Town",
    level_district: "District",
    class_hazard: "Hazard",
    class_order: "Street order",
    class_parking: "Parking",
    class_tidiness: "Tidiness",
    class_road: "Road",
    class_presence: "Presence",
  },
  zh: {
    title: "网格巡查",
    signOut: "退出",
    otherLanguage: "English",
    skipToList: "跳到事件列表",
    figureEvents: "已载事件",
    figureHazards: "险情",
    figureOverdue: "超时",
    figureVehicles: "无人机",
    figureCells: "单元网格",
    linkConnecting: "正在连接",
    linkLive: "实时",
    linkLost: "连接中断，正在重试",
    mapLabel: "地图",
    mapButtons: "地图视图",
    mapMissing: "此浏览器无法显示地图（缺少 WebGL 2）。事件列表仍可使用。",
    zoomIn: "放大",
    zoomOut: "缩小",
    viewActivity: "查看事件和无人机",
    viewCounty: "查看全部网格",
    eventsHeading: "事件",
    classFilter: "在地图和列表中显示",
    moreHere: "此处未结案事件较多，仅显示最新 500 件；放大地图可查看全部。",
    noEvents: "暂无事件。上报后将在此显示。",
    noneShown: "没有所选类别的事件。",
    back: "全部事件",
    newEvent: "新事件：{matter}，{place}",
    eventMoved: "{status}：{matter}，{place}",
    since: "自 {time}",
    body: "责任单位",
    level: "处置层级",
    grade: "案件等级",
    extendedUntil: "延期至",
    suspendedUntil: "挂账至",
    until: "至 {time}",
    duplicateOf: "重复于",
    duplicates: "重复件",
    showEvent: "查看事件 {id}",
    life: "办理经过",
    legend: "地图标记",
    legendNew: "新上报",
    legendHand: "办理中",
    legendLook: "待核查",
    legendDone: "已办结",
    legendWarning: "即将超时",
    legendOverdue: "已超时",
    deadline: "处置时限",
    responsible: "责任单位（建议）",
    overdueBy: "{step}已超时 {span}",
    dueIn: "{step}还剩 {span}",
    dueAt: "{step}截止 {time}",
    clockPaused: "{step}计时暂停",
    spanMinutes: "{minutes} 分钟",
    spanHours: "{hours} 小时 {minutes} 分钟",
    spanDays: "{days} 天",
    cell: "单元网格",
    village: "社区（村）",
    town: "街道（乡镇）",
    score: "置信度",
    error: "定位误差",
    errorValue: "±{metres} 米（90%）",
    noPosition: "无坐标",
    status: "状态",
    observed: "发现时间",
    observations: "观测",
    times: "{count} 次",
    coordinates: "坐标",
    place: "地点",
    zone: "区域",
    source: "来源",
    why: "上报原因",
    otherCells: "可能所在网格",
    evidenceAlt: "{matter}快照，人脸和车牌已模糊",
    evidenceMissing: "快照无法加载。",
    history: "观测记录",
    track: "轨迹 {track}",
    localExtension: "本地扩展",
    loading: "正在加载",
    notLoaded: "事件无法加载：{reason}",
    height: "{metres} 米",
    battery: "{percent}%",
    tokenHeading: "登录网格巡查",
    tokenWhy: "登录后可查看权限范围内的事件。",
    userName: "用户名",
    password: "密码",
    byToken: "改用令牌登录",
    tokenLabel: "令牌",
    tokenGo: "登录",
    tokenWrong: "未能登录：{reason}",
    status_reported: "已上报",
    status_accepted: "已立案",
    status_dispatched: "已派遣",
    status_handling: "处置中",
    status_awaiting_verification: "待核查",
    status_closed: "已结案",
    status_rejected: "不予立案",
    status_suspended: "已挂账",
    status_duplicate: "重复件",
    step_accept: "立案",
    step_dispatch: "派遣",
    step_handle: "处置",
    step_verify: "核查",
    transition_accept: "立案",
    transition_reject: "不予立案",
    transition_link_duplicate: "并入重复件",
    transition_dispatch: "派遣",
    transition_return_to_acceptor: "退回受理",
    transition_start: "开始处置",
    transition_return_to_dispatcher: "退单",
    transition_extend: "延期",
    transition_suspend: "挂账",
    transition_resume: "恢复处置",
    transition_finish: "处置反馈",
    transition_confirm_gone: "核查：已消除",
    transition_find_still_there: "核查：仍存在",
    transition_reopen: "重新立案",
    transition_escalate: "升级处置",
    transition_grade: "定级",
    transition_classify: "归类",
    role_collector: "采集员",
    role_acceptor: "受理员",
    role_dispatcher: "派遣员",
    role_handler: "处置人员",
    role_supervisor: "值班长",
    role_administrator: "管理员",
    role_machine: "设备",
    grade_A: "A类（紧急）",
    grade_B: "B类（重大）",
    grade_C: "C类（一般）",
    level_village: "社区（村）级",
    level_town: "街道（乡镇）级",
    level_district: "区（县）级",
    class_hazard: "险情",
    class_order: "街面秩序",
    class_parking: "停放",
    class_tidiness: "市容环境",
    class_road: "道路",
    class_presence: "目标出现",
  },
};

const KEPT_AS = "gridpatrol.language";
let language = chosenLanguage();

function chosenLanguage() {
  const kept = localStorage.getItem(KEPT_AS);
  if (kept in STRINGS) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function currentLanguage() {
  return language;
}

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem(KEPT_AS, language);
}

/** The words of a key, with {names} filled in. */
export function t(key, values = {}) {
  const text = STRINGS[language][key];
  if (text === undefined) throw new Error(`no string ${key} in ${language}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Fill in every element that names a string, and the page's own language. */
export function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-i18n]")) {
    element.textContent = t(element.dataset.i18n);
  }
  for (const element of document.querySelectorAll("[data-i18n-label]")) {
    const label = t(element.dataset.i18nLabel);
    element.setAttribute("aria-label", label);
    if (element.tagName === "BUTTON") element.title = label;
  }
}

/** The half of a bilingual name such as "柳桥社区 Liuqiao" that the reader understands. */
export function localName(name) {
  const halves = /^(.*?\p{Script=Han}\S*)\s+(.+)$/u.exec(name ?? "");
  if (halves === null) return name ?? "";
  return language === "zh" ? halves[1] : halves[2];
}

/** A time as the reader's clock shows it, with the day unless it is today. */
export function timeText(isoTime) {
  const time = new Date(isoTime);
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const clock = time.toLocaleTimeString(locale, { hour12: false });
  const isToday = time.toDateString() === new Date().toDateString();
  if (isToday) return clock;
  const day = time.toLocaleDateString(locale, { year: "numeric", month: "short", day: "numeric" });
  return `${day} ${clock}`;
}

/** A 90 % radius, to the half metre where that matters. */
export function errorText(ce90_m) {
  if (ce90_m === null) return "–";
  return t("errorValue", { metres: ce90_m < 10 ? ce90_m.toFixed(1) : Math.round(ce90_m) });
}

export function percentText(share) {
  return `${Math.round(share * 100)}%`;
}
