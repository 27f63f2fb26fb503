// The events that the page knows: newest first, and which of them are shown.

import { CLASS_COLOURS } from "./catalogue.js";

const MOST_KEPT = 5000;

export class EventBook {
  #events = new Map();
  #catalogue;
  hiddenClasses = new Set();

  constructor(catalogue) {
    this.#catalogue = catalogue;
  }

  get size() {
    return this.#events.size;
  }

  /** Take an event in its newest state; true when it was not known before. */
  put(event) {
    const known = this.#events.get(event.event_id);
    // A list asked for before a live message may arrive after it, and is then the older state.
    if (known !== undefined && known.observation_count > event.observation_count) return false;
    this.#events.set(event.event_id, event);
    if (this.#events.size > MOST_KEPT) this.#forgetOldest();
    return known === undefined;
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

  #forgetOldest() {
    const numbers = this.all();
    this.#events.delete(numbers[numbers.length - 1].event_id);
  }
}
