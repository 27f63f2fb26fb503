// The page's words in the reader's language, and how times and distances are written.

import { EN } from "./en.js";
import { ZH } from "./zh.js";

const STRINGS = { en: EN, zh: ZH };

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
