// Which open events an event may be a repetition of: those near it, the nearest first.

import { stageOf } from "./events.js";
import { requestJson } from "./session.js";

const MOST_NEAR = 30;
const NEAR_M = 2000;
const LEAST_M = 30; // as many in one box of so little are all the same place
const MOST_ASKED = 1000;
const METRES_PER_DEGREE = 111_195; // on a sphere of the earth's mean radius

/** Ask for the open events of its matter near one, and return them as `eventsNear` does. */
export async function askNear(event) {
  const [around, ofCell] = await Promise.all([askAround(event), askCell(event)]);
  const found = new Map([...around, ...ofCell].map((each) => [each.event_id, each]));
  return eventsNear(event, [...found.values()]);
}

/** The open events near one, each with its distance; null for those without a position nearby. */
export function eventsNear(event, events) {
  const others = events.filter((each) => each.event_id !== event.event_id && stageOf(each) !== "done");
  return others
    .map((each) => ({ event: each, distance_m: distance_m(event.position, each.position) }))
    .filter((each) => (each.distance_m === null ? isOfOneCell(event, each.event) : each.distance_m <= NEAR_M))
    .sort((a, b) => (a.distance_m ?? NEAR_M) - (b.distance_m ?? NEAR_M))
    .slice(0, MOST_NEAR);
}

/** Lists are in the order of numbers: where there are too many for one, those closer by are asked for. */
async function askAround(event) {
  if (event.position === null) return [];
  for (let reach_m = NEAR_M; ; reach_m /= 4) {
    const page = await askFor(event, { bbox: boxAround(event.position, reach_m) });
    if (page.next_cursor === null || reach_m < LEAST_M) return page.events;
  }
}

/** What has no position is in no box. */
async function askCell(event) {
  if (event.cell_code === null) return [];
  return (await askFor(event, { cell: event.cell_code })).events;
}

function askFor(event, where) {
  const asked = { open: "true", matter: event.matter.code, limit: MOST_ASKED, ...where };
  return requestJson(`/events?${new URLSearchParams(asked)}`);
}

function boxAround({ lon_deg, lat_deg }, reach_m) {
  const north = reach_m / METRES_PER_DEGREE;
  const east = north / Math.max(0.01, Math.cos((lat_deg * Math.PI) / 180));
  const within = (deg, most) => Math.min(most, Math.max(-most, deg));
  const [west, right] = [within(lon_deg - east, 180), within(lon_deg + east, 180)];
  return [west, within(lat_deg - north, 90), right, within(lat_deg + north, 90)].join(",");
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
