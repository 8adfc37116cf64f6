// The sign-ups, live: one row per journey, newest first. Whatever comes in between two frames is drawn at once.

import { $, getJson, h, isNarrow } from "./dom.js";
import { drawRow, forgetDocuments, showTimes, whenDocumentsChange } from "./journey_row.js";

const MOST_ROWS = 100;
const MOST_KEPT = 1000; // as many as the stack keeps
const GONE = "This sign-up is not shown: the stack has not seen it since it started.";
const journeys = new Map(); // by user id
const rows = new Map();
const changed = new Set();
const followed = new Set(); // user ids, and addresses of which no journey is known yet
let onlyFailed = false;
let missing = ""; // the id of a sign-up that was asked for and is not known
let leadTo = ""; // the id of the one to bring into sight
let frame = 0;

// Tells a screen reader what becomes of this sign-up, opens its row and brings it into sight.
export function follow(userId) {
  followed.add(userId);
  location.hash = `#/journeys/${userId}`;
}

// The same once there is one of this address.
export function followAddress(email) {
  followed.add(email.toLowerCase());
  location.hash = "#/journeys";
}

export function startJourneys() {
  const stream = new EventSource("/api/journeys");
  stream.addEventListener("start", () => {
    for (const kept of [journeys, rows, changed, followed]) kept.clear(); // nothing outlives the stack
    forgetDocuments();
    $("journey-list").replaceChildren();
    lookUp();
    drawSoon();
  });
  stream.onmessage = (event) => take(JSON.parse(event.data));
  whenDocumentsChange((userId) => take(journeys.has(userId) ? [journeys.get(userId)] : []));
  addEventListener("hashchange", () => {
    leadTo = document.activeElement.closest("li.journey") ? "" : (chosenId() ?? "");
    lookUp();
    drawSoon();
  });
  $("find").addEventListener("input", drawSoon);
  $("only-failed").addEventListener("click", () => {
    onlyFailed = !onlyFailed;
    $("only-failed").ariaPressed = onlyFailed;
    drawSoon();
  });
  setInterval(() => document.hidden || rows.forEach(showTimes), 1000);
}

function take(some) {
  for (const journey of some) {
    journeys.set(journey.user_id, { ...journey, started: Math.min(...journey.steps.map((step) => step.start)) });
    changed.add(journey.user_id);
    for (const id of journey.former_ids) rename(id, journey.user_id);
    if (followed.delete(journey.email.toLowerCase())) {
      if (location.hash === "#/journeys") follow(journey.user_id);
      else followed.add(journey.user_id); // a person has gone elsewhere meanwhile
    }
  }
  for (const id of journeys.keys()) {
    if (journeys.size <= MOST_KEPT) break;
    if (id !== chosenId()) for (const kept of [journeys, changed, followed]) kept.delete(id);
  }
  drawSoon();
}

// A request has turned out to be a user's: their journeys are one.
function rename(id, userId) {
  journeys.delete(id);
  changed.delete(id);
  if (followed.delete(id)) followed.add(userId);
  if (chosenId() === id) location.replace(`#/journeys/${userId}`);
}

const chosenId = () => location.hash.match(/^#\/journeys\/(.+)/)?.[1];

// A sign-up that a link leads to may be older than those that came here.
async function lookUp() {
  const id = chosenId();
  if (!id || id === "-" || journeys.has(id)) return;
  const journey = await getJson(`/api/journeys/${id}`).catch(() => null);
  missing = journey ? "" : id;
  take(journey && !journeys.has(id) ? [journey] : []); // what the stream has brought meanwhile is newer
}

function drawSoon() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const list = $("journey-list");
  const found = [...journeys.values()].filter(isWanted).sort((one, other) => other.started - one.started);
  const seen = found.filter((journey, place) => place < MOST_ROWS || journey.user_id === chosenId());
  const open = openId(seen);
  const ids = new Set(seen.map((journey) => journey.user_id));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const [place, journey] of seen.entries()) {
    const id = journey.user_id;
    const row = rows.get(id) ?? h("li", { class: "journey" });
    if (!rows.has(id) || changed.has(id) || (id === open) !== (row.dataset.open === "true")) drawRow(row, journey, id === open);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
    rows.set(id, row);
  }
  for (const id of changed) if (followed.has(id) && journeys.get(id)?.state !== "under way") announce(journeys.get(id));
  changed.clear();
  lead();
  $("no-journeys").hidden = journeys.size > 0;
  $("none-found").hidden = !journeys.size || found.length > 0;
  $("journey-missing").textContent = missing && missing === chosenId() && !journeys.has(missing) ? GONE : "";
  $("journey-count").textContent = journeys.size ? `${seen.length} of ${journeys.size} shown, newest first` : "";
}

function isWanted({ user_id, former_ids, event_id, name, email, state }) {
  if (user_id === chosenId()) return true;
  const text = [name, email, user_id, ...former_ids, event_id].join(" ").toLowerCase();
  return text.includes($("find").value.trim().toLowerCase()) && (!onlyFailed || state === "failed");
}

// The one that a person has chosen, else the newest; `-` means that all are closed.
function openId(seen) {
  return chosenId() ?? seen[0]?.user_id;
}

function lead() {
  const row = rows.get(leadTo);
  if (!row || $("journeys").hidden) return;
  leadTo = "";
  const signingUp = $("sign-up").contains(document.activeElement);
  row.scrollIntoView({ block: isNarrow() ? "start" : "nearest" });
  if (isNarrow() || !signingUp) row.querySelector(".head").focus({ preventScroll: true });
}

function announce(journey) {
  const words = `${journey.email}: ${journey.state}`;
  if ($("announced").textContent !== words) $("announced").textContent = words;
}
