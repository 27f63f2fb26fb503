// Matters and bodies: their names in the reader's language, and the class matters are coloured by.

import { currentLanguage } from "./i18n.js";

/** Colours that stay apart for colour-blind readers and on the pale map. */
export const CLASS_COLOURS = {
  hazard: "#d1242f",
  order: "#c2560c",
  parking: "#1f5fbf",
  tidiness: "#1a7f4b",
  road: "#7a3fb0",
  presence: "#57606a",
};

export class Catalogue {
  #matters = new Map();
  #bodies = new Map();

  /** Take what GET /catalogue answers of these. */
  load({ matters, bodies }) {
    this.#matters = new Map(matters.map((matter) => [key(matter), matter]));
    this.#bodies = new Map(bodies.map((body) => [body.id, body]));
  }

  /** Every matter, in the catalogue's order. */
  matters() {
    return [...this.#matters.values()];
  }

  /** Every body; none where the catalogue knows nothing about them. */
  bodies() {
    return [...this.#bodies.values()];
  }

  /** The name of a body; its code where the catalogue has none. */
  bodyName(id) {
    return this.#bodies.get(id)?.[currentLanguage()] ?? id;
  }

  name(matter) {
    const known = this.#matters.get(key(matter));
    return known === undefined ? matter.code : known[currentLanguage()];
  }

  classOf(matter) {
    return this.#matters.get(key(matter))?.colour_class ?? "presence";
  }

  isLocal(matter) {
    return this.#matters.get(key(matter))?.is_local_extension ?? false;
  }

  colour(matter) {
    return CLASS_COLOURS[this.classOf(matter)];
  }
}

function key(matter) {
  return `${matter.standard_ref} ${matter.code}`;
}
