// Puts back what was given up, by the command that a person would type.

import { post } from "./dom.js";

let pending = false;

// What came of it; null where another is still under way.
export async function putBack(kind, ids) {
  if (pending) return null;
  pending = true;
  const outcome = await post("/api/trouble/redrive", { kind, ids }).catch((error) => ({ output: error.message, complete: false }));
  pending = false;
  return { ...outcome, words: outcome.output.trim().split("\n").at(-1) };
}
