// The events that the page knows: newest first, and which of them are shown.

import { CLASS_COLOURS } from "./catalogue.js";
import { stateOf } from "./deadlines.js";

const MOST_KEPT = 5000;

const STAGES = {
  reported: "new",
  accepted: "hand",
  dispatched: "hand",
  handling: "hand",
  suspended: "hand",
  awaiting_verification: "look",
};

/** Where an event stands, as far as a mark on the map can say it. */
export function stageOf(event) {
  return STAGES[event.status] ?? "done";
}

export class EventBook {
  #events = new Map();
  #catalogue;
  hiddenClasses = new Set();
  departures = 0; // how many events have left the reader's scope

  constructor(catalogue) {
    this.#catalogue = catalogue;
  }

  get size() {
    return this.#events.size;
  }

  /** Take an event in its newest state; says whether it was not known before, and whether it moved. */
  put(event) {
    const known = this.#events.get(event.event_id);
    // A list asked for before a live message may arrive after it, and is then the older state.
    if (known !== undefined && isOlder(event, known)) return { isNew: false, hasMoved: false };
    // Behind all others: what was told of longest ago is forgotten first.
    this.#events.delete(event.event_id);
    this.#events.set(event.event_id, event);
    if (this.#events.size > MOST_KEPT) this.#events.delete(this.#events.keys().next().value);
    return { isNew: known === undefined, hasMoved: known !== undefined && known.status !== event.status };
  }

  /** Forget an event that is no longer in the reader's scope. */
  remove(eventId) {
    this.#events.delete(eventId);
    this.departures += 1;
  }

  get(eventId) {
    return this.#events.get(eventId);
  }

  /** Every event, newest first. */
  all() {
    return [...this.#events.values()].sort((a, b) => b.number - a.number);
  }

  /** The events whose class is not hidden, newest first. */
  shown() {
    return this.all().filter((event) => !this.hiddenClasses.has(this.classOf(event)));
  }

  classOf(event) {
    return this.#catalogue.classOf(event.matter);
  }

  /** How many events there are of each class. */
  counts() {
    const counts = Object.fromEntries(Object.keys(CLASS_COLOURS).map((name) => [name, 0]));
    for (const event of this.#events.values()) counts[this.classOf(event)] += 1;
    return counts;
  }

  /** How many events are overdue now. */
  overdueCount() {
    return this.all().filter((event) => stateOf(event) === "overdue").length;
  }

  /** A text that changes when the deadline of any event comes to stand otherwise. */
  deadlineStates() {
    return this.all().map((event) => stateOf(event)).join();
  }
}

function isOlder(event, known) {
  return event.version < known.version || event.observation_count < known.observation_count;
}
