// Why an observation was merged, or opened an event: the API says it in English.

import { currentLanguage } from "./i18n.js";

/** Each sentence of the API, and the same in Chinese; {1} is what the first bracket holds. */
const SENTENCES = [
  [/^Joined: pass (.*) of (.*) followed it as track (\d+)\.$/, "合并：{2} 在航次 {1} 中以轨迹 {3} 跟踪到同一目标。"],
  [/^Joined: ([\d.]+) m from an open event of the same matter; with 90 % errors of ([\d.]+) m and ([\d.]+) m the same object would be measured at least this far apart in (\d+%) of cases\.$/, "合并：与同类未结事件相距 {1} 米；两者的 90% 误差为 {2} 米和 {3} 米，同一目标测得相距不小于此的概率为 {4}。"],
  [/^Joined: the same pass saw another object here, which took the event nearest to this one; that object fits this event, ([\d.]+) m from it, as well, so both that the pass saw are among the open events, though which is which is less sure\.$/, "合并：同一航次在此还看到另一目标，已并入离本目标最近的事件；该目标与本事件（相距 {1} 米）同样相符，两者均在未结事件之中，但各自对应哪一件不太确定。"],
  [/^New event: the report has no position to compare\.$/, "新事件：上报没有坐标，无法比对。"],
  [/^New event: its position error of (\d+) m is too large to compare\.$/, "新事件：定位误差达 {1} 米，无法比对。"],
  [/^New event: the same pass saw the one ([\d.]+) m away as another object\.$/, "新事件：同一航次已把相距 {1} 米处的目标视为另一目标。"],
  [/^New event: no open one of this matter lies within the position errors\.$/, "新事件：定位误差范围内没有同类未结事件。"],
  [/^Taken out of event (\S+) by (\S+): ([\s\S]*)$/, "由 {2} 从事件 {1} 中拆出：{3}"],
];

/** What the API says, in the reader's language where it is known; else as it is. */
export function whyText(said) {
  if (currentLanguage() === "en") return said;
  for (const [pattern, sentence] of SENTENCES) {
    const found = pattern.exec(said);
    if (found !== null) return sentence.replace(/\{(\d)\}/g, (_, place) => found[Number(place)]);
  }
  return said;
}
