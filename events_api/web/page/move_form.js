// The form of one move: what it takes, checked before it is sent, and kept until it went well.

import { el } from "./elements.js";
import { currentLanguage, t, timeText } from "./i18n.js";
import { askNear, eventsNear } from "./near.js";
import { RequestError } from "./session.js";

const LEVELS = ["village", "town", "district"];
const GRADES = ["A", "B", "C"];
const LONGEST_REASON = 2000;

export class MoveForm {
  isSending = false;
  language = currentLanguage();
  #fields = [];
  #typedBefore;
  #message = null;
  #place = el("p", { class: "problem", role: "alert", hidden: "" });
  #buttons = el("div", { class: "move-send" });
  #send;
  #key = { of: null, value: "" };

  /** `values` are what was typed before, by the fields' names. */
  constructor(move, event, { book, catalogue, onSend, onCancel }, values = {}) {
    Object.assign(this, { move, event, version: event.version, book, catalogue });
    this.#typedBefore = values;
    const heading = el("h3", { id: "move-heading" }, t(`move_${move.name}`));
    for (const need of move.needs) this.#fields.push(this.#makers[need]());
    this.#fields.push(this.#reasonField());
    this.#send = el("button", { type: "submit", class: "strong" }, t(`move_${move.name}`));
    const cancel = el("button", { type: "button", class: "plain", onclick: onCancel }, t("cancel"));
    this.#buttons.append(this.#send, cancel);
    const rows = this.#fields.map((field) => fieldRow(field));
    const attributes = { class: "move-form", "aria-labelledby": "move-heading", novalidate: "" };
    this.element = el("form", attributes, heading, ...rows, this.#place, this.#buttons);
    this.element.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      onSend();
    });
    for (const { name, control } of this.#fields) if (name in values) control.value = values[name];
  }

