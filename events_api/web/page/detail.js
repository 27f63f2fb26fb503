// One event with its snapshot and everything observed of it.

import { dueText, stateOf } from "./deadlines.js";
import { dot, el, row } from "./elements.js";
import { errorText, localName, percentText, t, timeText } from "./i18n.js";
import { MovesPanel } from "./moves.js";
import { RequestError, request, requestJson } from "./session.js";
import { reasonText } from "./reasons.js";
import { whyText } from "./why.js";

const MOST_CELLS = 4;

export class DetailView {
  #place = document.getElementById("detail");
  #head = el("div");
  #rest = el("div");
  #eventId = null;
  #asks = 0;
  #pictureUrls = new Map();

  constructor({ book, catalogue, cells, onChoose, onMoved, onRefused }) {
    Object.assign(this, { book, catalogue, cells, onChoose });
    this.moves = new MovesPanel({ book, catalogue, onMoved, onRefused, load: (id) => this.show(id) });
    // The moves stand still between the two: what is typed there outlives every drawing.
    this.#place.append(this.#head, this.moves.element, this.#rest);
  }

  get eventId() {
    return this.#eventId;
  }

  close() {
    this.#eventId = null;
    this.moves.clear();
    for (const part of [this.#head, this.#rest]) part.replaceChildren();
    for (const url of this.#pictureUrls.values()) URL.revokeObjectURL(url);
    this.#pictureUrls.clear();
  }

  /** Close the form of a move, if one is open; says whether it was. */
  closeForm() {
    return this.moves.closeForm();
  }

  /** Show an event, from what is known at once and then in full; returns it, or null if it cannot be had. */
  async show(eventId) {
    if (this.#eventId !== eventId) this.close();
    this.#eventId = eventId;
    const ask = (this.#asks += 1);
    const known = this.book.get(eventId);
    if (known !== undefined && this.#head.childElementCount === 0) this.#draw(known, t("loading"));
    try {
      const paths = [`/events/${eventId}`, `/events/${eventId}/history`];
      const [event, life] = await Promise.all(paths.map((path) => requestJson(path)));
      // An answer that a later one has overtaken is not shown.
      if (ask === this.#asks && this.#eventId === eventId) this.#draw({ ...event, life }, null);
      return { ...event, life };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const problem = t("notLoaded", { reason: error.message });
      if (ask === this.#asks && this.#eventId === eventId && known !== undefined) this.#draw(known, problem);
      return null;
    }
  }

  #draw(event, note) {
    const matter = this.catalogue.name(event.matter);
    const parts = [
      el("h2", { tabindex: "-1" }, dot(this.book.classOf(event)), matter),
      el("p", { class: "code" }, this.#standard(event)),
      note === null ? null : el("p", { class: "quiet" }, note),
      this.#picture(event, matter),
      this.#facts(event),
    ];
    const rest = [
      event.why === "" ? null : el("h3", {}, t("why")),
      event.why === "" ? null : el("p", { class: "why" }, reasonText(event.why)),
      ...this.#life(event),
      ...this.#cellShares(event),
      ...this.#history(event),
    ];
    this.#head.replaceChildren(...parts.filter((part) => part !== null));
    this.#rest.replaceChildren(...rest.filter((part) => part !== null));
    if (event.moves !== undefined) this.moves.show(event);
  }

  #standard(event) {
    const local = this.catalogue.isLocal(event.matter) ? ` · ${t("localExtension")}` : "";
    return `${event.matter.standard_ref} · ${event.matter.code}${local}`;
  }

  #facts(event) {
    const cell = this.cells.get(event.cell_code);
    const { position } = event;
    const coordinates =
      position === null ? t("noPosition") : `${position.lat_deg.toFixed(6)}, ${position.lon_deg.toFixed(6)}`;
    return el(
      "dl",
      { class: "facts" },
      row(
        t("status"),
        el("span", { class: `status status-${event.status}` }, t(`status_${event.status}`)),
        el("small", { class: "since" }, t("since", { time: timeText(event.status_since) })),
      ),
      ...this.#caseFacts(event),
      row(t("score"), percentText(event.score)),
      row(t("error"), position === null ? "–" : errorText(event.ce90_m)),
      row(t("observed"), timeText(event.last_observed_at)),
      row(t("observations"), t("times", { count: event.observation_count })),
      row(t("cell"), event.cell_code ?? "–"),
      ...(cell === undefined ? [] : [row(t("village"), localName(cell.village))]),
      ...(cell === undefined ? [] : [row(t("town"), localName(cell.town))]),
      row(t("coordinates"), coordinates),
      ...(event.zone_id === null ? [] : [row(t("zone"), event.zone_id)]),
      ...(event.place === null ? [] : [row(t("place"), event.place)]),
      row(t("source"), event.source),
    );
  }

  #caseFacts(event) {
    const responsible = event.deadline?.responsible ?? null;
    const due = dueText(event);
    const { body, level, grade = null, extended_until, suspended_until, duplicate_of, duplicates = [] } = event;
    return [
      due === "" ? null : row(t("deadline"), el("span", { class: `due due-${stateOf(event)}` }, due)),
      body === null ? null : row(t("body"), this.catalogue.bodyName(body)),
      body !== null || responsible === null ? null : row(t("responsible"), this.catalogue.bodyName(responsible)),
      level === "village" ? null : row(t("level"), t(`level_${level}`)),
      grade === null ? null : row(t("grade"), t(`grade_${grade}`)),
      extended_until === null ? null : row(t("extendedUntil"), timeText(extended_until)),
      suspended_until === null ? null : row(t("suspendedUntil"), timeText(suspended_until)),
      duplicate_of === null ? null : row(t("duplicateOf"), this.#link(duplicate_of)),
      duplicates.length === 0 ? null : row(t("duplicates"), ...duplicates.map((id) => this.#link(id))),
    ].filter((part) => part !== null);
  }

  #link(eventId) {
    const known = this.book.get(eventId);
    const id = known === undefined ? eventId.slice(0, 8) : `#${known.number}`;
    return el("button", { type: "button", class: "link-event", onclick: () => this.onChoose(eventId) }, t("showEvent", { id }));
  }

  #life(event) {
    const steps = event.life ?? [];
    if (steps.length === 0) return [];
    const rows = steps.map((step) => {
      const until = step.until === null ? null : t("until", { time: timeText(step.until) });
      const level = step.level === null ? null : t(`level_${step.level}`);
      const grade = step.grade === null ? null : t(`grade_${step.grade}`);
      const matter = step.matter === null ? null : this.catalogue.name(step.matter);
      const body = step.body === null ? null : this.catalogue.bodyName(step.body);
      const what = [t(`transition_${step.name}`), body, level, grade, matter, until].filter((part) => part !== null);
      return el(
        "li",
        { class: `step step-${step.to_status}` },
        el("b", {}, what.join(" · ")),
        el("span", {}, `${timeText(step.at)} · ${step.actor} (${t(`role_${step.role}`)})`),
        step.reason === "" ? null : el("small", {}, step.reason),
      );
    });
    return [el("h3", {}, t("life")), el("ol", { class: "life" }, ...rows)];
  }

  #cellShares(event) {
    const shares = event.cells ?? [];
    if (shares.length < 2) return [];
    const rows = shares
      .slice(0, MOST_CELLS)
      .map((share) => el("li", {}, el("span", {}, share.code), el("span", {}, percentText(share.probability))));
    return [el("h3", {}, t("otherCells")), el("ul", { class: "shares" }, ...rows)];
  }

  #history(event) {
    const observations = event.observations ?? [];
    if (observations.length === 0) return [];
    const rows = observations.map(({ report, merged_why }) => {
      const track = report.track_id === null ? "" : ` · ${t("track", { track: report.track_id })}`;
      const head = `${timeText(report.observed_at)} · ${report.source}${track}`;
      const numbers = `${percentText(report.score)} · ${errorText(report.ce90_m)}`;
      return el("li", {}, el("b", {}, head), el("span", {}, numbers), el("small", {}, whyText(merged_why)));
    });
    return [el("h3", {}, t("history")), el("ol", { class: "history" }, ...rows)];
  }

  #picture(event, matter) {
    if (event.snapshot === null) return null;
    const picture = el("img", { alt: t("evidenceAlt", { matter }), class: "snapshot" });
    const figure = el("figure", { class: "waiting" }, picture);
    this.#load(event.snapshot).then(
      (url) => {
        picture.src = url;
        figure.classList.remove("waiting");
      },
      (error) => figure.replaceChildren(pictureProblem(error)),
    );
    return figure;
  }

  async #load(sha256) {
    if (!this.#pictureUrls.has(sha256)) {
      const answer = await request(`/evidence/${sha256}`);
      this.#pictureUrls.set(sha256, URL.createObjectURL(await answer.blob()));
    }
    return this.#pictureUrls.get(sha256);
  }
}

function pictureProblem(error) {
  if (error.evidence !== "altered") return el("p", { class: "quiet" }, t("evidenceMissing"));
  return el("p", { class: "problem", role: "alert" }, t("evidenceAltered"));
}
