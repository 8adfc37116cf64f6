// Fail when an AsyncAPI document is not valid, or could be better. Usage: node parse_asyncapi.mjs DOCUMENT
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const [file] = process.argv.slice(2);
// 3.1.0 brings nothing that is wanted here
const ruleset = { rules: { "asyncapi-latest-version": "off" } };
const { diagnostics } = await new Parser({ ruleset }).parse(readFileSync(file, "utf8"));
for (const { code, message, path, range } of diagnostics) {
  console.error(`${file}:${range.start.line + 1}: ${path.join(".")}: ${message} (${code})`);
}
process.exit(diagnostics.length === 0 ? 0 : 1);
