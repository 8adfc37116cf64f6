// Builds the page from text only: nothing that a user typed is ever read as HTML.

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== false && child != null));
  return element;
}

// Replaces what an element holds, and keeps the focus where it was, or near: `data-key` tells elements apart.
export function fill(parent, ...children) {
  const key = parent.contains(document.activeElement) && document.activeElement.dataset.key;
  parent.replaceChildren(...children.flat(Infinity));
  if (key) (parent.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? parent.querySelector("[data-key]"))?.focus({ preventScroll: true });
}

export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

// The time of day; of another day, the day too.
export function when(time) {
  const today = new Date(time).toDateString() === new Date().toDateString();
  return today ? clock(time) : `${new Date(time).toLocaleDateString()} ${clock(time)}`;
}

export const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export const isNarrow = () => matchMedia("(max-width: 62rem)").matches; // as in style.css: one column

export async function getJson(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// Calls `look` now and every so often while the view is shown and the page is in sight.
export function whileShown(view, seconds, look) {
  const once = async () => {
    if (!$(view).hidden && !document.hidden) await look().catch(console.error);
    setTimeout(once, seconds * 1000);
  };
  once();
  addEventListener("hashchange", () => $(view).hidden || look().catch(console.error));
}
