// How an event stands against its deadline, by the reader's own clock: no message comes when one passes.

import { t, timeText } from "./i18n.js";

const MINUTE_MS = 60_000;
const HOURS_SHOWN_UP_TO = 72;

/** "overdue", "warning", "in_time", "paused" or "unlimited"; null where no step is left. */
export function stateOf(event, now_ms = Date.now()) {
  const { deadline } = event;
  if (!deadline) return null;
  const due_ms = Date.parse(deadline.due_at ?? "");
  if (now_ms > due_ms) return "overdue";
  const isPaused = deadline.paused_at !== null;
  if (isPaused && !(now_ms >= Date.parse(deadline.paused_until ?? ""))) return "paused";
  if (Number.isNaN(due_ms)) return "unlimited";
  return now_ms >= Date.parse(deadline.warn_at ?? "") ? "warning" : "in_time";
}

/** Whether it wants to be seen: it is late, or will be soon. */
export function isPressing(event) {
  return ["overdue", "warning"].includes(stateOf(event));
}

/** "Handling overdue by 3 h 20 min" and its like; empty where nothing limits the step. */
export function dueText(event, now_ms = Date.now()) {
  const state = stateOf(event, now_ms);
  if (state === null || state === "unlimited") return "";
  const step = t(`step_${event.deadline.step}`);
  const due_ms = Date.parse(event.deadline.due_at ?? "");
  if (state === "overdue") return t("overdueBy", { step, span: spanText(now_ms - due_ms) });
  if (state === "warning") return t("dueIn", { step, span: spanText(due_ms - now_ms) });
  if (Number.isNaN(due_ms)) return t("clockPaused", { step });
  return t("dueAt", { step, time: timeText(event.deadline.due_at) });
}

function spanText(span_ms) {
  const minutes = Math.floor(span_ms / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  if (hours >= HOURS_SHOWN_UP_TO) return t("spanDays", { days: Math.floor(hours / 24) });
  if (hours === 0) return t("spanMinutes", { minutes });
  return t("spanHours", { hours, minutes: minutes % 60 });
}
