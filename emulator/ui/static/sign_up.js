// The sign-up form: the request goes to create_user itself, and its problems stand beside the fields.

import { $, duration } from "./dom.js";
import { follow, followAddress } from "./journeys.js";

const FIELDS = { name: "The name", email: "The address", company: "The company", password: "The password" };
const MISSING = { name: "Enter a name.", email: "Enter an email address.", password: "Enter a password." };
const PEOPLE = ["Ewan", "Zoë", "Ana", "Jiro", "Noor", "Tomás"];
const PASSPHRASE = "plum tractor violet harbour";
const ANSWERS = { 201: "201 Created", 202: "202 Accepted" };
const ACCEPTED = " The same for a free and a taken address: the mail tells which it was. There is one a minute, and five a day.";
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// The API's words, with its member's name in ours.
function inWords({ field, code, message }) {
  if (code === "required") return MISSING[field];
  const said = message.replace(new RegExp(`^${field} is not a valid address: `), "");
  const words = said.replace(new RegExp(`^${field} `), `${FIELDS[field]} `);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

export function startSignUp({ parts, sign_up: settings }) {
  const mode = settings.verify_email ? "mailbox-first" : "open";
  const fields = mode === "open" ? Object.keys(FIELDS) : ["email"];
  const url = mode === "open" ? parts.create_user.address : `${parts.create_user.address}sign-ups`;
  let person = 0;
  let key = crypto.randomUUID(); // the same for a repeat of the same sign-up, a new one for another

  const members = () =>
    Object.fromEntries(fields.map((name) => [name, $(name).value]).filter(([name, value]) => value || name !== "company"));

  const headers = () => ({ "Content-Type": "application/json", ...(mode === "open" ? { "Idempotency-Key": key } : {}) });

  const curl = (body) =>
    [`curl -i ${url}`, ...Object.entries(headers()).map((header) => `-H '${header.join(": ")}'`), `-d ${quoted(JSON.stringify(body))}`].join(" \\\n  ");

  function showCurl() {
    const { password, ...body } = members();
    $("curl").textContent = curl(mode === "open" ? { ...body, password: "•".repeat([...password].length) } : body);
  }

  function showFaults(errors) {
    const faulty = fields.filter((name) => errors.some((error) => error.field === name));
    for (const name of fields) {
      $(`${name}-fault`).textContent = errors.filter((error) => error.field === name).map(inWords).join(" ");
      $(name).setAttribute("aria-invalid", faulty.includes(name));
    }
    if (faulty.length) $(faulty[0]).focus();
    return faulty.length;
  }

  function say(words, state) {
    $("answer").textContent = words;
    $("answer").dataset.state = state;
  }

  async function signUp() {
    const started = performance.now();
    say("Signing up …", "");
    const sent = members();
    const answer = await fetch(url, { method: "POST", headers: headers(), body: JSON.stringify(sent) }).catch(() => null);
    if (!answer) return say("create_user is not responding. Try again: the same request cannot sign you up twice.", "bad");
    const body = await answer.json().catch(() => ({}));
    const took = duration((performance.now() - started) / 1000);
    if (!answer.ok) {
      const faulty = showFaults(body.errors ?? (body.code === "email-taken" ? [{ field: "email", message: body.detail }] : []));
      const words = faulty ? `Not signed up: correct ${faulty > 1 ? `the ${faulty} fields` : "the field"} marked above.` : (body.detail ?? "");
      return say(`${answer.status} ${body.title ?? answer.statusText}, ${took}. ${words}`, "bad");
    }
    showFaults([]);
    say(`${ANSWERS[answer.status]}, ${took}.${answer.status === 202 ? ACCEPTED : ""}`, "good");
    if (body.id) follow(body.id);
    else followAddress(sent.email);
    key = crypto.randomUUID();
    showCurl();
  }

  $("sign-up").addEventListener("submit", (event) => {
    event.preventDefault();
    signUp();
  });
  $("sign-up").addEventListener("input", () => {
    key = crypto.randomUUID();
    showCurl();
  });
  $("example").addEventListener("click", () => {
    const name = PEOPLE[person++ % PEOPLE.length];
    const plain = name.normalize("NFD").replace(/[^a-z]/gi, "").toLowerCase();
    const email = `${plain}.${crypto.randomUUID().slice(0, 8)}@example.com`; // every example is somebody else
    const example = { name, email, company: "", password: PASSPHRASE.padEnd(settings.password_min_length, " again") };
    for (const field of fields) $(field).value = example[field];
    showFaults([]);
    say("", "");
    $("sign-up").dispatchEvent(new Event("input"));
    $("sign-up").querySelector("button.primary").focus();
  });
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl(members()));
    $("copied").textContent = mode === "open" ? "Copied, including the password." : "Copied.";
  });
  for (const part of $("sign-up").querySelectorAll("[data-mode]")) part.hidden = part.dataset.mode !== mode;
  $("copied").textContent = mode === "open" ? "The copied command includes the password." : "";
  showCurl();
  $("password-hint").textContent = `${settings.password_min_length} characters or more`;
  $("sign-up").querySelector("button.primary").disabled = false; // before, a browser would submit it by itself
}
