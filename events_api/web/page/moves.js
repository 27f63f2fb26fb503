// What the reader may do with the event shown: a button for each move, and the form of the one chosen.

import { el } from "./elements.js";
import { currentLanguage, t } from "./i18n.js";
import { MoveForm } from "./move_form.js";
import { RequestError, request } from "./session.js";

/** Every move in the order of its button; the way forward comes first. */
const FORWARD = ["accept", "dispatch", "start", "resume", "finish", "confirm_gone"];
const BESIDE = ["find_still_there", "reopen", "escalate", "grade", "classify", "extend", "suspend"];
const BACK = ["return_to_dispatcher", "return_to_acceptor", "link_duplicate", "reject"];
const ORDER = [...FORWARD, ...BESIDE, ...BACK];

export class MovesPanel {
  element = el("section", { id: "moves", class: "moves", tabindex: "-1", hidden: "" });
  #event = null;
  #form = null;

  /**
   * `load(eventId)` shows an event anew and returns it, or null where it could not be had;
   * `onMoved(event)` and `onRefused(error)` tell the page.
   */
  constructor({ book, catalogue, load, onMoved, onRefused }) {
    Object.assign(this, { book, catalogue, load, onMoved, onRefused });
  }

  /** Show what may be done with an event as it is now; what is being typed stays as it is. */
  show(event) {
    if (event.event_id !== this.#event?.event_id) this.clear();
    if (event.version < (this.#event?.version ?? 0)) return; // it was overtaken on its way
    this.#event = event;
    if (this.#form === null) this.#drawButtons();
    else if (!this.#form.isSending) this.#compare();
  }

  clear() {
    this.#event = null;
    this.#form = null;
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** Close the form, if one is open; says whether it was. */
  closeForm() {
    const form = this.#form;
    if (form === null) return false;
    this.#form = null;
    this.#drawButtons();
    this.#focusOn(form.move.name);
    return true;
  }

  #drawButtons() {
    const focused = document.activeElement?.dataset?.move;
    const moves = [...this.#event.moves].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
    const buttons = moves.map((move) => {
      const attributes = { type: "button", class: kindOf(move), "data-move": move.name };
      return el("button", { ...attributes, onclick: () => this.#open(move) }, t(`move_${move.name}`));
    });
    this.element.hidden = moves.length === 0;
    this.element.setAttribute("aria-label", t("moves"));
    this.element.classList.remove("open");
    this.element.replaceChildren(el("div", { class: "move-buttons", role: "group", "aria-label": t("moves") }, ...buttons));
    if (focused) this.#focusOn(focused);
  }

  #open(move, values = {}) {
    const { book, catalogue } = this;
    const on = { onSend: () => this.#send(), onCancel: () => this.closeForm() };
    this.#form = new MoveForm(move, this.#event, { book, catalogue, ...on }, values);
    this.element.hidden = false;
    this.element.classList.add("open");
    this.element.replaceChildren(this.#form.element);
    this.#form.focus();
  }

  /** Hold the form against the event as it is now. */
  #compare() {
    const form = this.#form;
    if (form.language !== currentLanguage()) this.#translate();
    if (form.version === this.#event.version) return;
    this.#form.version = this.#event.version;
    const { life, status, version } = this.#event;
    const step = life.find((each) => each.version === version); // the event may have moved between the two answers
    const isPossible = this.#event.moves.some(({ name }) => name === form.move.name);
    const what = () => (step ? `${t(`transition_${step.name}`)} · ${step.actor}` : t(`status_${status}`));
    this.#form.say(() => (isPossible ? t("movedMeanwhile", { what: what() }) : t("moveGone", { what: what() })));
    if (!isPossible) this.#form.end();
  }

  #translate() {
    const { move, version, message } = this.#form;
    this.#open(move, this.#form.values());
    this.#form.version = version;
    this.#form.say(message);
  }

  async #send() {
    const form = this.#form;
    const wish = form.isSending ? null : form.read();
    if (wish === null) return;
    form.say(null);
    form.setSending(true);
    try {
      await this.#post(form, wish);
    } catch (error) {
      form.setSending(false);
      if (!(error instanceof RequestError)) throw error;
      await this.#failed(form, wish, error);
      return;
    }
    await this.#done(form);
  }

  #post(form, wish) {
    const body = JSON.stringify(wish);
    const headers = {
      "Content-Type": "application/json",
      "If-Match": `"${form.version}"`,
      "Idempotency-Key": form.keyOf(body),
    };
    return request(`/events/${form.event.event_id}/transitions`, { method: "POST", headers, body });
  }

  async #done(form) {
    const event = await this.#reload(form);
    if (event !== null) this.onMoved(event);
    if (this.#form !== form) return; // the reader has gone on
    // What could not be loaded again may be anybody's now.
    if (event === null) this.#event = { ...this.#event, moves: [] };
    this.#form = null;
    this.#drawButtons();
    this.#focusOn(null);
  }

  /** Load the event anew; the form is held against it even if a later answer is what is drawn. */
  async #reload(form) {
    const event = await this.load(form.event.event_id);
    if (event !== null && this.#form === form) this.show(event);
    return event;
  }

  async #failed(form, wish, error) {
    form.say(() => error.message);
    if (error.status === 401) this.onRefused(error);
    if (error.status === 412) await this.#reload(form);
    if (error.status === 0) await this.#lookAgain(form, wish);
  }

  /** Nobody answered: whether it was done is seen from the event itself, as soon as it can be had. */
  async #lookAgain(form, wish) {
    form.say(() => t("moveUnknown"));
    const { version } = form;
    form.setSending(true);
    const event = await this.#reload(form);
    const next = event?.life.find((step) => step.version === version + 1);
    if (next?.name === wish.name && next.reason === (wish.reason ?? "")) {
      await this.#done(form);
      return;
    }
    form.setSending(false);
    if (event === null) return;
    if (event.version === version) form.say(() => t("moveNotDone"));
    else if (this.#form === form) this.#compare();
  }

  /** To a move's button; where it has gone to them all, and where none is left to the way back. */
  #focusOn(name) {
    const button = this.element.querySelector(`[data-move="${name}"]`);
    const rest = this.element.hidden ? document.getElementById("back") : this.element;
    (button ?? rest).focus({ preventScroll: true });
  }
}

function kindOf({ name }) {
  if (FORWARD.includes(name)) return "strong";
  return BACK.includes(name) ? "plain" : "outlined";
}
