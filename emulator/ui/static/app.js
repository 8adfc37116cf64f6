// The frame of the page: which view is shown, and how much of the inbox nobody has read.

import { $, getJson } from "./dom.js";
import { startHeader } from "./header.js";
import { startInbox } from "./inbox.js";
import { startJourneys } from "./journeys.js";
import { startSignUp } from "./sign_up.js";
import { startTrouble } from "./trouble.js";

const VIEWS = ["journeys", "inbox", "trouble"];
let unread = 0;

function showView() {
  const wanted = location.hash.split("/")[1];
  const shown = VIEWS.includes(wanted) ? wanted : "journeys";
  for (const view of VIEWS) $(view).hidden = view !== shown;
  for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = link.hash === `#/${shown}` ? "page" : null;
  showTitle();
}

function showTitle() {
  const name = document.querySelector("nav a[aria-current]").firstChild.textContent.trim();
  document.title = `${unread ? `(${unread}) ` : ""}${name}, Usher's local stack`;
}

async function showUnread() {
  ({ unread } = await getJson("/api/v1/messages?limit=0").catch(() => ({ unread: 0 })));
  $("unread").hidden = !unread;
  if ($("unread-count").textContent !== String(unread)) $("unread-count").textContent = unread;
  showTitle();
  setTimeout(showUnread, 1000);
}

addEventListener("hashchange", showView);
showView();
startHeader(startSignUp);
startJourneys();
startInbox();
startTrouble();
showUnread();
