// The map: cells, events, the chosen event's error circle. No tiles, fonts or pictures from outside.

import * as maplibregl from "/web/vendor/maplibre-gl-6.17.0/maplibre-gl.mjs";
import { CLASS_COLOURS } from "./catalogue.js";
import { stateOf } from "./deadlines.js";
import { el } from "./elements.js";
import { stageOf } from "./events.js";
import { localName, t } from "./i18n.js";

const NOTHING = { type: "FeatureCollection", features: [] };
const TOWN_TONES = ["#a9c8e0", "#b5d4ac", "#e2cb97", "#cbb5da"];
const PULSE_MS = 6000;
const PULSE_BEAT_MS = 1200;
const METRES_PER_DEGREE = 111320;
const CLOSEST_ZOOM = 18.5;

const EVENT_RADIUS_PX = ["interpolate", ["linear"], ["zoom"], 8, 3.5, 14, 7, 18, 8];

const STYLE = {
  version: 8,
  sources: Object.fromEntries(
    ["cells", "error", "trails", "events", "pulse"].map((name) => [name, { type: "geojson", data: NOTHING }]),
  ),
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#eef1f4" } },
    {
      id: "cell-fill",
      type: "fill",
      source: "cells",
      paint: {
        "fill-color": ["get", "tone"],
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.9, 14, 0.35],
        "fill-antialias": false,
      },
    },
    {
      id: "cell-hover",
      type: "fill",
      source: "cells",
      filter: ["==", ["get", "code"], ""],
      paint: { "fill-color": "#0b6e8a", "fill-opacity": 0.18 },
    },
    {
      id: "cell-line",
      type: "line",
      source: "cells",
      paint: {
        "line-color": "#7f93a6",
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.1, 13, 0.6, 16, 1.4],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.25, 13, 0.8],
      },
    },
    {
      id: "trails",
      type: "line",
      source: "trails",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#0b6e8a", "line-width": 2, "line-opacity": 0.55 },
    },
    { id: "error-fill", type: "fill", source: "error", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.12 } },
    {
      id: "error-line",
      type: "line",
      source: "error",
      paint: { "line-color": ["get", "colour"], "line-width": 1.5, "line-dasharray": [3, 2] },
    },
    {
      id: "pulse",
      type: "circle",
      source: "pulse",
      paint: { "circle-color": ["get", "colour"], "circle-opacity": 0, "circle-radius": 8 },
    },
    {
      // Rings of two widths: a reader who does not see red from amber sees which is the wider.
      id: "event-deadlines",
      type: "circle",
      source: "events",
      filter: ["in", ["get", "deadline"], ["literal", ["overdue", "warning"]]],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 6.5, 14, 11, 18, 12.5],
        "circle-opacity": 0,
        "circle-stroke-color": ["case", ["==", ["get", "deadline"], "overdue"], "#b3001b", "#c77700"],
        "circle-stroke-width": ["case", ["==", ["get", "deadline"], "overdue"], 3.5, 1.5],
      },
    },
    {
      id: "events",
      type: "circle",
      source: "events",
      paint: {
        // What is finished is an empty ring: still there to be read, no longer asking for anything.
        "circle-color": ["case", ["==", ["get", "stage"], "done"], "#ffffff", ["get", "colour"]],
        "circle-opacity": ["case", ["==", ["get", "stage"], "done"], 0.6, 0.95],
        "circle-radius": EVENT_RADIUS_PX,
        "circle-stroke-color": [
          "case",
          ["get", "chosen"],
          "#10202e",
          ["==", ["get", "stage"], "done"],
          ["get", "colour"],
          "#ffffff",
        ],
        "circle-stroke-opacity": ["case", ["==", ["get", "stage"], "done"], 0.55, 1],
        "circle-stroke-width": ["case", ["get", "chosen"], 3, 1.5],
      },
    },
    {
      id: "event-marks",
      type: "circle",
      source: "events",
      filter: ["in", ["get", "stage"], ["literal", ["hand", "look"]]],
      paint: {
        "circle-color": ["case", ["==", ["get", "stage"], "look"], "#ffc53d", "#ffffff"],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 1.4, 14, 3, 18, 3.6],
      },
    },
  ],
};

