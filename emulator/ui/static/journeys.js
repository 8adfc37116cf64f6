// The journeys, live: one row per sign-up, newest first. Whatever comes in between two frames is drawn at once.

import { $, clock, duration, fill, getJson, h } from "./dom.js";

const MOST_ROWS = 100;
const LABELS = { users: "user document", outbox: "outbox entry", deliveries: "delivery record" };
const EVENT_STEPS = ["published", "in the outbox", "not published"];
const journeys = new Map(); // by user id, oldest first
const rows = new Map();
const shown = new Map(); // the documents that a person has opened, by user id
const changed = new Set();
const followed = new Set();
let frame = 0;

// Tells a screen reader what becomes of this sign-up, and opens its row.
export function follow(userId) {
  followed.add(userId);
  location.hash = `#/journeys/${userId}`;
}

export function startJourneys() {
  const stream = new EventSource("/api/journeys");
  stream.addEventListener("start", () => {
    for (const kept of [journeys, rows, shown, changed, followed]) kept.clear(); // nothing outlives the stack
    $("journey-list").replaceChildren();
    drawSoon();
  });
  stream.onmessage = (event) => {
    for (const journey of JSON.parse(event.data)) {
      journeys.set(journey.user_id, journey);
      changed.add(journey.user_id);
    }
    while (journeys.size > MOST_ROWS) forget(journeys.keys().next().value);
    drawSoon();
  };
  addEventListener("hashchange", drawSoon);
}

function forget(id) {
  rows.get(id)?.remove();
  for (const kept of [journeys, rows, shown, changed, followed]) kept.delete(id);
}

function drawSoon() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const list = $("journey-list");
  const open = openId();
  for (const [id, row] of rows) if ((id === open) !== (row.dataset.open === "true")) changed.add(id);
  for (const id of changed) {
    const journey = journeys.get(id);
    if (!journey) continue;
    if (!rows.has(id)) {
      rows.set(id, h("li", { class: "journey" }));
      list.prepend(rows.get(id));
    }
    drawRow(rows.get(id), journey, id === open);
    if (followed.has(id) && journey.state !== "under way") announce(journey);
  }
  changed.clear();
  $("no-journeys").hidden = journeys.size > 0;
  $("journey-count").textContent = journeys.size ? `${journeys.size} shown, newest first` : "";
}

// The one that a person has chosen, else the newest; `-` means that all are closed.
function openId() {
  const chosen = location.hash.match(/^#\/journeys\/(.+)/)?.[1];
  return chosen === "-" || journeys.has(chosen) ? chosen : [...journeys.keys()].at(-1);
}

function announce(journey) {
  const words = `${journey.email}: ${journey.state}`;
  if ($("announced").textContent !== words) $("announced").textContent = words;
}

function drawRow(row, journey, open) {
  const { user_id: id, steps } = journey;
  const start = Math.min(...steps.map((step) => step.start));
  const span = Math.max(...steps.map((step) => step.end)) - start || 1;
  row.dataset.open = open;
  row.dataset.state = journey.state;
  const head = h(
    "button",
    {
      type: "button", class: "head", "data-key": "head", "aria-expanded": open, "aria-controls": `steps-${id}`,
      onclick: () => { location.hash = `#/journeys/${open ? "-" : id}`; },
    },
    h("span", { class: "who" }, h("b", {}, journey.name || "…"), h("span", { class: "hint" }, journey.email || id)),
    h("span", { class: "chip" }, chip(journey)),
    h("span", { class: "track", "aria-hidden": "true" }, steps.filter((step) => step.name !== "request").map((step) => bar(step, start, span))),
    h("span", { class: "when" }, h("b", {}, duration(span)), h("span", { class: "hint" }, clock(start * 1000))),
  );
  fill(row, head, open ? details(journey, start, span) : []);
}

function chip(journey) {
  const waiting = journey.steps.find((step) => step.outcome === journey.state);
  return waiting ? waiting.name : journey.state;
}

function bar(step, start, span) {
  const mark = h("i", { class: "bar", "data-outcome": step.outcome, "data-step": step.name.split(" ")[0] });
  mark.style.left = `${((step.start - start) / span) * 100}%`;
  mark.style.width = `${((step.end - step.start) / span) * 100}%`;
  return mark;
}

function details(journey, start, span) {
  return h(
    "div",
    { id: `steps-${journey.user_id}`, class: "details" },
    h("ol", { class: "steps", "aria-label": "Steps on a timeline" }, journey.steps.map((step) => stepRow(journey, step, start, span))),
    h("dl", { class: "ids" },
      [["user", journey.user_id], ["event", journey.event_id], ["trace", journey.trace_id]].map(([name, id]) => [h("dt", {}, name), h("dd", {}, h("code", {}, id || "…"))])),
  );
}

function stepRow(journey, step, start, span) {
  const opened = shown.get(journey.user_id) ?? {};
  const papers = documentsBehind(step);
  return h(
    "li",
    { "data-outcome": step.outcome },
    h("span", { class: "step" }, h("b", {}, step.name), h("span", { class: "hint" }, step.by)),
    h("span", { class: "track", "aria-hidden": "true" }, bar(step, start, span)),
    h("span", { class: "at" }, `+${duration(step.end - start)}`),
    step.detail && h("span", { class: "detail" }, step.detail),
    papers.length > 0 && h("span", { class: "papers" },
      papers.map(([label, path]) => h("button",
        { type: "button", "data-key": path, "aria-expanded": path in opened, onclick: () => toggle(journey.user_id, path) }, label)),
      step.name === "mail accepted" && h("a", { "data-key": `mail ${step.document}`, href: `#/inbox/search/${encodeURIComponent(journey.email)}` }, "mail")),
    papers.filter(([, path]) => path in opened).map(([label, path]) =>
      h("pre", { tabindex: "0", "data-key": `shown ${path}`, "aria-label": label }, `${path}\n${opened[path]}`)),
  );
}

function documentsBehind(step) {
  const papers = step.document ? [[LABELS[step.document.split("/")[0]], step.document]] : [];
  return EVENT_STEPS.includes(step.name) ? [...papers, ["event, as built from the user", "event user.created"]] : papers;
}

async function toggle(userId, path) {
  const opened = shown.get(userId) ?? {};
  shown.set(userId, opened); // now: a second press must not begin a map of its own
  if (path in opened) delete opened[path];
  else {
    const found = await getJson(`/api/journeys/${userId}/documents`).catch(() => ({}));
    if (!journeys.has(userId)) return;
    opened[path] = found[path] ? JSON.stringify(found[path], null, 2) : "It does not exist at the moment.";
  }
  changed.add(userId);
  drawSoon();
}
