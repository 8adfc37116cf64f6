// Make calls with Mailpit's npm client, in order, and print what came of each.
// Usage: node call_mailpit.mjs URL, with [[METHOD, ARGUMENT, ...], ...] on standard input
import { readFileSync } from "node:fs";
import { MailpitClient } from "mailpit-api";

const client = new MailpitClient(process.argv[2]);
const outcomes = [];
for (const [method, ...args] of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const value = await client[method](...args);
    outcomes.push({ value: value instanceof Blob ? await value.text() : value });
  } catch (error) {
    outcomes.push({ error: error.message });
  }
}
const methods = Object.getOwnPropertyNames(MailpitClient.prototype);
console.log(JSON.stringify({ methods, outcomes }));