/** Make the map, or throw when the browser cannot. `on` holds choose(eventId), moved() and rested(). */
export class CountyMap {
  #map;
  #ready;
  #pulses = new Map();
  #beating = false;
  #townLabels = [];
  #on;
  cellBounds = null;

  constructor(on) {
    this.#on = on;
    this.#map = new maplibregl.Map({
      container: "map",
      style: STYLE,
      center: [115.62, 33.16],
      zoom: 9,
      maxZoom: 20,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
    this.#ready = new Promise((resolve) => this.#map.once("load", resolve));
    this.#listen();
  }

  get maplibre() {
    return this.#map;
  }

  /** Wait until sources can be filled. */
  ready() {
    return this.#ready;
  }

  translate() {
    this.#map.getCanvas().setAttribute("aria-label", t("mapLabel"));
    this.#labelTowns();
  }

  /** West, south, east and north of what the reader sees, as the API takes a box. */
  window() {
    const seen = this.#map.getBounds();
    const limit = (degrees, most) => Math.max(-most, Math.min(most, degrees)).toFixed(6);
    return [
      limit(seen.getWest(), 180),
      limit(seen.getSouth(), 90),
      limit(seen.getEast(), 180),
      limit(seen.getNorth(), 90),
    ].join();
  }

  zoomBy(steps) {
    this.#map.zoomTo(this.#map.getZoom() + steps);
  }

  showCells(collection) {
    const features = collection.features.map((feature) => ({
      ...feature,
      properties: { ...feature.properties, tone: townTone(feature.properties.code) },
    }));
    this.#set("cells", { ...collection, features });
    this.cellBounds = boundsOf(features);
    this.#townLabels = townCentres(features);
    this.#labelTowns();
  }

  showEvents(events, catalogue, chosenId) {
    const features = events
      .filter((event) => event.position !== null)
      .map((event) => point(event, catalogue, event.event_id === chosenId))
      .reverse(); // the newest is drawn last, on top
    this.#set("events", { type: "FeatureCollection", features });
  }

  showError(event, catalogue) {
    const isKnown = event?.position && event.ce90_m !== null;
    this.#set("error", isKnown ? circle(event.position, event.ce90_m, catalogue.colour(event.matter)) : NOTHING);
  }

  showTrails(lines) {
    const features = lines.map((coordinates) => ({
      type: "Feature",
      properties: {},
      geometry: { type: "LineString", coordinates },
    }));
    this.#set("trails", { type: "FeatureCollection", features });
  }

  /** Let an event's place beat for a few seconds. */
  pulse(event, catalogue) {
    if (event.position === null || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.#pulses.set(event.event_id, { until: performance.now() + PULSE_MS, feature: point(event, catalogue, false) });
    this.#drawPulses();
    if (!this.#beating) requestAnimationFrame((now) => this.#beat(now));
    this.#beating = true;
  }

  flyTo(position, leastZoom) {
    const zoom = Math.min(CLOSEST_ZOOM, Math.max(leastZoom, this.#map.getZoom()));
    this.#map.flyTo({ center: [position.lon_deg, position.lat_deg], zoom, duration: 900 });
  }

  fit(bounds, animate = true) {
    if (bounds === null) return;
    this.#map.fitBounds(bounds, { padding: 60, maxZoom: 17, duration: animate ? 700 : 0 });
  }

  addMarker(element, rotationAlignment) {
    return new maplibregl.Marker({ element, rotationAlignment, pitchAlignment: rotationAlignment });
  }

  #set(source, data) {
    this.#ready.then(() => this.#map.getSource(source).setData(data));
  }

  #listen() {
    const tip = document.getElementById("cell-tip");
    this.#map.on("click", "events", ({ features }) => this.#on.choose(features[0].properties.event_id));
    this.#map.on("mouseenter", "events", () => (this.#map.getCanvas().style.cursor = "pointer"));
    this.#map.on("mouseleave", "events", () => (this.#map.getCanvas().style.cursor = ""));
    this.#map.on("mousemove", "cell-fill", ({ features, point }) => this.#tell(tip, features[0].properties, point));
    this.#map.on("click", "cell-fill", ({ features, point }) => this.#tell(tip, features[0].properties, point));
    this.#map.on("mouseleave", "cell-fill", () => {
      tip.hidden = true;
      this.#map.setFilter("cell-hover", ["==", ["get", "code"], ""]);
    });
    this.#map.on("moveend", () => this.#on.rested());
    for (const kind of ["dragstart", "wheel"]) this.#map.on(kind, () => this.#on.moved());
  }

