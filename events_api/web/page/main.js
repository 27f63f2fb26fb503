// Starts the page: signs in, loads what there is, and follows what comes.

import { Catalogue } from "./catalogue.js";
import { DetailView } from "./detail.js";
import { EventBook } from "./events.js";
import { currentLanguage, localName, switchLanguage, t, translatePage } from "./i18n.js";
import { EventList } from "./list.js";
import { CountyMap, boundsOf } from "./map.js";
import {
  RequestError,
  beginSession,
  endSession,
  forgetToken,
  keepToken,
  keptToken,
  renewSession,
  requestJson,
  takeTokenFromAddress,
} from "./session.js";
import { LiveStream } from "./stream.js";
import { Fleet } from "./vehicles.js";

const FIRST_PAGE = 500;
const WINDOW_PAGE = 500;
const REST_MS = 250;
const LOOK_AGAIN_MS = 3000;
const EVENT_ZOOM = 18.5;
const FADE_EVERY_MS = 5000;
const RENEW_EVERY_MS = 60_000;

const $ = (id) => document.getElementById(id);

class Page {
  catalogue = new Catalogue();
  book = new EventBook(this.catalogue);
  cells = new Map();
  stream = null;
  followsActivity = true; // until the reader moves the map
  isLoaded = false;
  asking = new AbortController(); // for what is open in the window

  constructor() {
    this.map = makeMap({
      choose: (id) => this.choose(id),
      moved: () => (this.followsActivity = false),
      rested: () => this.look(),
    });
    this.fleet = new Fleet(this.map);
    const { book, catalogue, cells } = this;
    const onChoose = (id) => this.choose(id);
    const onMoved = (event) => this.takeEvent(event);
    const onRefused = (error) => this.failed(error);
    this.detail = new DetailView({ book, catalogue, cells, onChoose, onMoved, onRefused });
    this.list = new EventList({ book, catalogue, cells, onChoose, onClasses: () => this.drawMap() });
    this.listen();
    this.translate();
    setInterval(() => this.passTime(), FADE_EVERY_MS);
    setInterval(() => this.renew(), RENEW_EVERY_MS);
  }

