// Puts back what was given up, by the command that a person would type.

import { post } from "./dom.js";

let pending = false;

// What came of it, or why the only one was left; null where another is still under way.
export async function putBack(kind, ids) {
  if (pending) return null;
  pending = true;
  const outcome = await post("/api/trouble/redrive", { kind, ids }).catch((error) => ({ output: error.message, complete: false }));
  pending = false;
  const lines = outcome.output.trim().split("\n");
  const left = lines.find((line) => line.startsWith(`${ids[0]} left: `));
  return { ...outcome, words: left?.replace(`${ids[0]} left`, "Left") ?? lines.at(-1) };
}
