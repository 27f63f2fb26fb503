// The list of events and the classes that can be hidden.

import { CLASS_COLOURS } from "./catalogue.js";
import { dueText, isPressing, stateOf } from "./deadlines.js";
import { dot, el } from "./elements.js";
import { errorText, localName, percentText, t, timeText } from "./i18n.js";

const MOST_ROWS = 300;
const FRESH_MS = 8000;

export class EventList {
  #list = document.getElementById("events");
  #classes = document.getElementById("classes");
  #empty = document.getElementById("no-events");
  #freshUntil = new Map();

  constructor({ book, catalogue, cells, onChoose, onClasses }) {
    Object.assign(this, { book, catalogue, cells, onChoose, onClasses });
  }

  /** Mark an event as just arrived. */
  markFresh(eventId) {
    this.#freshUntil.set(eventId, Date.now() + FRESH_MS);
  }

  draw() {
    const focused = document.activeElement?.dataset?.eventId;
    const shown = this.book.shown();
    this.#list.replaceChildren(...shown.slice(0, MOST_ROWS).map((event) => this.#row(event)));
    this.#empty.hidden = shown.length > 0;
    this.#empty.textContent = t(this.book.size === 0 ? "noEvents" : "noneShown");
    this.#drawClasses();
    if (focused) this.#list.querySelector(`[data-event-id="${focused}"]`)?.focus();
  }

  #row(event) {
    const fresh = (this.#freshUntil.get(event.event_id) ?? 0) > Date.now();
    const button = el(
      "button",
      { type: "button", class: "event", "data-event-id": event.event_id },
      dot(this.book.classOf(event)),
      el("span", { class: "matter" }, this.catalogue.name(event.matter)),
      el("time", { datetime: event.last_observed_at }, timeText(event.last_observed_at)),
      el("span", { class: "where" }, this.#where(event)),
      el("span", { class: `status status-${event.status}` }, t(`status_${event.status}`)),
      el("span", { class: "numbers" }, this.#numbers(event)),
      isPressing(event) ? el("span", { class: `due due-${stateOf(event)}` }, dueText(event)) : null,
    );
    button.addEventListener("click", () => this.onChoose(event.event_id));
    return el("li", { class: fresh ? "fresh" : null }, button);
  }

  #where(event) {
    const cell = this.cells.get(event.cell_code);
    if (cell !== undefined) return `${localName(cell.village)} · ${event.cell_code}`;
    return event.cell_code ?? event.place ?? "–";
  }

  #numbers(event) {
    const error = event.position === null ? t("noPosition") : errorText(event.ce90_m);
    const seen = event.observation_count > 1 ? ` · ${t("times", { count: event.observation_count })}` : "";
    const body = event.body === null ? "" : ` · ${this.catalogue.bodyName(event.body)}`;
    return `${percentText(event.score)} · ${error}${seen}${body}`;
  }

  #drawClasses() {
    const counts = this.book.counts();
    const focused = document.activeElement?.dataset?.class;
    const buttons = Object.keys(CLASS_COLOURS).map((name) => {
      const isShown = !this.book.hiddenClasses.has(name);
      const attributes = { type: "button", "data-class": name, "aria-pressed": String(isShown) };
      const label = el("span", {}, t(`class_${name}`));
      const count = el("span", { class: "count" }, String(counts[name]));
      return el("button", { ...attributes, onclick: () => this.#toggle(name) }, dot(name), label, count);
    });
    this.#classes.replaceChildren(...buttons);
    if (focused) this.#classes.querySelector(`[data-class="${focused}"]`)?.focus();
  }

  #toggle(name) {
    const hidden = this.book.hiddenClasses;
    if (!hidden.delete(name)) hidden.add(name);
    this.draw();
    this.onClasses();
  }
}
