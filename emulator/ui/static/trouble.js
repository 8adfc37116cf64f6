// What went wrong and how to put it back; and the switches that make it go wrong.

import { $, clock, fill, getJson, h, post, whileShown } from "./dom.js";

const SWITCHES = {
  mail_server: ["Mail server", {
    up: "Accepts every mail.", down: "Refuses connections: mails wait and are retried every second.",
    refusing: "Rejects every recipient: mails are given up until you put them back.", slow: "Takes 5 seconds per mail.",
  }],
  sms: ["SMS service", {
    up: "Accepts every SMS.", busy: "Is busy (429): messages wait and are retried every second.",
    down: "Fails (503): messages wait and are retried every second.",
    refusing: "Rejects every message: they are given up and listed below until you put them back.",
  }],
  pubsub: ["Pub/Sub", {
    up: "Accepts and pushes events.", unreachable: "Does not respond: events wait in the outbox for the relay.",
  }],
};
const FUNCTION = { up: "Receives pushes.", down: "Is not running: pushes are retried every second, up to 100 times." };
const COUNTS = {
  outbox: "in the outbox", sending: "being sent", released: "to be retried", sent: "sent",
  undeliverable: "refused", malformed: "rejected events", dead_letters: "dead letters",
};
const GIVEN_UP = {
  outbox: ["Waiting in the outbox", "The relay publishes them within ten seconds, once Pub/Sub responds."],
  released: ["To be retried", "Pub/Sub pushes them again by itself."],
  undeliverable: ["Refused", "These are not retried: put them back once the cause is fixed."],
  malformed: ["Rejected events", "They could not be read: put them back once the reader is fixed."],
  dead_letters: ["Dead letters", "Pub/Sub has given up on these: put them back."],
};
const REDRIVEN = ["undeliverable", "malformed", "dead_letters"];

const drawn = {}; // what each part shows, as JSON
let pending = false;

export function startTrouble() {
  whileShown("trouble", 1, look);
}

async function look() {
  const trouble = await getJson("/api/trouble");
  const { switches, counts, ...lists } = trouble;
  drawChanged("switches", switches, () => Object.entries(switches).map(drawSwitch));
  if (counts) drawChanged("counts", counts, () => drawCounts(counts));
  drawChanged("given-up", lists, () => drawGivenUp(lists));
}

function drawChanged(id, seen, draw) {
  const json = JSON.stringify(seen);
  if (drawn[id] === json) return;
  fill($(id), draw());
  drawn[id] = json;
}

function drawCounts(counts) {
  return Object.entries(COUNTS).map(([key, label]) =>
    h("div", { "data-count": key, "data-some": counts[key] > 0 }, h("dt", {}, label), h("dd", {}, counts[key] ?? "?")));
}

function drawGivenUp(trouble) {
  if (trouble.unknown) return [h("p", { class: "empty" }, trouble.unknown)];
  const lists = Object.keys(GIVEN_UP).filter((kind) => trouble[kind].length > 0).map((kind) => drawList(kind, trouble[kind]));
  const calm = h("p", { class: "empty" }, "Nothing is waiting and nothing was given up. Turn on some trouble above, then sign someone up.");
  return lists.length ? lists : [calm];
}

function drawSwitch([name, { position, positions }]) {
  const [label, words] = SWITCHES[name] ?? [name, FUNCTION];
  return h("fieldset", { class: "card", "data-switch": name, "data-on": position !== "up" },
    h("legend", {}, label),
    h("div", { class: "segments" }, positions.map((each) =>
      h("button", { type: "button", "data-key": `${name} ${each}`, "aria-pressed": each === position, onclick: () => put(name, label, each) }, each))),
    h("p", { class: "hint" }, words[position]));
}

async function put(name, label, position) {
  const words = await post(`/api/trouble/switches/${name}`, { position }).then(() => `${label}: ${position}`, (error) => error.message);
  $("switched").textContent = words;
  await look();
}

function drawList(kind, entries) {
  const [title, words] = GIVEN_UP[kind];
  const redriven = REDRIVEN.includes(kind);
  return h("section", { "aria-label": title },
    h("div", { class: "title" }, h("h3", {}, title),
      redriven && h("button", { type: "button", "data-key": `${kind} all`, "aria-disabled": pending, onclick: () => redrive(kind, []) }, "Put all back")),
    h("p", { class: "hint" }, words),
    h("ul", { class: "rows" }, entries.map((entry) => h("li", { class: "entry" },
      h("span", { class: "who" },
        h("b", {}, entry.reason || (entry.since && `since ${clock(entry.since)}`) || "under way"),
        h("span", { class: "hint" }, [entry.subscriber, entry.attempts > 1 && `${entry.attempts} attempts`].filter(Boolean).join(", ")),
        h("code", {}, entry.event_id || entry.id)),
      redriven && h("button", { type: "button", "data-key": entry.id, "aria-label": `Put back ${entry.id}`, "aria-disabled": pending, onclick: () => redrive(kind, [entry.id]) }, "Put back")))));
}

// Not `disabled`, which would take the focus away.
function setPending(now) {
  pending = now;
  for (const button of $("given-up").querySelectorAll("button")) button.ariaDisabled = now;
}

async function redrive(kind, ids) {
  if (pending) return;
  setPending(true);
  fill($("redriven"), "Putting back …");
  const outcome = await post("/api/trouble/redrive", { kind, ids }).catch((error) => ({ output: error.message }));
  setPending(false);
  fill($("redriven"),
    h("p", {}, outcome.output.trim().split("\n").at(-1)),
    h("pre", { tabindex: "0", "aria-label": "Command output" }, outcome.command ? `$ ${outcome.command}\n${outcome.output}` : outcome.output));
  await look();
}
