// The public form: one report, its receipt, and what became of it.

import { STRINGS } from "./strings.js";

const LOCATE_WITHIN_MS = 15_000;
const $ = (id) => document.getElementById(id);

let language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
let matters = [];
let position = null;
// Named once for each report: sent again over a bad line, it counts once.
let reportId = newId();

function t(key, values = {}) {
  return STRINGS[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

// Where the page came without TLS a browser has no randomUUID.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  $("language").textContent = t("otherLanguage");
  const chosen = $("matter").value;
  const none = new Option(t("unsorted"), "");
  $("matter").replaceChildren(none, ...matters.map((each) => new Option(each[language], `${each.standard_ref}/${each.code}`)));
  $("matter").value = chosen;
}

function locate() {
  $("located").textContent = t("locating");
  const failed = () => ($("located").textContent = t("notLocated"));
  if (!navigator.geolocation) {
    failed();
    return;
  }
  const found = ({ coords }) => {
    position = coords;
    $("located").textContent = t("located", { metres: Math.round(coords.accuracy) });
  };
  navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: LOCATE_WITHIN_MS });
}

function filledForm() {
  const form = new FormData();
  form.set("report_id", reportId);
  for (const name of ["words", "matter", "place", "contact"]) {
    if ($(name).value !== "") form.set(name, $(name).value);
  }
  if (position !== null) {
    form.set("lon", position.longitude);
    form.set("lat", position.latitude);
    form.set("accuracy_m", position.accuracy);
  }
  const [picture] = $("picture").files;
  if (picture !== undefined) form.set("picture", picture);
  return form;
}

async function ask(path, options) {
  const answer = await fetch(path, options);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

async function send() {
  $("send").disabled = true;
  $("answer").textContent = t("sending");
  try {
    const { receipt } = await ask("/public/reports", { method: "POST", body: filledForm() });
    $("answer").textContent = t("sent", { receipt });
    $("receipt").value = receipt;
    $("form").reset();
    position = null;
    $("located").textContent = "";
    reportId = newId();
  } catch (error) {
    $("answer").textContent = t("refused", { reason: error.message });
  }
  $("send").disabled = false;
}

async function askStanding() {
  try {
    const { status } = await ask(`/public/reports/${encodeURIComponent($("receipt").value.trim())}`);
    $("standing").textContent = t(`status_${status}`);
  } catch (error) {
    $("standing").textContent = error.message;
  }
}

function onSubmit(id, act) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

onSubmit("form", send);
onSubmit("ask", askStanding);
$("locate").addEventListener("click", locate);
$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  translate();
});
translate();
ask("/public/matters").then(
  (known) => {
    matters = known;
    translate();
  },
  () => undefined, // without the list the county sorts the report
);
