// Mails and SMS. A mail's HTML is shown in a frame where nothing runs.

import { $, clock, fill, getJson, h, whileShown } from "./dom.js";

const PARTS = { HTML: "HTML", Text: "Text", headers: "Headers", raw: "Source" };
let drawnLists = "";
let drawnMail = "";
let part = "HTML";

export function startInbox() {
  $("search").addEventListener("input", () => {
    location.hash = $("search").value ? `#/inbox/search/${encodeURIComponent($("search").value)}` : "#/inbox";
  });
  $("clear").addEventListener("click", async () => {
    await fetch("/api/v1/messages", { method: "DELETE" });
    location.hash = "#/inbox";
    await look();
  });
  whileShown("inbox", 1, look);
}

// #/inbox, #/inbox/search/WHOM and #/inbox/mail/ID, the last with the search that led there
function wanted() {
  const [, , kind, value = "", search = ""] = location.hash.split("/").map(decodeURIComponent);
  return kind === "mail" ? { id: value, search } : { id: "", search: value };
}

async function look() {
  const { id, search } = wanted();
  if (document.activeElement !== $("search")) $("search").value = search;
  const whom = search.replaceAll('"', " ").trim();
  const query = `query=${encodeURIComponent(`to:"${whom}"`)}&limit=100`;
  const { messages } = await getJson(whom ? `/api/v1/search?${query}` : "/api/v1/messages?limit=100");
  const { messages: sms } = await getJson("/api/v1/sms?limit=100");
  const open = id || messages[0]?.ID || "";
  drawLists(messages, sms, open, search);
  if (drawnMail === `${open} ${part}`) return;
  const drawn = `${open} ${part}`;
  if (!(await showMail(open))) return;
  drawnMail = drawn;
  if (id && document.activeElement.closest("#mail-list")) $("mail").focus(); // chosen by a person, on a phone out of sight
}

function drawLists(messages, sms, open, search) {
  const seen = JSON.stringify([messages.map((mail) => [mail.ID, mail.Read]), sms, open, search]);
  if (seen === drawnLists) return;
  drawnLists = seen;
  $("no-mails").hidden = messages.length > 0;
  $("no-mails").textContent = search ? `No mail to ${search} yet.` : "No mail yet. Sign someone up, and the welcome mail arrives here.";
  fill($("mail-list"), messages.map((mail) => mailRow(mail, open, search)));
  $("no-sms").hidden = sms.length > 0;
  fill($("sms-list"), sms.map(smsRow));
}

function mailRow(mail, open, search) {
  const href = `#/inbox/mail/${mail.ID}/${encodeURIComponent(search)}`;
  const current = mail.ID === open ? "true" : null;
  return h("li", {},
    h("a", { class: "head", href, "aria-current": current, "data-key": mail.ID, "data-read": mail.Read },
      h("span", { class: "who" }, h("b", {}, mail.Subject), h("span", { class: "hint" }, people(mail.To))),
      h("span", { class: "when hint" }, clock(mail.Created))));
}

function smsRow(sms) {
  return h("li", { class: "sms" }, h("span", { class: "who" }, h("b", {}, sms.body), h("span", { class: "hint" }, `to ${sms.to}`)),
    h("span", { class: "when hint" }, clock(sms.received_at)));
}

const people = (addresses) => addresses.map((each) => each.Address || each.Name).join(", ");

// Returns whether the mail is shown now.
async function showMail(id) {
  const pane = $("mail");
  pane.hidden = !id;
  if (!id) return true;
  const path = `/api/v1/message/${id}`;
  const mail = await getJson(path).catch(() => null);
  if (!mail) {
    fill(pane, h("p", { class: "empty" }, "This mail no longer exists."));
    return false;
  }
  const choose = (name) => () => { part = name; look(); };
  fill(pane,
    h("h2", {}, mail.Subject),
    h("p", { class: "hint" }, `${mail.From.Name} <${mail.From.Address}> to ${people(mail.To)}`),
    h("div", { class: "segments", role: "group", "aria-label": "Show the mail as" },
      Object.entries(PARTS).map(([name, label]) =>
        h("button", { type: "button", "data-key": name, "aria-pressed": name === part, onclick: choose(name) }, label))),
    await content(mail, path));
  return true;
}

async function content(mail, path) {
  if (part === "HTML") return h("iframe", { sandbox: "", title: "The mail as HTML", src: `/api/mail/${mail.ID}/html` });
  if (part === "Text") return h("pre", { tabindex: "0", "data-key": "text", "aria-label": "The mail's text" }, mail.Text);
  if (part === "raw") return h("pre", { tabindex: "0", "data-key": "source", "aria-label": "The mail's source" }, await (await fetch(`${path}/raw`)).text());
  const headers = Object.entries(await getJson(`${path}/headers`));
  return h("dl", { class: "ids" }, headers.map(([name, values]) => [h("dt", {}, name), h("dd", {}, values.join("\n"))]));
}
