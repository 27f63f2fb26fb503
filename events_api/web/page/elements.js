// Making HTML elements without writing HTML: nothing that was reported is ever read as markup.

/** An element with attributes and children; a child that is null is left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A row of a definition list. */
export function row(term, ...description) {
  return el("div", {}, el("dt", {}, term), el("dd", {}, ...description));
}

/** A dot in the colour of a class. */
export function dot(className) {
  return el("span", { class: `dot class-${className}`, "aria-hidden": "true" });
}
