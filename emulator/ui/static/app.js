// The frame of the page: which view is shown, and how the stack is doing.

import { $ } from "./dom.js";
import { startInbox } from "./inbox.js";
import { startJourneys } from "./journeys.js";
import { startSignUp } from "./sign_up.js";
import { startTrouble } from "./trouble.js";

const VIEWS = ["journeys", "inbox", "trouble"];
const NAMES = { inbox: "mail server", pubsub: "Pub/Sub", firestore: "Firestore" };
const STOPPED = "The stack has stopped, and its data is gone. Start it again with make run: this page reconnects by itself.";

let started = false;

function showView() {
  const wanted = location.hash.split("/")[1];
  const shown = VIEWS.includes(wanted) ? wanted : "journeys";
  for (const view of VIEWS) $(view).hidden = view !== shown;
  for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = link.hash === `#/${shown}` ? "page" : null;
  document.title = `${document.querySelector("nav a[aria-current]").textContent}, Usher's local stack`;
}

async function showStatus() {
  const answer = await fetch("/api/status").catch(() => null);
  const status = answer && (await answer.json().catch(() => null));
  const faulty = Object.entries(status?.parts ?? {}).filter(([, part]) => part.state !== "ready");
  const text = faulty.map(([name, part]) => `${NAMES[name] ?? name} ${part.state}`).join(", ");
  const words = status ? text || "Everything is ready" : "Stopped";
  if ($("status").textContent !== words) $("status").textContent = words;
  $("status").dataset.state = status ? (status.ready ? "ready" : "faulty") : "stopped";
  $("stopped").hidden = Boolean(status);
  if (!status && !$("stopped").textContent) $("stopped").textContent = STOPPED;
  if (status) $("stopped").textContent = "";
  if (status && !started) startSignUp(status.parts.create_user.address);
  started ||= Boolean(status);
  setTimeout(showStatus, 1000);
}

addEventListener("hashchange", showView);
showView();
showStatus();
startJourneys();
startInbox();
startTrouble();