  /** What is typed, by the fields' names. */
  values() {
    return Object.fromEntries(this.#fields.map(({ name, control }) => [name, control.value]));
  }

  /** To the first field that must be filled in; where there is none, to the button that sends. */
  focus() {
    const first = this.#fields.find(({ isNeeded, control }) => isNeeded && control.value === "");
    (first?.control ?? this.#send).focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** What is to be sent; null, with the reason shown, where something is missing. */
  read() {
    const wish = { name: this.move.name };
    for (const { name, control, label, isNeeded, parse } of this.#fields) {
      const text = control.value.trim();
      const isMissing = isNeeded && text === "";
      const isPast = name === "until" && !isMissing && new Date(text) <= new Date();
      control.setAttribute("aria-invalid", String(isMissing || isPast));
      if (isMissing || isPast) {
        this.say(() => (isPast ? t("notToCome") : t("moveMissing", { field: label })));
        control.focus();
        return null;
      }
      if (text !== "") wish[name] = parse(text);
    }
    return wish;
  }

  /** A key under which the same wish counts once, however often it is sent. */
  keyOf(text) {
    if (this.#key.of !== text) this.#key = { of: text, value: randomText() };
    return this.#key.value;
  }

  /** Show a sentence; it is made by a function, so that it can be said in another language too. */
  say(message) {
    this.#message = message;
    this.#place.hidden = message === null;
    this.#place.textContent = message === null ? "" : message();
    if (message !== null) this.#buttons.scrollIntoView({ block: "nearest" });
  }

  get message() {
    return this.#message;
  }

  /** While it is being sent nothing is sent again, and nothing loses the focus. */
  setSending(isSending) {
    this.isSending = isSending;
    this.#send.setAttribute("aria-disabled", String(isSending));
    this.#send.textContent = isSending ? t("sending") : t(`move_${this.move.name}`);
    for (const { control } of this.#fields) control.classList.toggle("sent", isSending);
  }

  /** It can be sent no more: what was typed stays to be read and copied. */
  end() {
    this.#send.disabled = true;
  }

  #makers = {
    body: () => this.#bodyField(),
    until: () => this.#untilField(),
    level: () => this.#choice("level", t("level"), this.#levels()),
    grade: () => this.#choice("grade", t("grade"), GRADES.map((each) => [each, t(`grade_${each}`)])),
    matter: () => ({ ...this.#choice("matter", t("matter"), this.#matters()), parse: JSON.parse }),
    duplicate_of: () => this.#originalField(),
  };

  #reasonField() {
    const { needs_reason: isNeeded } = this.move;
    const control = el("textarea", { id: "move-reason", rows: "2", maxlength: LONGEST_REASON });
    return { name: "reason", control, label: isNeeded ? t("reason") : t("note"), isNeeded, parse: same };
  }

  // A catalogue that names no bodies knows nothing about them: then a code is typed.
  #bodyField() {
    const responsible = this.event.deadline?.responsible ?? "";
    const bodies = this.catalogue.bodies().map(({ id }) => [id, this.catalogue.bodyName(id)]);
    const isNamed = bodies.length > 0;
    const field = isNamed ? this.#choice("body", t("body"), bodies) : this.#line("body", t("bodyCode"));
    field.control.value = responsible;
    return field;
  }

  #line(name, label) {
    const attributes = { id: `move-${name}`, autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
    return { name, control: el("input", attributes), label, isNeeded: true, parse: same };
  }

  #untilField() {
    const control = el("input", { id: "move-until", type: "datetime-local" });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const parse = (text) => new Date(text).toISOString();
    const due = this.event.deadline?.due_at ?? null;
    const hint = due === null ? null : t("dueNow", { time: timeText(due) });
    return { name: "until", control, label: t("untilHere", { zone }), isNeeded: true, parse, hint };
  }

  #originalField() {
    const field = { ...this.#choice("duplicate_of", t("duplicateOf"), []), hint: t("lookingNear") };
    field.control.setAttribute("aria-busy", "true");
    this.#offerNear(field);
    return field;
  }

  /** The API knows every event; the page only those that it has loaded. */
  async #offerNear({ control }) {
    let near = null;
    try {
      near = await askNear(this.event);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
    const known = eventsNear(this.event, this.book.all());
    const isOfMatter = (each) => each.event.matter.code === this.event.matter.code;
    const same = near ?? known.filter(isOfMatter);
    const others = known.filter((each) => !isOfMatter(each));
    for (const [label, events] of [[t("ofThisMatter"), same], [t("ofOtherMatters"), others]]) {
      if (events.length > 0) control.append(el("optgroup", { label }, ...events.map((each) => this.#nearOption(each))));
    }
    control.value = this.#typedBefore.duplicate_of ?? "";
    if (control.value === "" && same.length === 1) control.value = same[0].event.event_id;
    this.#setHint(control, near);
    control.setAttribute("aria-busy", "false");
  }

  #nearOption({ event, distance_m }) {
    const away = distance_m === null ? t("distanceUnknown") : t("metresAway", { metres: Math.round(distance_m) });
    const matter = this.catalogue.name(event.matter);
    return el("option", { value: event.event_id }, t("nearEvent", { number: event.number, matter, away }));
  }

  #setHint(control, near) {
    const place = this.element.querySelector(`#${control.id}-hint`);
    const words = near === null ? t("nearUnasked") : t("noneNear");
    place.hidden = near !== null && near.length > 0;
    place.textContent = place.hidden ? "" : words;
  }

  #levels() {
    const above = LEVELS.slice(LEVELS.indexOf(this.event.level) + 1);
    return above.map((each) => [each, t(`level_${each}`)]);
  }

  #matters() {
    const { standard_ref: ref, code } = this.event.matter;
    const others = this.catalogue.matters().filter((each) => each.standard_ref !== ref || each.code !== code);
    return others.map((each) => {
      const value = JSON.stringify({ standard_ref: each.standard_ref, code: each.code });
      return [value, `${each.code} ${this.catalogue.name(each)}`];
    });
  }

  /** A choice of pairs of value and words; where there is but one, it is chosen. */
  #choice(name, label, pairs) {
    const options = pairs.map(([value, words]) => el("option", { value }, words));
    const control = el("select", { id: `move-${name}` }, el("option", { value: "" }, t("chooseOne")), ...options);
    if (pairs.length === 1) [[control.value]] = pairs;
    return { name, control, label, isNeeded: true, parse: same };
  }
}

function fieldRow({ control, label, hint = null }) {
  const words = hint === null ? null : el("small", { id: `${control.id}-hint` }, hint);
  if (words !== null) control.setAttribute("aria-describedby", words.id);
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control, words);
}

function same(text) {
  return text;
}

// Not crypto.randomUUID, which pages without TLS have not.
function randomText() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
}
