// Why something was reported: whoever sees says it in English, the page in the reader's language.

import { currentLanguage } from "./i18n.js";

const CLASSES = {
  person: "人员",
  two_wheeler: "两轮车",
  car: "小型车",
  truck_bus: "大型车",
  garbage: "垃圾",
  smoke: "烟雾",
  fire: "明火",
  pothole: "道路破损",
  stall: "摊位",
};

const ZONES = {
  keep_in: "作业范围",
  no_fly: "禁飞区",
  ceiling: "限高区",
  water: "水域",
  advisory: "提示区",
  roadway: "车行道",
  no_parking: "禁停区",
  no_vending: "禁止摆卖区",
  fire_lane: "消防通道",
  restricted: "限制区",
  watch: "关注区",
};

const ZONE = "(?: in (?<kind>[a-z_]+) zone (?<zone>.+?))?";
const SCORE = "(?<score>[\\d.]+)";
const LASTED = "(?<lasted>[\\d.]+) s";

/** Each sentence of a rule, and the same in Chinese from what its named brackets hold. */
const SENTENCES = [
  [
    `^(?<what>\\S+)(?:${ZONE}|(?<quiet> comes into the quiet picture \\(no zone is declared\\))` +
      "|(?<drives> moves over the ground \\(no zone is declared\\)))" +
      `: seen in (?<looks>\\d+) of (?<frames>\\d+) frames over ${LASTED}, median score ${SCORE}` +
      "(?:, on (?<passes>\\d+) passes over it)?" +
      "(?:, about (?<area>[\\d.]+) m² \\(at least (?<least>[\\d.]+) m²\\))?$",
    (said) =>
      `${where(said)}${of(said.what)}${said.quiet ? "驶入原本安静的画面（未划定区域）" : ""}` +
      `${said.drives ? "在地面上行驶（未划定区域）" : ""}：` +
      `${said.lasted} 秒内 ${said.frames} 帧中有 ${said.looks} 帧看到，得分中位数 ${said.score}` +
      (said.passes ? `，共经过 ${said.passes} 次` : "") +
      (said.area ? `，约 ${said.area} 平方米（至少 ${said.least} 平方米）` : ""),
  ],
  [
    `^(?<what>\\S+) in (?<looks>\\d+) of (?<frames>\\d+) frames of the last ${LASTED}, ` +
      `median of the best scores ${SCORE}` +
      "(?:; in (?<flickering>\\d+) told by its flicker, as sure as the smoke beside it)?$",
    (said) =>
      `${of(said.what)}：最近 ${said.lasted} 秒 ${said.frames} 帧中有 ${said.looks} 帧看到，` +
      `各帧最高得分的中位数 ${said.score}` +
      (said.flickering ? `；其中 ${said.flickering} 帧由闪烁判定，得分取自旁边的烟雾` : ""),
  ],
  [
    `^(?<what>\\S+) stays(?:${ZONE}|(?<whole> in the picture \\(no zone is declared\\))) ` +
      `for ${LASTED}, median score ${SCORE}$`,
    (said) =>
      `${of(said.what)}在${said.whole ? "画面中（未划定区域）" : zone(said)}停留 ${said.lasted} 秒，` +
      `得分中位数 ${said.score}`,
  ],
  [
    `^(?<what>\\S+) stands${ZONE}: (?:places within (?<spread>[\\d.]+) m|moved (?<drift>[\\d.]+) boxes(?<ground> against the ground)?) ` +
      `over ${LASTED}, (?<looks>\\d+) looks, median score ${SCORE}` +
      "(?<passing>; the camera passed by, so standing is known for this time only)?$",
    (said) =>
      `${of(said.what)}${said.kind ? `在${zone(said)}` : ""}静止：${said.lasted} 秒内` +
      (said.spread
        ? `位置变化不超过 ${said.spread} 米`
        : `${said.ground ? "相对地面" : ""}移动 ${said.drift} 倍框长`) +
      `，看到 ${said.looks} 次，得分中位数 ${said.score}` +
      (said.passing ? "；相机只是经过，仅知此段时间内静止" : ""),
  ],
  [
    `^(?<what>\\S+)${ZONE} came to rest from (?<speed>[\\d.]+) (?<unit>m|boxes)/s at once, ` +
      "(?<apart>[\\d.]+) (?:m|boxes) from another, and both stand for (?<lasted>[\\d.]+) s, " +
      `median ${SCORE}$`,
    (said) => {
      const unit = said.unit === "m" ? "米" : "倍框长";
      return (
        `${where(said)}${of(said.what)}由每秒 ${said.speed} ${unit}骤停，距另一目标 ${said.apart} ${unit}，` +
        `两者已静止 ${said.lasted} 秒，得分中位数 ${said.score}`
      );
    },
  ],
  [
    `^(?<count>\\d+) of (?<what>\\S+) within (?<reach>[\\d.]+) (?<unit>m|times their height) ` +
      `for ${LASTED}, median score ${SCORE}$`,
    (said) =>
      `${said.reach} ${said.unit === "m" ? "米" : "倍身高"}范围内有${of(said.what)} ${said.count} 个，` +
      `持续 ${said.lasted} 秒，得分中位数 ${said.score}`,
  ],
  [
    `^(?<count>\\d+) of (?<what>\\S+) in view, (?<moving>\\d+) of them moving for ${LASTED}, ` +
      `median score ${SCORE}$`,
    (said) =>
      `画面中有${of(said.what)} ${said.count} 个，其中 ${said.moving} 个在移动，` +
      `持续 ${said.lasted} 秒，得分中位数 ${said.score}`,
  ],
].map(([pattern, sentence]) => [new RegExp(pattern), sentence]);

function of(names) {
  return names
    .split("/")
    .map((name) => CLASSES[name] ?? name)
    .join("、");
}

function zone(said) {
  return `${ZONES[said.kind] ?? said.kind}“${said.zone}”`;
}

function where(said) {
  return said.kind ? `${zone(said)}内` : "";
}

/** What a rule says of its finding in the reader's language; what no rule says stays as it is. */
export function reasonText(said) {
  if (currentLanguage() === "en") return said;
  for (const [pattern, sentence] of SENTENCES) {
    const found = pattern.exec(said);
    if (found !== null) return sentence(found.groups);
  }
  return said;
}
