// Aircraft on the map: a turned marker with name and height, and the way it came.

import { el } from "./elements.js";
import { t } from "./i18n.js";

const MOST_TRAIL_POINTS = 1500;
const LOST_AFTER_MS = 30000;
const SVG = "http://www.w3.org/2000/svg";

export class Fleet {
  #vehicles = new Map();
  #map;

  constructor(map) {
    this.#map = map;
  }

  /** Vehicles heard of lately. */
  get liveCount() {
    return [...this.#vehicles.values()].filter((vehicle) => !isLost(vehicle)).length;
  }

  positions() {
    return [...this.#vehicles.values()].map((vehicle) => vehicle.trail[vehicle.trail.length - 1]);
  }

  /** Take a position; `isLive` is false for one that may be old. */
  put(now, isLive) {
    const vehicle = this.#vehicles.get(now.name) ?? this.#add(now.name);
    const place = [now.position.lon_deg, now.position.lat_deg];
    vehicle.heard_ms = isLive ? Date.now() : Date.parse(now.observed_at);
    vehicle.trail.push(place);
    if (vehicle.trail.length > MOST_TRAIL_POINTS) vehicle.trail.shift();
    this.#turn(vehicle, now);
    vehicle.marker?.setLngLat(place).addTo(this.#map.maplibre);
    this.#map?.showTrails([...this.#vehicles.values()].map((each) => each.trail).filter((trail) => trail.length > 1));
  }

  /** Pale those not heard of for a while. */
  fade() {
    for (const vehicle of this.#vehicles.values()) vehicle.element.classList.toggle("lost", isLost(vehicle));
  }

  #add(name) {
    const arrow = arrowPicture();
    const label = el("span", { class: "vehicle-label" });
    const element = el("div", { class: "vehicle" }, arrow, label);
    const vehicle = { name, element, arrow, label, trail: [], heard_ms: 0 };
    vehicle.marker = this.#map?.addMarker(element, "viewport");
    this.#vehicles.set(name, vehicle);
    return vehicle;
  }

  #turn(vehicle, now) {
    vehicle.arrow.style.transform = `rotate(${now.heading_deg ?? 0}deg)`;
    const height = now.height_home_m === null ? null : t("height", { metres: Math.round(now.height_home_m) });
    const battery = now.battery_percent === null ? null : t("battery", { percent: Math.round(now.battery_percent) });
    vehicle.label.textContent = [vehicle.name, height, battery].filter((part) => part !== null).join(" · ");
  }
}

function isLost(vehicle) {
  return Date.now() - vehicle.heard_ms > LOST_AFTER_MS;
}

function arrowPicture() {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "-20 -20 40 40");
  picture.setAttribute("class", "vehicle-arrow");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M0 -16 L11 13 L0 7 L-11 13 Z");
  picture.append(path);
  return picture;
}
