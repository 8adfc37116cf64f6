// How the stack is doing: what is out of order and who did it, where its parts are, and where its mail goes.

import { $, fill, h } from "./dom.js";

export const LABELS = { mail_server: "Mail server", sms: "SMS service", pubsub: "Pub/Sub", nats: "NATS" };
const KINDS = { mail: "Mail", sms: "SMS" };
const PART_OF = { mail_server: "inbox" };
const STOPPED = "The stack has stopped, and its data is gone. Start it again with make run: this page reconnects by itself.";

export let status = null; // as /api/status says, null while nothing answers
let drawn = "";

// Calls `onFirst` with the first status there is. A stack with other settings of a sign-up gets another page.
export async function startHeader(onFirst) {
  let begun = "";
  const look = async () => {
    const answer = await fetch("/api/status").catch(() => null);
    status = answer && (await answer.json().catch(() => null));
    if (drawn !== JSON.stringify(status)) draw();
    const settings = status && JSON.stringify(status.sign_up);
    if (settings && !begun) onFirst(status);
    else if (settings && settings !== begun) location.reload();
    begun ||= settings;
    setTimeout(look, 1000);
  };
  await look();
}

function draw() {
  drawn = JSON.stringify(status);
  const wrong = status ? faults() : ["Stopped"];
  const words = wrong.join(", ") || "Everything is ready";
  $("status").textContent = words;
  $("heard").textContent = words;
  $("status").dataset.state = status ? (wrong.length ? "faulty" : "ready") : "stopped";
  $("stopped").hidden = Boolean(status);
  $("stopped").textContent = status ? "" : STOPPED;
  fill($("part-list"), Object.values(status?.parts ?? {}).map(partRow));
  const real = Object.entries(KINDS).filter(([kind]) => status?.[kind]?.local === false);
  $("real").hidden = real.length === 0;
  $("real").textContent = real.map(([kind, name]) => `${name} goes to real people, through ${status[kind].server}.`).join(" ");
}

// Each trouble in the word of its switch; then each part that is out of order without one.
function faults() {
  const trouble = Object.entries(status.trouble ?? {});
  const switched = trouble.map(([name]) => PART_OF[name] ?? name);
  const others = Object.entries(status.parts).filter(([key, part]) => part.state !== "ready" && !switched.includes(key));
  return [...trouble.map(([name, position]) => `${LABELS[name] ?? name} ${position}`), ...others.map(([, part]) => `${part.name} ${part.state}`)];
}

function partRow({ name, state, address }) {
  const link = /^https?:/.test(address) ? h("a", { href: address }, address) : h("code", {}, address);
  return h("div", { "data-state": state }, h("dt", {}, name), h("dd", {}, link), h("dd", { class: "chip" }, state));
}

// Why none of a kind, `mail` or `sms`, arrives in the stack's own inbox; nothing where it does.
export function goesElsewhere(kind) {
  const { server, local, inbox } = status?.[kind] ?? { inbox: true };
  return inbox ?? local ? "" : `${KINDS[kind]} does not come here, it goes ${local ? "" : "to real people "}through ${server}.`;
}
