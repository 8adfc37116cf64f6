// Mails, and SMS beside them.

import { $, fill, getJson, h, isNarrow, size, when, whileShown } from "./dom.js";
import { goesElsewhere } from "./header.js";
import { people, showMail } from "./mail.js";

const NO_MAIL = "No mail yet. Sign someone up, and a mail arrives here.";
const NO_SMS = "No SMS yet. The admin gets one for each sign-up.";
let drawn = "";

export function startInbox() {
  $("search").addEventListener("input", () => {
    location.hash = $("search").value ? `#/inbox/search/${encodeURIComponent($("search").value)}` : "#/inbox";
  });
  $("clear").addEventListener("click", () => deleteAll("mails, whatever the search shows", "/api/v1/messages", "#/inbox"));
  $("clear-sms").addEventListener("click", () => deleteAll("SMS", "/api/v1/sms", location.hash));
  whileShown("inbox", 1, look);
}

async function deleteAll(what, path, after) {
  if (!confirm(`Delete all ${what}? This cannot be undone.`)) return;
  await fetch(path, { method: "DELETE" });
  location.hash = after;
  await look();
}

// #/inbox, #/inbox/search/WHAT and #/inbox/mail/ID, the last with the search that led there
function wanted() {
  const [, , kind, value = "", search = ""] = location.hash.split("/").map(decodeURIComponent);
  return kind === "mail" ? { id: value, search } : { id: "", search: value };
}

const hashOf = (search) => (search ? `#/inbox/search/${encodeURIComponent(search)}` : "#/inbox");

async function look() {
  const { id, search } = wanted();
  if (document.activeElement !== $("search")) $("search").value = search;
  const path = search.trim() ? `/api/v1/search?query=${encodeURIComponent(search.trim())}&limit=100` : "/api/v1/messages?limit=100";
  const { messages, messages_count: count, fault } = await getJson(path).catch((error) => ({ messages: [], messages_count: 0, fault: error.message }));
  const { messages: sms } = await getJson("/api/v1/sms?limit=100");
  const open = id || (isNarrow() ? "" : (messages[0]?.ID ?? "")); // in one column the list comes first
  $("inbox").dataset.chosen = Boolean(id);
  drawLists({ messages, count, fault, sms, open, search, elsewhere: [goesElsewhere("mail"), goesElsewhere("sms")] });
  const back = hashOf(search);
  const shown = await showMail(open, back, async () => {
    location.hash = back;
    await look();
  });
  if (shown && id && document.activeElement.closest("#mail-list")) $("mail").focus(); // chosen by a person
}

function drawLists(seen) {
  const { messages, count, fault, sms, open, search, elsewhere } = seen;
  const json = JSON.stringify({ ...seen, messages: messages.map((mail) => [mail.ID, mail.Read]) });
  if (json === drawn) return;
  drawn = json;
  $("no-mails").hidden = messages.length > 0;
  $("no-mails").textContent = fault ?? (search ? `No mail has “${search}” in its subject, text or addresses.` : elsewhere[0] || NO_MAIL);
  $("mail-count").textContent = count > messages.length ? `${messages.length} of ${count} shown` : "";
  fill($("mail-list"), messages.map((mail) => mailRow(mail, open, search)));
  $("no-sms").hidden = sms.length > 0;
  $("no-sms").textContent = elsewhere[1] || NO_SMS;
  $("clear-sms").disabled = sms.length === 0;
  fill($("sms-list"), sms.map(smsRow));
}

function mailRow(mail, open, search) {
  const href = `#/inbox/mail/${mail.ID}/${encodeURIComponent(search)}`;
  const current = mail.ID === open ? "true" : null;
  return h("li", {},
    h("a", { class: "head", href, "aria-current": current, "data-key": mail.ID, "data-read": mail.Read },
      h("span", { class: "who" },
        h("b", {}, !mail.Read && h("span", { class: "only-heard" }, "Unread, to "), people([...mail.To, ...mail.Cc, ...mail.Bcc]) || "nobody"),
        h("span", {}, mail.Subject || "(no subject)")),
      h("span", { class: "when hint" }, h("span", {}, when(mail.Created)), h("span", {}, size(mail.Size)))));
}

function smsRow(sms) {
  return h("li", { class: "sms" },
    h("span", { class: "who" }, h("b", {}, sms.to), h("span", {}, sms.body), h("span", { class: "hint" }, when(sms.received_at))));
}