  listen() {
    $("language").addEventListener("click", () => (switchLanguage(), this.translate()));
    $("sign-out").addEventListener("click", () => this.signOut());
    $("token-form").addEventListener("submit", () => this.signIn());
    $("token-dialog").addEventListener("cancel", (event) => event.preventDefault());
    $("back").addEventListener("click", () => this.closeDetail());
    $("zoom-in").addEventListener("click", () => this.map?.zoomBy(1));
    $("zoom-out").addEventListener("click", () => this.map?.zoomBy(-1));
    $("view-county").addEventListener("click", () => this.view(this.map?.cellBounds ?? null, false));
    $("view-activity").addEventListener("click", () => this.view(this.activityBounds(), true));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || this.detail.eventId === null) return;
      if (!this.detail.closeForm()) this.closeDetail();
    });
  }

  async start() {
    takeTokenFromAddress();
    if (keptToken() === "") {
      this.askForToken(null);
      return;
    }
    try {
      await this.load();
    } catch (error) {
      this.failed(error);
    }
  }

  // The stream is opened before the lists are read, so that nothing falls between the two.
  async load() {
    await this.loadMatters();
    this.follow();
    const [, vehicles] = await Promise.all([
      this.loadEvents(),
      requestJson("/vehicles"),
      this.loadCells(),
    ]);
    for (const vehicle of vehicles) this.fleet.put(vehicle, false);
    this.draw();
    this.isLoaded = true;
    this.map?.fit(this.activityBounds() ?? this.map.cellBounds, false);
    this.look();
  }

  /** Ask for what is open where the reader looks, once the map has come to rest. */
  look() {
    if (this.map === null || !this.isLoaded) return;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.loadWindow().catch((error) => this.failed(error)), REST_MS);
  }

  async loadWindow() {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const path = `/events?open=true&limit=${WINDOW_PAGE}&bbox=${this.map.window()}`;
    let page;
    try {
      page = await this.loadPage(path, { signal });
    } catch (error) {
      if (signal.aborted) return; // the map has moved on
      if (!(error instanceof RequestError) || error.isTokenProblem) throw error;
      setTimeout(() => this.look(), LOOK_AGAIN_MS);
      return;
    }
    for (const event of page.events) this.book.put(event);
    $("more-here").hidden = page.next_cursor === null;
    this.draw();
  }

  async loadMatters() {
    this.catalogue.load((await requestJson("/catalogue")).catalogue);
  }

  async loadEvents() {
    const page = await this.loadPage(`/events?limit=${FIRST_PAGE}`);
    for (const event of page.events) this.book.put(event);
  }

  /** A page of events; what left the reader's scope while it was on its way may still stand in it. */
  async loadPage(path, options) {
    const { departures } = this.book;
    const page = await requestJson(path, options);
    return departures === this.book.departures ? page : this.loadPage(path, options);
  }

  async loadCells() {
    const collection = await requestJson("/cells");
    this.cells.clear();
    for (const { properties } of collection.features) this.cells.set(properties.code, properties);
    $("figure-cells").textContent = this.cells.size.toLocaleString();
    this.map?.showCells(collection);
  }

  follow() {
    this.stream?.stop();
    this.stream = new LiveStream({
      message: (kind, data) => this.take(kind, data),
      state: (state) => showLinkState(state),
      refused: (error) => this.failed(error),
    });
    this.stream.run();
  }

  take(kind, data) {
    if (kind === "vehicle") this.takeVehicle(data);
    else if (kind === "cells") this.loadCells().then(() => this.draw(), (error) => this.failed(error));
    else if (kind === "rules") this.takeRules();
    else if (kind === "event.left") this.loseEvent(data.event_id);
    else if (kind.startsWith("event.")) this.takeEvent(data);
  }

  /** Limits and names may be others now, and with them what is due. */
  takeRules() {
    Promise.all([this.loadMatters(), this.loadEvents()]).then(() => this.draw(), (error) => this.failed(error));
  }

  takeVehicle(vehicle) {
    const isFirst = this.fleet.positions().length === 0;
    this.fleet.put(vehicle, true);
    this.drawFigures();
    if (isFirst && this.followsActivity) this.view(this.activityBounds(), true);
  }

  takeEvent(event) {
    const { isNew, hasMoved } = this.book.put(event);
    if (isNew || hasMoved) this.announce(event, isNew);
    this.draw();
    this.map?.pulse(event, this.catalogue);
    if (isNew && this.followsActivity && this.detail.eventId === null) this.view(this.activityBounds(), true);
    if (event.event_id === this.detail.eventId) this.detail.show(event.event_id);
  }

  announce(event, isNew) {
    this.list.markFresh(event.event_id);
    const matter = this.catalogue.name(event.matter);
    const place = localName(this.cells.get(event.cell_code)?.village) || event.cell_code || event.place || "–";
    const status = t(`status_${event.status}`);
    $("announce").textContent = isNew ? t("newEvent", { matter, place }) : t("eventMoved", { status, matter, place });
  }

  loseEvent(eventId) {
    this.book.remove(eventId);
    if (eventId === this.detail.eventId) this.closeDetail();
    this.draw();
  }

  choose(eventId) {
    const event = this.book.get(eventId);
    this.detail.show(eventId);
    $("list-view").hidden = true;
    $("detail-view").hidden = false;
    $("back").focus();
    this.drawMap();
    if (event?.position) this.map?.flyTo(event.position, EVENT_ZOOM);
  }

  closeDetail() {
    const eventId = this.detail.eventId;
    this.detail.close();
    $("detail-view").hidden = true;
    $("list-view").hidden = false;
    this.drawMap();
    document.querySelector(`[data-event-id="${eventId}"]`)?.focus();
  }

  draw() {
    this.list.draw();
    this.drawMap();
    this.drawFigures();
  }

  drawMap() {
    const chosenId = this.detail.eventId;
    this.map?.showEvents(this.book.shown(), this.catalogue, chosenId);
    this.map?.showError(this.book.get(chosenId), this.catalogue);
  }

  /** Deadlines pass without a message; everything is drawn again only when one did. */
  passTime() {
    const states = this.book.deadlineStates();
    if (states !== this.states) this.draw();
    else this.drawFigures();
    this.states = states;
  }

  drawFigures() {
    $("figure-events").textContent = this.book.size.toLocaleString();
    $("figure-hazards").textContent = this.book.counts().hazard;
    const overdue = this.book.overdueCount();
    $("figure-overdue").textContent = overdue;
    $("figure-overdue").classList.toggle("alarm", overdue > 0);
    $("figure-vehicles").textContent = this.fleet.liveCount;
    this.fleet.fade();
  }

  /** The box of the newest events and of all aircraft; null when there are none. */
  activityBounds() {
    const events = this.book.all().slice(0, 100).filter((event) => event.position !== null);
    const places = events.map(({ position }) => [position.lon_deg, position.lat_deg]);
    return boundsOf([...places, ...this.fleet.positions()]);
  }

  view(bounds, followsActivity) {
    this.followsActivity = followsActivity;
    this.map?.fit(bounds);
  }

  translate() {
    translatePage();
    $("language").textContent = t("otherLanguage");
    $("language").lang = currentLanguage() === "en" ? "zh" : "en";
    showLinkState($("link-state").dataset.state);
    this.map?.translate();
    this.draw();
    if (this.detail.eventId !== null) this.detail.show(this.detail.eventId);
  }

  failed(error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.isTokenProblem) this.askForToken(error.message);
    else setTimeout(() => this.start(), 3000);
  }

  askForToken(reason) {
    this.stream?.stop();
    forgetToken();
    $("token-problem").hidden = reason === null;
    $("token-problem").textContent = reason === null ? "" : t("tokenWrong", { reason });
    if (!$("token-dialog").open) $("token-dialog").showModal();
    $("user-name").focus();
  }

  async signIn() {
    const [name, password, token] = ["user-name", "password", "token"].map((id) => $(id).value);
    for (const id of ["password", "token"]) $(id).value = "";
    try {
      if ($("by-token").open && token !== "") keepToken(token.trim());
      else await beginSession(name.trim(), password);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.askForToken(error.message);
      return;
    }
    this.start();
  }

  renew() {
    renewSession().catch((error) => this.failed(error));
  }

  async signOut() {
    try {
      await endSession();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
    forgetToken();
    location.reload();
  }
}

function makeMap(on) {
  try {
    return new CountyMap(on);
  } catch {
    $("map-missing").hidden = false;
    return null;
  }
}

function showLinkState(state) {
  const words = { connecting: "linkConnecting", live: "linkLive", lost: "linkLost" };
  $("link-state").dataset.state = state;
  $("link-state").querySelector("span").textContent = t(words[state]);
}

// Reachable by name for whoever looks into the page from its console.
window.gridpatrolPage = new Page();
window.gridpatrolPage.start();
