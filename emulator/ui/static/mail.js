// The open mail. Its HTML is shown in a frame where nothing runs.

import { $, fill, getJson, h, size } from "./dom.js";

const PARTS = { HTML: "HTML", Text: "Text", headers: "Headers", raw: "Source" };
let drawn = "";
let part = "HTML";

export const people = (addresses) => addresses.map((each) => each.Address || each.Name).join(", ");

// Shows the mail, unless it is shown already, and returns whether it did. `back` is where its list is.
export async function showMail(id, back, afterDeleting) {
  const wanted = `${id} ${part} ${back}`;
  if (drawn === wanted) return false;
  drawn = wanted;
  const pane = $("mail");
  pane.hidden = !id;
  if (!id) return false;
  const path = `/api/v1/message/${id}`;
  const mail = await getJson(path).catch(() => null);
  if (!mail) {
    drawn = "";
    fill(pane, h("p", { class: "empty" }, "This mail no longer exists. ", h("a", { href: back }, "All mails")));
    return false;
  }
  const shown = await content(mail, path);
  if (drawn !== wanted) return false; // another was chosen meanwhile
  const choose = (name) => () => {
    part = name;
    showMail(id, back, afterDeleting);
  };
  const remove = async () => {
    await fetch("/api/v1/messages", { method: "DELETE", body: JSON.stringify({ IDs: [id] }) });
    await afterDeleting();
    ($("mail-list").querySelector("a") ?? $("search")).focus();
  };
  fill(pane,
    h("a", { class: "back", href: back, "data-key": "back" }, "← All mails"),
    h("div", { class: "title" }, h("h2", {}, mail.Subject || "(no subject)"),
      h("button", { type: "button", "data-key": "delete", onclick: remove }, "Delete this mail")),
    h("p", {}, "to ", h("b", {}, people([...mail.To, ...mail.Cc, ...mail.Bcc]) || "nobody")),
    h("p", { class: "hint" }, `from ${mail.From.Name} <${mail.From.Address}>, ${new Date(mail.Date).toLocaleString()}, ${size(mail.Size)}`),
    h("div", { class: "segments", role: "group", "aria-label": "Show the mail as" },
      Object.entries(PARTS).map(([name, label]) =>
        h("button", { type: "button", "data-key": name, "aria-pressed": name === part, onclick: choose(name) }, label))),
    shown);
  return true;
}

async function content(mail, path) {
  if (part === "HTML") return h("iframe", { sandbox: "allow-popups allow-popups-to-escape-sandbox", title: "The mail as HTML", src: `/api/mail/${mail.ID}/html` });
  if (part === "Text") return h("pre", { tabindex: "0", "data-key": "text", "aria-label": "The mail's text" }, mail.Text);
  if (part === "raw") return h("pre", { tabindex: "0", "data-key": "source", "aria-label": "The mail's source" }, await (await fetch(`${path}/raw`)).text());
  const headers = Object.entries(await getJson(`${path}/headers`));
  return h("dl", { class: "ids" }, headers.map(([name, values]) => [h("dt", {}, name), h("dd", {}, values.join("\n"))]));
}
