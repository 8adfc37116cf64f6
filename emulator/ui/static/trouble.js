// What went wrong and how to put it back; and the switches that make it go wrong.

import { $, clock, fill, getJson, h, post, whileShown } from "./dom.js";
import { LABELS, status } from "./header.js";
import { putBack } from "./put_back.js";

const BROKER = {
  up: "Accepts and pushes events.", unreachable: "Does not respond: events wait in the outbox for the relay.",
};
const SWITCHES = {
  pubsub: BROKER, nats: BROKER,
  mail_server: {
    up: "Accepts every mail.", down: "Refuses connections: mails wait and are retried {again}.",
    refusing: "Rejects every recipient: mails are given up until you put them back.", slow: "Takes 5 seconds per mail.",
  },
  sms: {
    up: "Accepts every SMS.", busy: "Is busy (429): messages wait and are retried {again}.",
    down: "Fails (503): messages wait and are retried {again}.",
    refusing: "Rejects every message: they are given up and listed below until you put them back.",
  },
};
const FUNCTION = { up: "Receives pushes.", down: "Is not running: pushes are retried {again}, and given up in the end." };
const COUNTS = {
  outbox: "in the outbox", sending: "being sent", released: "to be retried", sent: "sent",
  undeliverable: "refused", malformed: "rejected events", dead_letters: "dead letters",
};
const GIVEN_UP = {
  outbox: ["Waiting in the outbox", () => `The relay publishes them within ${status?.relay_seconds ?? 20} s, once the message broker responds.`],
  released: ["To be retried", () => "These are pushed again automatically; what was put back goes by way of the relay."],
  undeliverable: ["Refused", () => "These are not retried: put them back once the cause is fixed."],
  malformed: ["Rejected events", () => "They could not be read: put them back once the reader is fixed."],
  dead_letters: ["Dead letters", () => "These were given up after too many attempts: put them back."],
};
const REDRIVEN = ["undeliverable", "malformed", "dead_letters"];

const drawn = {}; // what each part shows, as JSON
let putting = ""; // the `data-key` of the button that was pressed, while it is at work

export function startTrouble() {
  whileShown("trouble", 1, look);
}

async function look() {
  const trouble = await getJson("/api/trouble");
  const { switches, counts, ...lists } = trouble;
  drawChanged("switches", [switches, status?.redelivered], () => Object.entries(switches).map(drawSwitch));
  if (counts) drawChanged("counts", counts, () => drawCounts(counts));
  drawChanged("given-up", { ...lists, putting }, () => drawGivenUp(lists));
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
  const label = LABELS[name] ?? name;
  const words = SWITCHES[name] ?? FUNCTION;
  return h("fieldset", { class: "card", "data-switch": name, "data-on": position !== "up" },
    h("legend", {}, label),
    h("div", { class: "segments" }, positions.map((each) =>
      h("button", { type: "button", "data-key": `${name} ${each}`, "aria-pressed": each === position, onclick: () => put(name, label, each) }, each))),
    h("p", { class: "hint" }, words[position].replace("{again}", status?.redelivered ?? "later")));
}

async function put(name, label, position) {
  const words = await post(`/api/trouble/switches/${name}`, { position }).then(() => `${label}: ${position}`, (error) => error.message);
  $("switched").textContent = words;
  await look();
}

function drawList(kind, entries) {
  const [title, words] = GIVEN_UP[kind];
  const all = REDRIVEN.includes(kind) && button(`${kind} all`, "Put all back", `Put all back: ${title}`, kind, []);
  return h("section", { "aria-label": title },
    h("div", { class: "title" }, h("h3", {}, title), all),
    h("p", { class: "hint" }, words()),
    h("ul", { class: "rows" }, entries.map((entry) => h("li", { class: "entry" },
      h("span", { class: "who" },
        entry.email && h("span", {}, h("b", {}, entry.name), ` ${entry.email}`),
        h("span", {}, entry.reason || (entry.since && `since ${clock(entry.since)}`) || "under way"),
        h("span", { class: "hint" }, [entry.subscriber, entry.attempts > 1 && `${entry.attempts} attempts`].filter(Boolean).join(", ")),
        h("code", {}, entry.event_id || entry.id)),
      h("span", { class: "buttons" },
        entry.user_id && h("a", { href: `#/journeys/${entry.user_id}`, "data-key": `journey ${kind} ${entry.id}`, "aria-label": `Sign-up of ${entry.name || entry.email || entry.user_id}` }, "Sign-up"),
        REDRIVEN.includes(kind) && button(entry.id, "Put back", `Put back ${entry.id}`, kind, [entry.id]))))));
}

// Not `disabled`, which would take the focus away.
function button(key, words, label, kind, ids) {
  return h("button", {
    type: "button", "data-key": key, "aria-label": label, "aria-disabled": Boolean(putting), onclick: () => redrive(key, kind, ids),
  }, putting === key ? "Putting back …" : words);
}

async function redrive(key, kind, ids) {
  if (putting) return;
  putting = key;
  fill($("redriven"), "Putting back …");
  look().catch(console.error);
  const outcome = (await putBack(kind, ids)) ?? { words: "Something else is being put back: try again.", output: "" };
  putting = "";
  const next = outcome.complete && kind !== "malformed" ? ` The relay publishes what was put back within ${status?.relay_seconds ?? 20} s.` : "";
  fill($("redriven"),
    h("p", {}, `${outcome.words}.${next}`),
    outcome.output && h("details", {}, h("summary", {}, "The command"), h("pre", { tabindex: "0", "aria-label": "Command output" }, outcome.command ? `$ ${outcome.command}\n${outcome.output}` : outcome.output)));
  await look();
}
