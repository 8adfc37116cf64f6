"use strict";
// What a link in a mail opens. Nothing is sent but what a person typed, so a scanner that presses every button changes
// nothing. Each view is an entry of the tab's history: a reload shows it again, and the back button the one before it.

const TIMEOUT_MS = 60_000;
const MISSING = { name: "Enter your name.", email: "Enter your email address.", password: "Enter a password." };
// What ends a link, by the problem's code: the view that follows, and why.
const ENDS = {
  "link-invalid": ["request", "This link is not complete. Open it as it is in the email, or ask for another one here."],
  "link-expired": ["request", "This link has expired. Enter your address again to get another one."],
  "email-taken": [
    "request",
    "There is already an account with this address: this link may have been used before. Use that account, or sign up " +
      "with a different address.",
  ],
  "idempotency-key-reused": [
    "done",
    "An earlier attempt had already succeeded: the name and the password are those you entered then.",
  ],
};
const $ = (id) => document.getElementById(id);
let shown = 0; // how many views were: an answer that comes after the next one is not told there
let awaited = 0; // the view that waits for an answer

// The address is shown, and not trusted: whether the token is good, the server alone can tell.
function addressIn(token) {
  try {
    const base64 = token.split(".")[0].replaceAll("-", "+").replaceAll("_", "/");
    const octets = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const address = JSON.parse(new TextDecoder().decode(octets))[3];
    return /^\S+@\S+$/.test(address) ? address : null;
  } catch {
    return null;
  }
}

// Moves the token of a link that was opened from the address bar into the history's entry, with a key for its sign-up.
function takeLink() {
  const token = location.hash.slice(1);
  if (!token) return;
  const address = addressIn(token);
  const state = address ? { view: "finish", token, address, key: crypto.randomUUID() } : ended("link-invalid");
  history.replaceState(state, "", location.pathname + location.search);
}

const ended = (code) => ({ view: ENDS[code][0], why: code });

function show() {
  const { view, why, address = "" } = history.state ?? { view: "request" };
  shown += 1;
  for (const section of document.querySelectorAll("section")) section.hidden = section.id !== view;
  for (const form of document.forms) {
    form.reset();
    showFaults(form, []);
  }
  showPassword();
  for (const place of document.querySelectorAll(".address")) place.textContent = address;
  $("username").value = address; // for password managers
  const heading = $(view).querySelector("h1");
  document.title = `${heading.textContent}, ${$("product").textContent}`;
  heading.after($("why"));
  $("why").textContent = why ? ENDS[why][1] : "";
  $("why").hidden = !why;
  $("said").textContent = "";
  return heading;
}

function go(state, how = "replaceState") {
  history[how](state, "");
  show().focus();
}

async function submit(event) {
  event.preventDefault();
  if (awaited === shown) return;
  const asked = (awaited = shown);
  const form = event.target;
  const typed = Object.fromEntries(new FormData(form));
  const { token, key } = history.state ?? {};
  $("said").textContent = "One moment …";
  const answer = token
    ? await post("./", { token, ...typed }, { "Idempotency-Key": key })
    : await post("sign-ups", typed);
  if (asked !== shown) return;
  awaited = 0;
  if (answer.ok && token) go({ view: "done" });
  else if (answer.ok) go({ view: "sent", address: typed.email }, "pushState");
  else if (answer.code in ENDS) go(ended(answer.code));
  else {
    showFaults(form, answer.errors);
    $("said").textContent = inWords(answer, form);
  }
}

// Both paths are beside the page's own, wherever that is.
async function post(path, members, headers = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(members),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const { code, errors = [] } = (await answer?.json().catch(() => null)) ?? {};
  return { ok: answer?.ok, status: answer?.status, wait: answer?.headers.get("Retry-After"), code, errors };
}

function inWords({ status, wait, errors }, form) {
  if (errors.length) {
    const others = errors.filter(({ field }) => !form.elements[field]).map(({ message }) => `${message}.`);
    return ["Please correct what is marked.", ...others].join(" ");
  }
  if (!status) return "The connection was lost before an answer came. Press the button again: it is safe to repeat.";
  if (status < 500 && status !== 429) return `This did not work (${status}). Reload the page, then try again.`;
  const when = Number(wait) ? `Wait ${wait} seconds, then press` : "Press";
  return `The service cannot be reached or is busy at the moment. ${when} the button again: it is safe to repeat.`;
}

// The API's words, with its member's name in ours.
function faultInWords({ field, code, message }) {
  if (code === "required") return MISSING[field];
  const named = message.replace("email is not a valid address: ", "").replace(/^email /, "address ");
  const words = named.replace(/^[a-z]/, "The $&"); // the validator's own words begin with a capital
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

function showFaults(form, errors) {
  for (const input of form.querySelectorAll("input[name]")) {
    const faults = errors.filter(({ field }) => field === input.name);
    $(`${input.name}-fault`).textContent = faults.map(faultInWords).join(" ");
    input.setAttribute("aria-invalid", faults.length > 0);
  }
  form.querySelector("[aria-invalid=true]")?.focus();
}

function showPassword() {
  $("password").type = $("show-password").checked ? "text" : "password";
}

takeLink();
addEventListener("DOMContentLoaded", () => {
  for (const form of document.forms) form.addEventListener("submit", submit);
  $("again").addEventListener("click", () => go({ view: "request" }, "pushState"));
  $("show-password").addEventListener("change", showPassword);
  show();
});
// The back button; and a second link that is opened in the same tab, which changes the fragment only.
addEventListener("popstate", () => {
  takeLink();
  show().focus();
});