  #tell(tip, cell, point) {
    this.#map.setFilter("cell-hover", ["==", ["get", "code"], cell.code]);
    const lines = [cell.code, `${localName(cell.town)} · ${localName(cell.village)}`, localName(cell.name)];
    tip.replaceChildren(...lines.map((line) => el("span", {}, line)));
    tip.hidden = false;
    const { width } = this.#map.getContainer().getBoundingClientRect();
    const left_px = Math.min(point.x + 14, width - tip.offsetWidth - 8);
    tip.style.transform = `translate(${Math.max(8, left_px)}px, ${point.y + 14}px)`;
  }

  #labelTowns() {
    for (const town of this.#townLabels) {
      town.marker?.remove();
      const label = el("span", { class: "town-label" }, localName(town.name));
      town.marker = new maplibregl.Marker({ element: label }).setLngLat(town.centre).addTo(this.#map);
    }
  }

  #drawPulses() {
    const features = [...this.#pulses.values()].map((pulse) => pulse.feature);
    this.#set("pulse", { type: "FeatureCollection", features });
  }

  #beat(now) {
    for (const [id, pulse] of this.#pulses) {
      if (pulse.until < now) {
        this.#pulses.delete(id);
        this.#drawPulses();
      }
    }
    this.#beating = this.#pulses.size > 0;
    const phase = (now % PULSE_BEAT_MS) / PULSE_BEAT_MS;
    this.#map.setPaintProperty("pulse", "circle-radius", 8 + 26 * phase);
    this.#map.setPaintProperty("pulse", "circle-opacity", this.#beating ? 0.5 * (1 - phase) : 0);
    if (this.#beating) requestAnimationFrame((next) => this.#beat(next));
  }
}

function point(event, catalogue, chosen) {
  return {
    type: "Feature",
    properties: {
      event_id: event.event_id,
      colour: catalogue.colour(event.matter),
      stage: stageOf(event),
      deadline: stateOf(event),
      chosen,
    },
    geometry: { type: "Point", coordinates: [event.position.lon_deg, event.position.lat_deg] },
  };
}

function circle(position, radius_m, colour) {
  const north_deg = radius_m / METRES_PER_DEGREE;
  const east_deg = north_deg / Math.cos((position.lat_deg * Math.PI) / 180);
  const ring = Array.from({ length: 65 }, (_, step) => {
    const angle = (step / 64) * 2 * Math.PI;
    return [position.lon_deg + east_deg * Math.cos(angle), position.lat_deg + north_deg * Math.sin(angle)];
  });
  return { type: "Feature", properties: { colour }, geometry: { type: "Polygon", coordinates: [ring] } };
}

/** A quiet colour for all cells of a town. */
function townTone(code) {
  return TOWN_TONES[Number.parseInt(code.slice(6, 9), 10) % TOWN_TONES.length] ?? TOWN_TONES[0];
}

/** West, south, east and north of features, or of [lon, lat] pairs; null of none. */
export function boundsOf(features) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const take = ([lon, lat]) => {
    bounds[0] = Math.min(bounds[0], lon);
    bounds[1] = Math.min(bounds[1], lat);
    bounds[2] = Math.max(bounds[2], lon);
    bounds[3] = Math.max(bounds[3], lat);
  };
  for (const item of features) (item.geometry ? item.geometry.coordinates[0] : [item]).forEach(take);
  return features.length === 0 ? null : bounds;
}

function townCentres(features) {
  const towns = new Map();
  for (const { geometry, properties } of features) {
    const code = properties.code.slice(0, 9);
    const town = towns.get(code) ?? { name: properties.town, lon: 0, lat: 0, count: 0 };
    const [lon, lat] = geometry.coordinates[0][0];
    towns.set(code, { ...town, lon: town.lon + lon, lat: town.lat + lat, count: town.count + 1 });
  }
  return [...towns.values()].map(({ name, lon, lat, count }) => ({ name, centre: [lon / count, lat / count] }));
}
