// One sign-up's row: its steps on a timeline, which goes on while something waits, and the documents behind them.

import { $, clock, duration, fill, getJson, h } from "./dom.js";
import { putBack } from "./put_back.js";

const LABELS = { users: "user document", outbox: "outbox entry", deliveries: "delivery record" };
const EVENT_STEPS = ["published", "in the outbox", "not published"];
const opened = new Map(); // the documents that a person has opened, by user id
const said = new Map(); // what a person is told of putting back, by the record's path
let redraw = () => {};

export function whenDocumentsChange(callback) {
  redraw = callback;
}

export function forgetDocuments() {
  opened.clear();
  said.clear();
}

export function drawRow(row, journey, open) {
  const { user_id: id, steps, state, started } = journey;
  const goesOn = state === "under way" || steps.some((step) => step.outcome === "waiting");
  Object.assign(row.dataset, { open, state, start: started, end: goesOn ? "" : Math.max(...steps.map((step) => step.end)) });
  const head = h(
    "button",
    {
      type: "button", class: "head", "data-key": "head", "aria-expanded": open, "aria-controls": `steps-${id}`,
      onclick: () => { location.hash = `#/journeys/${open ? "-" : id}`; },
    },
    h("span", { class: "who" }, h("b", {}, journey.name || "…"), h("span", { class: "hint" }, journey.email || id)),
    h("span", { class: "chip" }, chip(journey)),
    h("span", { class: "track", "aria-hidden": "true" }, steps.filter((step) => step.name !== "request").map(bar)),
    h("span", { class: "when" }, h("b", { class: "took", "data-start": started, "data-end": row.dataset.end }), h("span", { class: "hint" }, clock(started * 1000))),
  );
  fill(row, head, open ? details(journey) : []);
  showTimes(row);
}

// Of what has no end yet, the end is now.
export function showTimes(row) {
  const now = Date.now() / 1000;
  const start = Number(row.dataset.start);
  const span = (Number(row.dataset.end) || now) - start || 1;
  for (const { style, dataset } of row.querySelectorAll(".bar")) {
    style.left = `${((dataset.start - start) / span) * 100}%`;
    style.width = `${(((Number(dataset.end) || now) - dataset.start) / span) * 100}%`;
  }
  for (const took of row.querySelectorAll(".took")) {
    const words = duration((Number(took.dataset.end) || now) - took.dataset.start);
    if (took.textContent !== words) took.textContent = words;
  }
}

function chip(journey) {
  const waiting = journey.steps.find((step) => step.outcome === journey.state);
  return waiting ? waiting.name : journey.state;
}

const times = (step) => ({ "data-start": step.start, "data-end": step.outcome === "waiting" ? "" : step.end });

function bar(step) {
  return h("i", { class: "bar", "data-outcome": step.outcome, "data-step": step.name.split(" ")[0], ...times(step) });
}

function details(journey) {
  return h(
    "div",
    { id: `steps-${journey.user_id}`, class: "details" },
    h("ol", { class: "steps", "aria-label": "Steps on a timeline" }, journey.steps.map((step) => stepRow(journey, step))),
    h("dl", { class: "ids" },
      [["user", journey.user_id], ["event", journey.event_id], ["trace", journey.trace_id]].map(([name, id]) => [h("dt", {}, name), h("dd", {}, h("code", {}, id || "…"))])),
  );
}

function stepRow(journey, step) {
  const shown = opened.get(journey.user_id) ?? {};
  const papers = documentsBehind(step);
  return h(
    "li",
    { "data-outcome": step.outcome },
    h("span", { class: "step" }, h("b", {}, step.name), h("span", { class: "hint" }, step.by)),
    h("span", { class: "track", "aria-hidden": "true" }, bar(step)),
    h("span", { class: "at took", ...times(step), "data-start": journey.started }),
    step.detail && h("span", { class: "detail" }, step.detail),
    papers.length > 0 && h("span", { class: "papers" },
      isPutBackHere(step) && putBackButton(journey, step),
      papers.map(([label, path]) => h("button",
        { type: "button", "data-key": path, "aria-expanded": path in shown, onclick: () => toggle(journey.user_id, path) }, label)),
      step.name === "mail accepted" && h("a", { "data-key": `mail ${step.document}`, href: `#/inbox/search/${encodeURIComponent(`to:${journey.email}`)}` }, "mail"),
      isPutBackHere(step) && h("span", { role: "status" }, said.get(step.document) ?? "")),
    papers.filter(([, path]) => path in shown).map(([label, path]) =>
      h("pre", { tabindex: "0", "data-key": `shown ${path}`, "aria-label": label }, `${path}\n${shown[path]}`)),
  );
}

function documentsBehind(step) {
  const papers = step.document ? [[LABELS[step.document.split("/")[0]], step.document]] : [];
  return step.is_of_user && EVENT_STEPS.includes(step.name) ? [...papers, ["event, as built from the user", "event user.created"]] : papers;
}

const isPutBackHere = (step) => step.outcome === "failed" && step.document?.startsWith("deliveries/");

function putBackButton(journey, { document: path }) {
  const put = async () => {
    say("Putting back …");
    const outcome = await putBack("undeliverable", [path.split("/")[1]]);
    say(outcome?.complete ? "" : (outcome?.words ?? "Something else is being put back: try again.")); // once it is, the step says so
  };
  const say = (words) => {
    said.set(path, words);
    redraw(journey.user_id);
  };
  return h("button", { type: "button", class: "primary", "data-key": `put back ${path}`, onclick: put }, "Put back");
}

async function toggle(userId, path) {
  const shown = opened.get(userId) ?? {};
  opened.set(userId, shown); // now: a second press must not begin a map of its own
  if (path in shown) delete shown[path];
  else {
    const found = await getJson(`/api/journeys/${userId}/documents`).catch(() => ({}));
    shown[path] = found[path] ? JSON.stringify(found[path], null, 2) : "It does not exist at the moment.";
  }
  redraw(userId);
}
