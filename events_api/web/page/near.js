// Which open events an event may be a repetition of: those near it, the nearest first.

import { stageOf } from "./events.js";

const MOST_NEAR = 30;
const NEAR_M = 2000;
const METRES_PER_DEGREE = 111_195; // on a sphere of the earth's mean radius

/** The open events near one, each with its distance; null for those without a position nearby. */
export function eventsNear(event, events) {
  const others = events.filter((each) => each.event_id !== event.event_id && stageOf(each) !== "done");
  return others
    .map((each) => ({ event: each, distance_m: distance_m(event.position, each.position) }))
    .filter((each) => (each.distance_m === null ? isOfOneCell(event, each.event) : each.distance_m <= NEAR_M))
    .sort((a, b) => (a.distance_m ?? NEAR_M) - (b.distance_m ?? NEAR_M))
    .slice(0, MOST_NEAR);
}

function isOfOneCell(event, other) {
  return event.cell_code !== null && event.cell_code === other.cell_code;
}

// Flat, which is exact to a millimetre over such distances.
function distance_m(from, to) {
  if (from === null || to === null) return null;
  const north = (to.lat_deg - from.lat_deg) * METRES_PER_DEGREE;
  const east = (to.lon_deg - from.lon_deg) * METRES_PER_DEGREE * Math.cos((from.lat_deg * Math.PI) / 180);
  return Math.hypot(north, east);
}
