// The sign-up form: the request goes to create_user itself, and its problems stand beside the fields.

import { $, duration } from "./dom.js";
import { follow } from "./journeys.js";

const FIELDS = ["name", "email", "company", "password"];
const ANSWERS = { 201: "201 Created", 202: "202 Accepted" }; // 202 does not tell whether there was such a user
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

export function startSignUp(url) {
  let key = crypto.randomUUID(); // the same for a repeat of the same sign-up, a new one for another

  const members = () =>
    Object.fromEntries(FIELDS.map((name) => [name, $(name).value]).filter(([name, value]) => value || name !== "company"));

  const curl = (body) =>
    `curl -i ${url} \\\n  -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: ${key}' \\\n  -d ${quoted(JSON.stringify(body))}`;

  function showCurl() {
    const body = members();
    $("curl").textContent = curl({ ...body, password: "•".repeat([...body.password].length) });
  }

  function showFaults(errors) {
    for (const name of FIELDS) {
      const messages = errors.filter((error) => error.field === name).map((error) => error.message);
      $(`${name}-fault`).textContent = messages.join(" ");
      $(name).setAttribute("aria-invalid", messages.length > 0);
    }
    const first = FIELDS.find((name) => $(name).ariaInvalid === "true");
    if (first) $(first).focus();
  }

  function say(words, state) {
    $("answer").textContent = words;
    $("answer").dataset.state = state;
  }

  async function signUp() {
    const started = performance.now();
    say("Signing up …", "");
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(members()) }).catch(() => null);
    if (!answer) return say("create_user is not responding. Try again: the same request cannot sign you up twice.", "bad");
    const body = await answer.json().catch(() => ({}));
    const took = duration((performance.now() - started) / 1000);
    if (!answer.ok) {
      showFaults(body.errors ?? (body.code === "email-taken" ? [{ field: "email", message: body.detail }] : []));
      return say(`${answer.status} ${body.title ?? answer.statusText}, ${took}. ${body.detail ?? ""}`, "bad");
    }
    showFaults([]);
    say(`${ANSWERS[answer.status]}, ${took}.`, "good");
    if (body.id) follow(body.id);
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
    const number = Math.random().toString(36).slice(2, 7);
    const example = { name: "Ewan", email: `ewan.${number}@example.com`, company: "", password: "plum tractor violet harbour" };
    for (const name of FIELDS) $(name).value = example[name];
    $("sign-up").dispatchEvent(new Event("input"));
    $("sign-up").querySelector("button.primary").focus();
  });
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl(members()));
    $("copied").textContent = "Copied, including the password.";
  });
  showCurl();
  $("sign-up").querySelector("button.primary").disabled = false; // before, a browser would submit it by itself
}
